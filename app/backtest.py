"""What a rule set reads from labelled mails, judged by field; two sets side by side show what changes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from models.directory import Directory
from models.directory_file import load_directory
from models.errors import UserError
from parsers.calibration import Case, Quality, quality
from parsers.rule_file import Curve

Row = dict[str, Any]
SETS = ("service_ids", "circuit_ids", "ip_addresses")
SCALARS = ("impact", "start_time", "fault_pattern", "has_test_results", "ticket_ref", "intent", "missing", "action")
# Fields of a mail that gets no answer are not judged, as in the corpus' own scoring.
ALWAYS = ("ticket_ref", "intent", "missing", "action")
# Where a value of a reading stands in the evidence.
EVIDENCE: dict[str, str] = {
    "service_ids": "service_id",
    "circuit_ids": "circuit_id",
    "ip_addresses": "ip_address",
    "impact": "impact",
    "start_time": "start_time",
    "fault_pattern": "fault_pattern",
    "has_test_results": "test_results",
    "ticket_ref": "ticket_ref",
}
_LEFT_OPEN = "left open:"


@dataclass(frozen=True, slots=True)
class Item:
    """One mail to read, as it came."""

    name: str
    raw: bytes
    received_at: datetime | None = None
    own: tuple[str, ...] = ()
    question: str | None = None
    customer_address: str = ""


@dataclass(slots=True)
class Tally:
    """How often one field was right; a wrong value stands where another or none is true."""

    correct: int = 0
    wrong: int = 0
    missed: int = 0
    cases: list[str] = field(default_factory=list)
    scored: list[Case] = field(default_factory=list)

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

    def quality(self, curve: Curve) -> Quality:
        """How well the probabilities of this field's values fit."""
        return quality(curve, self.scored)


@dataclass(frozen=True)
class Corpus:
    """Mails with what is true of them; `gold` holds a mail's true fields, not always all of them."""

    directory: Directory
    items: tuple[Item, ...]
    gold: Mapping[str, Row]


def load_corpus(folder: Path, own: tuple[str, ...] = ()) -> Corpus:
    """A folder with directory.json, gold.jsonl and mails/. Raises UserError naming what is missing."""
    try:
        lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
        gold = {row["id"]: row for row in map(json.loads, filter(None, lines))}
    except (OSError, ValueError, KeyError) as e:
        raise UserError(f"{folder / 'gold.jsonl'}: {e}") from e
    items = tuple(Item(p.stem, p.read_bytes(), own=own) for p in sorted((folder / "mails").glob("*.eml")) if p.stem in gold)
    if not items:
        raise UserError(f"{folder / 'mails'}: no .eml file that gold.jsonl names")
    return Corpus(load_directory(folder / "directory.json"), items, gold)


def judge(corpus: Corpus, read: Mapping[str, Row]) -> dict[str, Tally]:
    """Tallies by field over all mails that were read and of which the field's truth is known."""
    tallies = {name: Tally() for name in (*SETS, *SCALARS)}
    for name, gold in corpus.gold.items():
        got = read.get(name)
        if got is None:
            continue
        for key, tally in tallies.items():
            if key not in gold or (gold.get("action") == "none" and key not in ALWAYS):
                continue
            before = (tally.wrong, tally.missed)
            if key in SETS:
                _set(tally, {_norm(v) for v in gold[key]}, {_norm(v) for v in got[key]})
            else:
                _scalar(tally, key, gold[key], got[key])
            if (tally.wrong, tally.missed) != before:
                tally.cases.append(name)
            tally.scored.extend(_scored(key, gold[key], got))
    return tallies


def changes(a: Mapping[str, Row], b: Mapping[str, Row]) -> Iterable[tuple[str, str, Any, Any]]:
    """Mail, field, value before, value after, wherever two readings differ."""
    for name in a:
        for key in (*SETS, *SCALARS, "description"):
            if name in b and a[name][key] != b[name][key]:
                yield name, key, a[name][key], b[name][key]


def _scored(key: str, gold: Any, got: Row) -> Iterator[Case]:
    """Each value that was proposed for the field, filled or not, with its score and whether it is right."""
    best: dict[str, float] = {}
    for f in got["evidence"].get(EVIDENCE.get(key, ""), []):
        if f["status"] in ("filled", "confirm") or str(f["detail"]).startswith(_LEFT_OPEN):
            best[f["value"]] = max(best.get(f["value"], 0.0), f["score"])
    for value, score in best.items():
        yield Case(score, _right(key, gold, value))


def _right(key: str, gold: Any, value: str) -> bool:
    if key in SETS:
        return _norm(value) in {_norm(v) for v in gold}
    if key == "has_test_results":
        return bool(gold)
    if key == "start_time":
        return bool(gold) and _inside(gold, value)
    return bool(gold == value)


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


def _inside(gold: Mapping[str, str] | str, got: str) -> bool:
    """Whether an instant lies in the true interval; an agent's correction is one instant, right to the quarter of an hour."""
    if isinstance(gold, str):
        return abs((datetime.fromisoformat(gold) - datetime.fromisoformat(got)).total_seconds()) <= 900
    return datetime.fromisoformat(gold["earliest"]) <= datetime.fromisoformat(got) <= datetime.fromisoformat(gold["latest"])


def _norm(value: str) -> str:
    return " ".join(str(value).split()).upper()
