"""Reads the corpora through the real command line and prints how often it was right, with 95 % Wilson bounds.

python -m benchmarks.accuracy [--failures]
"""

from __future__ import annotations

import json
import math
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OPEN = ROOT / "tests" / "corpus" / "open"


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


def predictions(target: Path) -> tuple[Path, Path]:
    mails, calls = target / "mails.jsonl", target / "calls.jsonl"
    directory = str(OPEN / "directory.json")
    files = sorted(str(p) for p in (OPEN / "mails").glob("*.eml"))
    run("read", *files, "--directory", directory, "--own", "noc@halverlink.example", "--out", str(mails))
    run("hear", str(OPEN / "calls.jsonl"), "--directory", directory, "--out", str(calls))
    return mails, calls


def show(name: str, right: int, of: int) -> None:
    low, high = wilson(right, of)
    print(f"| {name} | {right} of {of} | {100 * right / of if of else 100:.1f} % | {low:.1f} - {high:.1f} |")


def main() -> None:
    score = runpy.run_path(str(OPEN / "score.py"))
    with tempfile.TemporaryDirectory() as folder:
        mails, calls = predictions(Path(folder))
        load: Any = score["load"]
        gold = load(OPEN / "gold.jsonl")
        result = score["score_mails"](gold, load(mails))
        tallies, _ = score["score_calls"](load(OPEN / "calls.jsonl"), load(calls))
    print("| open corpus | right | share | 95 % Wilson |\n| --- | --- | --- | --- |")
    for name, t in result["fields"].items():
        show(f"{name}: precision", t.correct, t.correct + t.wrong + t.spurious)
        show(f"{name}: recall", t.correct, t.correct + t.wrong + t.missed)
    wrong = set(result["missing"]) | set(result["action"])
    show("missing exactly right", len(gold) - len(result["missing"]), len(gold))
    show("action", len(gold) - len(result["action"]), len(gold))
    show("missing and action both right", len(gold) - len(wrong), len(gold))
    total = [sum(getattr(t, k) for t in tallies.values()) for k in ("correct", "wrong", "missed", "spurious")]
    show("calls: recall", total[0], total[0] + total[1] + total[2])
    show("calls: precision", total[0], total[0] + total[1] + total[3])
    if "--failures" in sys.argv:
        score["report_mails"](result, True, True)
        print(json.dumps({k: t.fails for k, t in tallies.items()}))


if __name__ == "__main__":
    main()
