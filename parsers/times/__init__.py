"""Reads when a fault began: from a whole message, or from a bare answer.

The start of the fault is wanted, not that of a test, a restart, a shift or the repair. Nothing here raises on any text.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from models.reading import Finding, Span, Step, Zone
from models.words import FindingStatus
from parsers.rules import RuleSet, default_rules
from parsers.times.atoms import scan
from parsers.times.choose import VERSION, Candidate, candidates, decide, finding
from parsers.times.expr import Expr
from parsers.times.expressions import expressions
from parsers.times.fold import fold
from parsers.times.form_labels import start_left_open
from parsers.times.lexicon import words_of
from parsers.times.resolve import Base, resolve
from parsers.times.speech import corrected, spoken_digits

__all__ = ["VERSION", "find_start", "parse_expression"]
_LOG = logging.getLogger(__name__)
_LIMIT, _ANSWER = 200_000, 200
_TOLD = frozenset({"failed", "began", "since"})
_OUTRANKED = "the answer to our question counts"
_UNKNOWN = re.compile(r"\b(?:don'?t know|do not know|no idea|not sure|unknown|n/a|only just)\b", re.I)


def find_start(
    text: str,
    zones: Sequence[Zone],
    *,
    received_at: datetime,
    timezone: str | None,
    header_offset: timedelta | None,
    rules: RuleSet | None = None,
    language: str = "",
    answers: Sequence[Span] = (),
    asked: bool = False,
    faulty: bool = False,
) -> list[Finding]:
    """Every time that `text` names, at most one of them filled as the start of the fault.

    `timezone` is the customer's IANA zone, `header_offset` the offset of the Date header; UTC is the last resort.
    `answers` are the spans below our own question for the start; `asked` says that we asked for it at all,
    `faulty` that the text tells of a fault: then its only time counts without a word for a beginning.
    """
    base = Base(received_at, timezone, header_offset, words_of(rules or default_rules()), language)
    try:
        faulty = faulty and not start_left_open(fold(text[:_LIMIT]), base.words)
        found = decide(candidates(text[:_LIMIT], zones, base, asked=asked), text, faulty=faulty)
        return _with_answer(found, [_answer(text, span, base) for span in answers])
    except (ValueError, OverflowError, IndexError, KeyError, TypeError):
        _LOG.exception("start time not read")
        return []


def _answer(text: str, span: Span, base: Base) -> Finding | None:
    read = _bare(text[span[0] : min(span[1], span[0] + _ANSWER)], base)
    return replace(read, raw=text[span[0] : span[1]], spans=(span,)) if read else None


def _with_answer(found: list[Finding], answers: Sequence[Finding | None]) -> list[Finding]:
    """An answer to our question outranks what else the text says."""
    first = next((a for a in answers if a), None)
    if first is None:
        return found
    out = [
        f if f.status is FindingStatus.REFUSED else replace(f, status=FindingStatus.REFUSED, detail=_OUTRANKED) for f in found
    ]
    return [first, *out]


def parse_expression(
    text: str, *, received_at: datetime, timezone: str | None, header_offset: timedelta | None = None
) -> Finding | None:
    """The time that a bare answer names, or None: "about an hour ago", "three p m eastern", "0730"."""
    try:
        return _bare(text[:500], Base(received_at, timezone, header_offset))
    except (ValueError, OverflowError, IndexError, KeyError, TypeError):
        _LOG.exception("answer not read")
        return None


def _bare(text: str, base: Base) -> Finding | None:
    spoken = corrected(spoken_digits(text.strip()))
    said = scan(spoken)
    if any(a.tags.get("other") == "the end of a fault" for a in said) and not any(a.tags.keys() & _TOLD for a in said):
        return None
    found = expressions(said, bare=True) or expressions(scan(text), bare=True)
    if not found or (_UNKNOWN.search(text) and not any(e.clock or e.age for e in found)):
        return None
    expr = _merged(found)
    resolved = resolve(expr, base)
    if resolved is None or resolved.refused:
        return None
    steps = (Step("answer to the question for the start", 0.8),)
    rule = (
        "time.relative.answer"
        if expr.age
        else "time.clock.answer"
        if expr.clock
        else "time.part.answer"
        if expr.part
        else "time.day.answer"
    )
    status = FindingStatus.CONFIRM if resolved.doubt else FindingStatus.FILLED
    start = len(text) - len(text.lstrip())
    candidate = Candidate(expr, resolved, start, len(text.rstrip()), rule, steps)
    return finding(candidate, text, status, resolved.doubt or f"read in zone {resolved.zone}")


def _merged(found: list[Expr]) -> Expr:
    """The first expression, with the day or the clock that a second one adds; an age said twice counts as said last."""
    first = found[0]
    for other in found[1:]:
        if other.age and first.age:
            return other
        if other.clock and not first.clock and not first.age:
            return _joined(other, first)
        if first.clock and not first.has_day and other.has_day and not other.clock:
            return _joined(first, other)
    return first


def _joined(clock: Expr, day: Expr) -> Expr:
    if clock.has_day:
        return clock
    return Expr(
        clock.i,
        clock.j,
        day.date,
        clock.clock,
        clock.end_clock,
        day.day,
        day.weekday,
        clock.part or day.part,
        day.night,
        clock.zone,
        clock.approx,
        spoken=clock.spoken,
    )
