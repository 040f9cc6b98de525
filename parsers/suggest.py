"""Rules that people's corrections, or words that somebody marks, speak for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from spacy.lang.en.stop_words import STOP_WORDS

from models.errors import RuleError
from models.words import Impact, Intent, Pattern
from parsers.rule_file import Rule, rule_of
from parsers.rules import normal_label

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_LONGEST = 4
_ENOUGH = 3
# A proposal must be right in so many of the texts that hold its words and of which a value is known.
_SHARE = 0.8
_MOST = 30
_WEIGHT = 0.8
MEANINGS: dict[str, str] = (
    {f"impact={v.value}": f"impact: {v.value.replace('_', ' ')}" for v in Impact}
    | {f"fault_pattern={v.value}": f"fault pattern: {v.value}" for v in Pattern}
    | {f"intent={v.value}": f"what is wanted: {v.value.replace('_', ' ')}" for v in Intent}
    | {"service_id": "an ID of a service, and all of its form", "circuit_id": "an ID of a circuit, and all of its form"}
    | {f"label={f}": f"the label of the {f.replace('_', ' ')}" for f in ("service_id", "start_time", "impact", "circuit_id")}
    | {"label=negative": "the label of a number that is none of our IDs"}
)


@dataclass(frozen=True, slots=True)
class Said:
    """A contact of which the value of a field is known: by a person (`corrected` if the reading was another), or as read."""

    contact: int
    text: str
    field: str
    value: str
    corrected: bool
    by_person: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule with the corrections behind it; `against` are contacts with the same words and another value."""

    key: str
    rule: Rule
    words: str
    cases: tuple[int, ...]
    against: tuple[int, ...] = field(default=())


def rule_for(words: str, meaning: str) -> Rule:
    """The rule for words that somebody marked. Raises RuleError where they cannot stand for that."""
    words = " ".join(words.split())
    kind, _, value = meaning.partition("=")
    if meaning not in MEANINGS:
        raise RuleError("choose what the words stand for")
    if not any(c.isalnum() for c in words):
        raise RuleError("mark at least one word")
    name = f"own.{kind.partition('_')[0]}.{_slug(words)}"
    if kind in ("service_id", "circuit_id"):
        row: dict[str, object] = {"kind": "family", "field": kind, "values": [shape(words)], "id": f"own.family.{_slug(words)}"}
    elif kind == "label":
        row = {"kind": "label", "field": value, "values": [normal_label(words)], "weight": 0.3, "id": name}
    else:
        row = {"kind": "phrase", "field": kind, "meaning": value, "values": [words.casefold()], "weight": _WEIGHT, "id": name}
    hit = f"{words}: x" if kind == "label" else words
    return rule_of(
        row | {"note": f"proposed from the words {words!r}", "examples": {"hit": [words if kind == "label" else hit]}}
    )


def shape(identifier: str) -> str:
    """An expression for all IDs written like this one. Raises RuleError for words without a number."""
    runs = re.findall(r"[^\W\d_]+|\d+|[\W_]", identifier.strip())
    if not any(r.isdigit() for r in runs) or " " in runs or len(identifier) > 40:
        raise RuleError(f"{identifier[:40]!r} does not look like an ID: it needs a digit, and no blank")
    if not any(r.isalpha() for r in runs):
        raise RuleError(f"{identifier[:40]!r} is a bare number; as a form it would be found in every phone number and date")
    return "".join(rf"\d{{{len(r)}}}" if r.isdigit() else re.escape(r.upper()) for r in runs)


def mine(known: Sequence[Said], decided: frozenset[str]) -> list[Proposal]:
    """Proposals from the corrections among these, the best supported first; those that were decided on are left out."""
    out = [p for p in (*_phrases(known), *_families(known)) if p.key not in decided]
    return sorted(out, key=lambda p: (-len(p.cases), p.words))[:_MOST]


def _phrases(known: Sequence[Said]) -> Iterator[Proposal]:
    grams = {s.contact: frozenset(_grams(s.text)) for s in known}
    for name in ("impact", "fault_pattern", "intent"):
        of_field = [s for s in known if s.field == name]
        for value in sorted({s.value for s in of_field if s.corrected and s.value}):
            if f"{name}={value}" in MEANINGS:
                yield from _of_value(name, value, of_field, grams)


def _of_value(name: str, value: str, known: Sequence[Said], grams: dict[int, frozenset[str]]) -> Iterator[Proposal]:
    corrected = [s for s in known if s.corrected and s.value == value]
    counts = Counter(g for s in corrected for g in grams[s.contact])
    taken: list[frozenset[int]] = []
    for gram, count in sorted(counts.items(), key=lambda x: (-x[1], -len(x[0]), x[0])):
        if count < _ENOUGH:
            return
        cases = frozenset(s.contact for s in corrected if gram in grams[s.contact])
        against = tuple(s.contact for s in known if s.value and s.value != value and gram in grams[s.contact])
        if cases in taken or count < _SHARE * (count + len(against)):
            continue
        taken.append(cases)
        try:
            rule = rule_for(gram, f"{name}={value}")
        except RuleError:
            continue
        yield Proposal(f"{name}={value}:{gram}", rule, gram, tuple(sorted(cases)), against)


def _families(known: Sequence[Said]) -> Iterator[Proposal]:
    """Forms of IDs that people had to put in by hand although they stand in the text."""
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for s in known:
        if s.field not in ("service_id", "circuit_id") or not s.corrected or s.value.casefold() not in s.text.casefold():
            continue
        try:
            found.setdefault((s.field, shape(s.value)), []).append((s.contact, s.value))
        except RuleError:
            continue
    for (name, form), rows in found.items():
        if len(rows) >= _ENOUGH:
            rule = rule_for(rows[0][1], name)
            yield Proposal(f"{name}:{form}", rule, form, tuple(sorted({c for c, _ in rows})))


def _grams(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for part in re.split(r"[.,;:!?()\"]+", line):
            yield from _of_words([m.group().casefold() for m in _WORD.finditer(part)])


def _of_words(words: Sequence[str]) -> Iterator[str]:
    for size in range(1, _LONGEST + 1):
        for i in range(len(words) - size + 1):
            gram = words[i : i + size]
            if _says_something(gram):
                yield " ".join(gram)


def _says_something(gram: Sequence[str]) -> bool:
    """Whether a rule of these words could be meant: it begins and ends with a word of weight, and has no number."""
    ends_ok = all(w not in STOP_WORDS and len(w) > 2 for w in (gram[0], gram[-1]))
    return ends_ok and not any(c.isdigit() for w in gram for c in w)


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.casefold()).strip("-")[:40] or "words"


def said_of(
    contact: int, text: str, labels: dict[str, object], read: dict[str, object], fields: Iterable[str]
) -> Iterator[Said]:
    """What is known of one contact, field by field: a person's word before what was read."""
    for name in fields:
        if name in labels:
            value = labels[name]
            yield Said(contact, text, name, str(value or ""), value != read.get(name), by_person=True)
        elif read.get(name):
            yield Said(contact, text, name, str(read[name]), corrected=False, by_person=False)
    for plural, single in (("service_ids", "service_id"), ("circuit_ids", "circuit_id")):
        true, was = labels.get(plural), read.get(plural)
        for value in true if isinstance(true, list) else ():
            missed = not isinstance(was, list) or value not in was
            yield Said(contact, text, single, str(value), corrected=missed, by_person=True)
