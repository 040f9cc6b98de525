"""Sentences with their clauses, over zones, with offsets into the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.reading import Zone
from models.words import ZoneKind
from parsers.impact.fold import Token, tokens

_BREAK = re.compile(r"(?<=[.!?…。])[\"')]*\s+|;|\n")
_BULLET = re.compile(r"\s*(?:[-*•·>|+]|\d{1,2}[.)]|\[.?\])\s")
_LABEL = re.compile(r"[ \t]*[^\n:=.!?]{2,45}(?:[:=]|\.{3,})[ \t]")
# The cells of a row stand three blanks apart or more.
_ROW = re.compile(r"[^\n]*\S {3,}\S")
_CUT = re.compile(r"[,:()]|\s[-–—/]+\s|--|—|=")
_SHORT_LINE = 48


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words of one sentence; `clause[i]` numbers the clause of word i."""

    kind: ZoneKind
    start: int
    end: int
    words: tuple[Token, ...]
    clause: tuple[int, ...]
    question: bool


def _wraps(text: str, at: int, line_start: int, end: int) -> bool:
    """Whether the line break at `at` merely wraps running prose."""
    after = text[at + 1 : min(end, at + 80)]
    if not after.strip() or after[0] in "\n\r" or at - line_start < _SHORT_LINE:
        return False
    if _ROW.match(text, line_start, at):
        return False
    return not (_BULLET.match(after) or _LABEL.match(after) or _ROW.match(after))


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = line = start
    for cut in _BREAK.finditer(text, start, end):
        newline = cut.group().find("\n")
        if cut.group() == "\n" and _wraps(text, cut.start(), line, end):
            line = cut.end()
            continue
        if cut.start() > at:
            yield at, cut.start()
        at = cut.end()
        line = at if newline >= 0 else line
    if at < end:
        yield at, end


def _clauses(text: str, words: Sequence[Token]) -> tuple[int, ...]:
    """The number of each word's clause; what stands in brackets has one below zero, and the clause goes on behind it."""
    out, number, inside = [], 1, 0
    for i, word in enumerate(words):
        gap = text[words[i - 1].end : word.start] if i else " "
        if gap != " " and gap.strip():
            if "(" in gap and ")" not in gap:
                inside += 1
            elif ")" in gap and inside:
                inside = 0
                number += bool(_CUT.search(gap.replace(")", "")))
            elif _CUT.search(gap):
                number += 1
        out.append(-number - inside * 1000 if inside else number)
    return tuple(out)


def sentences(text: str, zones: Sequence[Zone]) -> list[Sentence]:
    """All sentences of the given zones."""
    out = []
    for zone in zones:
        for start, end in _pieces(text, max(zone.start, 0), min(zone.end, len(text))):
            words = tokens(text, start, end)
            if words:
                asks = text[start:end].rstrip(" \"')").endswith("?")
                out.append(Sentence(zone.kind, start, end, tuple(words), _clauses(text, words), asks))
    return out
