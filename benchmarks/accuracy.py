"""Reads the corpora through the real command line and prints how often it was right, with 95 % Wilson bounds.

python -m benchmarks.accuracy [--failures]

The open corpus; the own corpus, of which the first 130 mails were there to learn from and the others were held out; the
batches of other providers, each with what was right when the program read it for the first time; and sentences in many
languages. Each is left out where its files are not there.
"""

from __future__ import annotations

import json
import math
import runpy
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from email import message_from_bytes
from email.utils import getaddresses
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "corpus"
OPEN = CORPUS / "open"
_DEVELOPMENT = "130"
# A language counts as read when what is read of start and impact is right this often, and found this often, in per cent.
_PRECISE, _FOUND, _SENTENCES = 90.0, 75.0, 15
Gold = dict[str, Any]


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a share, in per cent."""
    if of == 0:
        return (0.0, 100.0)
    z, p = 1.96, right / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return 100 * (middle - half), 100 * (middle + half)


def run(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "app", *arguments], check=True, cwd=ROOT)


def is_development(name: str) -> bool:
    """Whether a mail of the own corpus was there to learn from."""
    return name <= _DEVELOPMENT


def own_addresses(mails: list[Path]) -> list[str]:
    """The addresses that the mails went to, of the domain that most of them went to."""
    to = Counter(
        address.lower()
        for path in mails
        for _, address in getaddresses([str(v) for v in message_from_bytes(path.read_bytes()).get_all("To", [])])
        if "@" in address
    )
    domains = Counter[str]()
    for address, count in to.items():
        domains[address.partition("@")[2]] += count
    home = domains.most_common(1)[0][0] if domains else ""
    return sorted(a for a in to if a.endswith("@" + home))


def predictions(corpus: Path, target: Path) -> tuple[Path, Path | None]:
    """The lines of `intake read` and, where the corpus has calls, of `intake hear`."""
    mails, calls = target / f"{corpus.name}-mails.jsonl", target / f"{corpus.name}-calls.jsonl"
    directory = str(corpus / "directory.json")
    files = sorted((corpus / "mails").glob("*.eml"))
    own = [part for address in own_addresses(files) for part in ("--own", address)]
    run("read", *map(str, files), "--directory", directory, *own, "--out", str(mails))
    if not (corpus / "calls.jsonl").exists():
        return mails, None
    run("hear", str(corpus / "calls.jsonl"), "--directory", directory, "--out", str(calls))
    return mails, calls


def head(title: str) -> None:
    print(f"\n| {title} | right | share | 95 % Wilson |\n| --- | --- | --- | --- |")


def show(name: str, right: int, of: int) -> None:
    low, high = wilson(right, of)
    share = f"{100 * right / of:.1f} %" if of else "-"
    print(f"| {name} | {right} of {of} | {share} | {low:.1f} - {high:.1f} |")


def mails(title: str, score: Mapping[str, Any], gold: Any, read: Any, keep: Callable[[str], bool]) -> Any:
    """The table of one set of mails."""
    chosen = {k: v for k, v in gold.items() if keep(k)}
    result = score["score_mails"](chosen, {k: v for k, v in read.items() if keep(k)})
    head(title)
    for name, t in result["fields"].items():
        show(f"{name}: precision", t.correct, t.correct + t.wrong + t.spurious)
        show(f"{name}: recall", t.correct, t.correct + t.wrong + t.missed)
    wrong = set(result["missing"]) | set(result["action"])
    show("missing exactly right", len(chosen) - len(result["missing"]), len(chosen))
    show("action", len(chosen) - len(result["action"]), len(chosen))
    show("missing and action both right", len(chosen) - len(wrong), len(chosen))
    return result


def calls(title: str, score: Mapping[str, Any], gold: Path, heard: Path) -> Any:
    load = score["load"]
    tallies, _ = score["score_calls"](load(gold), load(heard))
    total = [sum(getattr(t, k) for t in tallies.values()) for k in ("correct", "wrong", "missed", "spurious")]
    head(title)
    show("recall", total[0], total[0] + total[1] + total[2])
    show("precision", total[0], total[0] + total[1] + total[3])
    return {k: t.fails for k, t in tallies.items()}


def corpus(folder: Path, score: Mapping[str, Any], target: Path, parts: Mapping[str, Callable[[str], bool]]) -> None:
    load = score["load"]
    read, heard = predictions(folder, target)
    gold, got = load(folder / "gold.jsonl"), load(read)
    for title, keep in parts.items():
        result = mails(title, score, gold, got, keep)
        if "--failures" in sys.argv:
            score["report_mails"](result, True, True)
    if heard:
        fails = calls(f"{folder.name} corpus: calls", score, folder / "calls.jsonl", heard)
        if "--failures" in sys.argv:
            print(json.dumps(fails, ensure_ascii=False))


def first_look(folder: Path) -> None:
    """What was right when the batch was read for the first time, as it was written down then."""
    head(f"batch {folder.name}, first look")
    for name, t in json.loads((folder / "first-look.json").read_text(encoding="utf-8")).items():
        if "of" in t:
            show("missing exactly right" if name == "missing" else name, t["right"], t["of"])
            continue
        show(f"{name}: precision", t["correct"], t["correct"] + t["wrong"] + t["spurious"])
        show(f"{name}: recall", t["correct"], t["correct"] + t["wrong"] + t["missed"])


def languages(folder: Path) -> None:
    """Per language: what was read of start, impact and pattern, each read value right or wrong."""
    from models.directory import Customer, Directory, Person
    from parsers import read_text

    head("languages")
    short: list[str] = []
    for path in sorted(folder.glob("*.jsonl")):
        counts = {name: [0, 0, 0] for name in ("start", "impact", "fault_pattern")}
        lines = list(filter(None, path.read_text(encoding="utf-8").splitlines()))
        for line in lines:
            row: Gold = json.loads(line)
            writer = Customer("C", "C", ("writer.example",), (Person("W", "w@writer.example"),), row.get("timezone") or "UTC")
            at = datetime.fromisoformat(row["received_at"])
            reading = read_text(row["text"], directory=Directory((writer,), ()), sender="w@writer.example", received_at=at)
            got = {"impact": reading.impact, "fault_pattern": reading.fault_pattern, "start": reading.start_time}
            for name, tally in counts.items():
                _count(tally, row.get(name), got[name])
                if "--failures" in sys.argv and not _right(row.get(name), got[name]):
                    print(f"{path.stem} {row['id']} {name}: {row.get(name)} but read {got[name]}")
        for name, (correct, wrong, absent) in counts.items():
            show(f"{path.stem} {name.replace('_', ' ')}: precision", correct, correct + wrong)
            show(f"{path.stem} {name.replace('_', ' ')}: recall", correct, correct + absent)
        told = [counts[name] for name in ("start", "impact")]
        if len(lines) < _SENTENCES or not all(_reads(*tally) for tally in told):
            short.append(path.stem)
    print(f"\nNot read well enough: {', '.join(short) or 'no language'}.")


def _reads(correct: int, wrong: int, absent: int) -> bool:
    found, true = 100 * correct / max(1, correct + wrong), 100 * correct / max(1, correct + absent)
    return found >= _PRECISE and true >= _FOUND


def _right(gold: Any, got: Any) -> bool:
    if gold is None or got is None:
        return gold is None and got is None
    if isinstance(gold, dict):
        return bool(datetime.fromisoformat(gold["earliest"]) <= got <= datetime.fromisoformat(gold["latest"]))
    return bool(str(got.value) == gold)


def _count(tally: list[int], gold: Any, got: Any) -> None:
    """Correct; wrong or spurious; true but not read so."""
    right = gold is not None and got is not None and _right(gold, got)
    tally[0] += right
    tally[1] += got is not None and not right
    tally[2] += gold is not None and not right


def main() -> None:
    score = runpy.run_path(str(OPEN / "score.py"))
    own = CORPUS / "own"
    with tempfile.TemporaryDirectory() as folder:
        corpus(OPEN, score, Path(folder), {"open corpus": lambda _: True})
        if (own / "gold.jsonl").exists():
            halves = {
                "own corpus, development half": is_development,
                "own corpus, held-out half": lambda name: not is_development(name),
            }
            corpus(own, score, Path(folder), halves)
        for batch in sorted((own / "batches").glob("*/gold.jsonl")):
            first_look(batch.parent)
            corpus(batch.parent, score, Path(folder), {f"batch {batch.parent.name}, now": lambda _: True})
    if (CORPUS / "languages").is_dir():
        languages(CORPUS / "languages")


if __name__ == "__main__":
    main()
