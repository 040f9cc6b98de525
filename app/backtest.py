"""Reads labelled mails with a rule set and counts what it got right; two sets side by side show what changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.directory import Directory
from models.directory_file import load_directory
from models.errors import UserError

if TYPE_CHECKING:
    from parsers.rules import RuleSet

SETS = ("service_ids", "circuit_ids", "ip_addresses")
SCALARS = ("impact", "start_time", "fault_pattern", "has_test_results", "ticket_ref", "intent", "missing", "action")
# Fields of a mail that gets no answer are not judged, as in the corpus' own scoring.
ALWAYS = ("ticket_ref", "intent", "missing", "action")


@dataclass(slots=True)
class Tally:
    """How often one field was right; a wrong value stands where another or none is true."""

    correct: int = 0
    wrong: int = 0
    missed: int = 0
    cases: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.correct / (self.correct + self.wrong) if self.correct + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.correct / (self.correct + self.missed) if self.correct + self.missed else 1.0

    @property
    def f1(self) -> float:
        p, r = self.precision, self.recall
        return 2 * p * r / (p + r) if p + r else 0.0


@dataclass(frozen=True)
class Corpus:
    directory: Directory
    mails: tuple[tuple[str, Path], ...]
    gold: dict[str, dict[str, Any]]


def load_corpus(folder: Path) -> Corpus:
    """A folder with directory.json, gold.jsonl and mails/. Raises UserError naming what is missing."""
    try:
        lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
        gold = {row["id"]: row for row in map(json.loads, filter(None, lines))}
    except (OSError, ValueError, KeyError) as e:
        raise UserError(f"{folder / 'gold.jsonl'}: {e}") from e
    mails = tuple((p.stem, p) for p in sorted((folder / "mails").glob("*.eml")) if p.stem in gold)
    if not mails:
        raise UserError(f"{folder / 'mails'}: no .eml file that gold.jsonl names")
    return Corpus(load_directory(folder / "directory.json"), mails, gold)


def read_all(
    corpus: Corpus, rules: RuleSet | None, own: tuple[str, ...], step: Callable[[], None]
) -> dict[str, dict[str, Any]]:
    """The line of `intake read` for every mail; `step` is called after each."""
    from parsers import read_mail

    out: dict[str, dict[str, Any]] = {}
    for name, path in corpus.mails:
        out[name] = read_mail(path.read_bytes(), directory=corpus.directory, own_addresses=own, rules=rules).as_row()
        step()
    return out


def judge(corpus: Corpus, read: dict[str, dict[str, Any]]) -> dict[str, Tally]:
    """Tallies by field over all mails."""
    tallies = {name: Tally() for name in (*SETS, *SCALARS)}
    for name, gold in corpus.gold.items():
        got = read.get(name)
        if got is None:
            continue
        for key, tally in tallies.items():
            if gold["action"] == "none" and key not in ALWAYS:
                continue
            before = (tally.wrong, tally.missed)
            if key in SETS:
                _set(tally, {_norm(v) for v in gold[key]}, {_norm(v) for v in got[key]})
            else:
                _scalar(tally, key, gold[key], got[key])
            if (tally.wrong, tally.missed) != before:
                tally.cases.append(name)
    return tallies


def changes(a: dict[str, dict[str, Any]], b: dict[str, dict[str, Any]]) -> Iterable[tuple[str, str, Any, Any]]:
    """Mail, field, value before, value after, wherever two readings differ."""
    for name in a:
        for key in (*SETS, *SCALARS, "description"):
            if a[name][key] != b[name][key]:
                yield name, key, a[name][key], b[name][key]


def _set(tally: Tally, gold: set[str], got: set[str]) -> None:
    extra, absent = len(got - gold), len(gold - got)
    tally.correct += len(gold & got)
    tally.wrong += extra
    tally.missed += max(0, absent - extra)


def _scalar(tally: Tally, key: str, gold: Any, got: Any) -> None:
    if key == "missing":
        gold, got = sorted(gold) or "none", sorted(got) or "none"
    gold, got = gold or None, got or None
    if got is None:
        tally.missed += gold is not None
    elif gold is not None and (_inside(gold, got) if key == "start_time" else gold == got):
        tally.correct += 1
    else:
        tally.wrong += 1


def _inside(gold: dict[str, str], got: str) -> bool:
    return datetime.fromisoformat(gold["earliest"]) <= datetime.fromisoformat(got) <= datetime.fromisoformat(gold["latest"])


def _norm(value: str) -> str:
    return " ".join(str(value).split()).upper()
