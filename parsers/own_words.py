"""Tells the customer's words from our own: our question comes back copied, wrapped anew, with or without quote marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.reading import Zone
from models.words import MANDATORY, ZoneKind
from parsers.labels import Labelled
from parsers.rules import RuleSet

_WORD = re.compile(r"\w+")
_HEADING = re.compile(r"^[>\s]*\d{1,2}[.)]\s+(.+?)\s*[:?]?\s*$")
_LABEL_LINE = re.compile(r"^[>\s]*[^\n:]{2,40}:\s*$")
_STRONG, _ENOUGH, _REACH, _SHORT_REPLY = 4, 2, 8, 12
_MINE = frozenset({ZoneKind.PROSE, ZoneKind.FORM, ZoneKind.LOG, ZoneKind.FORWARDED})
_ASKABLE = frozenset(f.value for f in MANDATORY)


@dataclass(frozen=True, slots=True)
class OwnText:
    """Our mail as sent: its lines and its running words, folded, and the fields that it asks for."""

    lines: frozenset[str]
    words: str
    asked: tuple[str, ...]


@dataclass(slots=True)
class _Line:
    start: int
    end: int
    kind: ZoneKind
    ours: int | None = None
    """How far from the line's start our own words reach; None for none of ours."""


def own_text(sent: str, rules: RuleSet) -> OwnText:
    """What to compare with, from the text of the mail that we sent."""
    lines = [_folded(line) for line in sent.split("\n")]
    asked = tuple(f for line in sent.split("\n") if (f := _heading(line, rules)))
    return OwnText(frozenset(x for x in lines if x), f" {' '.join(x for x in lines if x)} ", tuple(dict.fromkeys(asked)))


def set_apart(text: str, zones: Sequence[Zone], own: OwnText, rules: RuleSet) -> tuple[tuple[Zone, ...], tuple[Labelled, ...]]:
    """The zones with our own lines marked as quoted, and the customer's words that stand below a question of ours."""
    lines = list(_lines(text, zones))
    for n, line in enumerate(lines):
        line.ours = _reach(text, line, lines[n - 1] if n else None, own)
    if sum(x.ours is not None for x in lines) < _ENOUGH:
        return tuple(zones), _whole(text, zones, own)
    answers = tuple(_answers(text, lines, rules))
    return _rezoned(text, lines), answers or _whole(text, zones, own)


def _folded(line: str) -> str:
    return " ".join(_WORD.findall(line.lower()))


def _heading(line: str, rules: RuleSet) -> str | None:
    m = _HEADING.match(line)
    field = rules.label_field(m[1]) if m else None
    return field if field in _ASKABLE else None


def _lines(text: str, zones: Sequence[Zone]) -> Iterator[_Line]:
    for z in zones:
        at = z.start
        for piece in text[z.start : z.end].split("\n"):
            yield _Line(at, at + len(piece), z.kind)
            at += len(piece) + 1


def _reach(text: str, line: _Line, before: _Line | None, own: OwnText) -> int | None:
    raw = text[line.start : line.end]
    name = _folded(raw)
    if not name:
        return None
    count = len(name.split())
    if f" {name} " in own.words and (count >= _STRONG or name in own.lines):
        return len(raw)
    if before is not None and before.ours is not None and count < _STRONG:
        joined = f"{_folded(text[before.start : before.end])} {name}"
        return len(raw) if f" {joined} " in own.words else None
    return _prefix(raw, own)


def _prefix(raw: str, own: OwnText) -> int | None:
    """Our question with the answer on the same line; a short label is left in front of its value."""
    for m in re.finditer(r"[?:.)]\s+", raw):
        name = _folded(raw[: m.end()])
        if len(name.split()) > _STRONG and f" {name} " in own.words:
            last = m.end()
            rest = [n.end() for n in re.finditer(r"[?:.)]\s+", raw) if f" {_folded(raw[: n.end()])} " in own.words]
            return max([last, *rest])
    return None


def _answers(text: str, lines: Sequence[_Line], rules: RuleSet) -> Iterator[Labelled]:
    field, label, distance = None, "", 0
    run: tuple[int, int] | None = None
    for line in [*lines, _Line(len(text), len(text), ZoneKind.SIGNATURE)]:
        raw = text[line.start : line.end]
        if not raw.strip(" >\t"):
            continue
        theirs = line.ours is None and line.kind in _MINE
        if theirs and field:
            run = (run[0] if run else line.start, line.end)
        elif field and line.ours is not None and line.ours < len(raw) and line.kind is not ZoneKind.QUOTED:
            yield Labelled(field, label, line.start + line.ours, line.end)
        if theirs:
            continue
        if run and field:
            yield Labelled(field, label, *run)
            run, field = None, None
        found = _heading(raw, rules)
        distance = 0 if found else distance + 1
        if found:
            field, label = found, raw.strip(" >")
        elif distance > _REACH or raw.isupper() or line.kind in (ZoneKind.SIGNATURE, ZoneKind.DISCLAIMER):
            field = None


def _whole(text: str, zones: Sequence[Zone], own: OwnText) -> tuple[Labelled, ...]:
    """A short reply to a question for one field is the answer as it stands."""
    prose = [z for z in zones if z.kind is ZoneKind.PROSE]
    if len(own.asked) != 1 or len(prose) != 1:
        return ()
    z = prose[0]
    short = len(text[z.start : z.end].split()) <= _SHORT_REPLY
    return (Labelled(own.asked[0], "our question", z.start, z.end),) if short else ()


def _rezoned(text: str, lines: Sequence[_Line]) -> tuple[Zone, ...]:
    out: list[Zone] = []
    for line in lines:
        reach = line.ours if line.kind in _MINE and not _LABEL_LINE.match(text[line.start : line.end]) else None
        parts = [(line.kind, line.start, line.end)]
        if reach is not None:
            cut = line.start + reach
            parts = [(ZoneKind.QUOTED, line.start, cut), (line.kind, cut, line.end)]
        for kind, a, b in parts:
            if not text[a:b].strip():
                continue
            if out and out[-1].kind is kind and kind is not ZoneKind.SUBJECT:
                out[-1] = Zone(kind, out[-1].start, b)
            else:
                out.append(Zone(kind, a, b))
    return tuple(out)
