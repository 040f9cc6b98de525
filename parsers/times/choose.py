"""Weighs the candidates and decides which of them is the start of the fault."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from models.clock import iso
from models.reading import Finding, Step, Zone
from models.words import Field, FindingStatus, ZoneKind
from parsers.lexicons import Where
from parsers.times import marks
from parsers.times.atoms import Atom, scan
from parsers.times.context import Reader
from parsers.times.days import base_at, forwarded_dates, is_span, of_that_day, same_moment
from parsers.times.expr import Expr
from parsers.times.expressions import expressions
from parsers.times.fold import fold
from parsers.times.form_labels import bulleted, heads_list
from parsers.times.logs import Stamp, stamp_at, stamps
from parsers.times.resolve import Base, Resolved, resolve
from parsers.times.verdict import Context

VERSION = "2026.11.1"
ENOUGH = 0.45
NEAR_TOP = 0.12
_NAMED = 0.2
# What is shorter is a time, what is longer a part of a day or a day, named beside it for another reason.
_EXACT = timedelta(minutes=65)
# What lasted from when till when yields to what merely began, unless far more speaks for it.
_ENDED = 0.1
WIDE = timedelta(minutes=20)
_FOREIGN = {
    ZoneKind.QUOTED: "stands in a quoted older mail",
    ZoneKind.SIGNATURE: "stands in a signature",
    ZoneKind.DISCLAIMER: "stands in a disclaimer",
}
_LOG_FAULT_RE = re.compile(
    r"down|lost|los\b|fail|clos|flap|expired|timeout|timed out|unreach|alarm|critical|error|remove|-> ?idle|holdtime|hold time"
    r"|threshold (?:crossed|exceeded)|degrad|exceed|discard|drop",
    re.I,
)
_LOG_UTC_RE = re.compile(
    r"(?:clock|times?|timestamps?|hour|hora|uhr|zeit)\b[^.\n]{0,30}\b(?:is|are|in|=|:)\s*(?:in\s+)?(utc|gmt|zulu)\b"
    r"|\b(?:logs?|times?|stamps|timestamps|snippet|output|extract)\b[^.\n]{0,12}\(\s?(?:all |times |in )*(?P<u>utc|gmt"
    r"|zulu)\s?\)"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expression with its interval and its score so far."""

    expr: Expr
    resolved: Resolved
    start: int
    end: int
    rule: str
    steps: tuple[Step, ...]
    refused: str = ""
    over: bool = False

    @property
    def score(self) -> float:
        return round(max(0.0, min(1.0, sum(step.delta for step in self.steps))), 4)


def _kind_at(zones: Sequence[Zone], start: int) -> ZoneKind:
    return next((zone.kind for zone in zones if zone.start <= start < zone.end), ZoneKind.PROSE)


def _rule(expr: Expr, context: Context) -> str:
    if context.label:
        how = "label"
    elif context.cue:
        how = "since" if context.weight >= 0.4 else "cue"
    else:
        how = "bare"
    if expr.age is not None:
        return f"time.relative.{'ago' if expr.lasting == 'ago' else 'lasting'}"
    shape = "clock" if expr.clock or expr.epoch else "part" if expr.part else "day"
    return f"time.{shape}.{how}"


def _steps(expr: Expr, context: Context, kind: ZoneKind, resolved: Resolved) -> tuple[Step, ...]:
    rows: list[tuple[str, float, bool]] = [
        ("a time is named", 0.2, True),
        (f"label '{context.label}'", context.weight, bool(context.label)),
        (f"cue {context.cue}", context.weight, bool(context.cue)),
        ("zone is written", 0.05, resolved.explicit_zone),
        ("a day is named", 0.05, expr.has_day),
        ("tells how long", 0.1, expr.lasting in ("ago", "lasting")),
        ("form line", 0.05, kind is ZoneKind.FORM),
        ("not surely a clock", -0.05, bool(expr.clock and expr.clock.weak) or expr.weakdate),
        ("in a log", -0.15, kind is ZoneKind.LOG),
        ("in a forwarded mail", -0.02, kind is ZoneKind.FORWARDED),
        (f"it is {context.against}", -0.6, bool(context.against)),
        (_FOREIGN.get(kind, ""), -0.6, kind in _FOREIGN),
    ]
    return tuple(Step(cause, round(delta, 3)) for cause, delta, holds in rows if holds)


def _refusal(expr: Expr, context: Context, kind: ZoneKind, resolved: Resolved, base: Base) -> str:
    if kind in _FOREIGN:
        return _FOREIGN[kind]
    if resolved.refused:
        return resolved.refused
    if expr.clock and not expr.has_day and not expr.part and context.weight < 0.35 and _soon(resolved, base):
        return "could be a time still to come"
    if context.against:
        return f"not the start: {context.against}"
    return ""


def _soon(resolved: Resolved, base: Base) -> bool:
    """Whether the same clock time comes again within eight hours, so that it may be meant as future."""
    return base.received_at - resolved.earliest > timedelta(hours=16)


def _inherit(expr: Expr, previous: Expr | None, atoms: list[Atom]) -> Expr:
    """A day named earlier in the same sentence counts for a clock without one."""
    if previous is None or previous.clock or previous.age:
        return expr
    if expr.part and expr.day == 0 and previous.date and not expr.clock:
        return replace(expr, day=None, date=previous.date)
    if expr.clock is None or expr.has_day or expr.part:
        return expr
    between = atoms[previous.j : expr.i]
    if len(between) > 20 or any(a.text in (".", "!", "?", ";", "\n\n") for a in between):
        return expr
    marks = [a.text for a in between]
    if marks.count(")") > marks.count("("):
        return expr
    return replace(
        expr, date=previous.date, day=previous.day, weekday=previous.weekday, part=previous.part, night=previous.night
    )


def candidates(text: str, zones: Sequence[Zone], base: Base, *, asked: bool = False) -> list[Candidate]:
    """Every time that the text names, read and weighed."""
    where = Where(text, 0, lambda at: _kind_at(zones, at), base.language)
    folded, atoms = fold(text), scan(text, base.words, where)
    reader = Reader(folded, atoms, base.words)
    sent = forwarded_dates(folded, zones, base)
    found: list[Candidate] = []
    previous: Expr | None = None
    cue = lead = ""
    named: list[tuple[int, Expr]] = []
    told = Context()
    for expr in expressions(atoms):
        start, end = atoms[expr.i].start, atoms[expr.j - 1].end
        over = is_span(atoms[expr.i : expr.j])
        whole = of_that_day(_inherit(expr, previous, atoms), named, folded, start, end, over=over)
        previous = expr
        context = reader.context(expr)
        kind = _kind_at(zones, start)
        if expr.has_day and not expr.clock and not expr.part and kind not in _FOREIGN and not context.against:
            named.append((start, expr))
        if asked and kind is ZoneKind.PROSE and not (context.cue or context.label or context.against):
            context = Context(cue="our question", weight=0.27)
        if whole is not expr and cue and not (context.cue or context.label or context.against):
            context = Context(cue=cue, weight=0.27)
        if lead and whole.clock and bulleted(folded, start) and not (context.cue or context.label or context.against):
            context = Context(cue=lead, weight=0.27)
        cue = context.cue
        if cue and heads_list(folded, end):
            lead = cue
        if context.hint and not whole.zone:
            whole = replace(whole, zone=context.hint)
        resolved = resolve(whole, base_at(start, kind, sent, base))
        if resolved is None or (expr.weakdate and not (expr.clock or context.label or context.weight >= 0.4)):
            continue
        if (
            _inside_name(folded, start, end)
            or _log_time(folded, start)
            or (kind is ZoneKind.LOG and not (context.against or context.label))
        ):
            continue
        last = found[-1] if found else None
        twice = last is not None and resolved.explicit_zone and not last.resolved.explicit_zone
        if last is not None and twice and same_moment(whole.clock, last.expr.clock, folded[last.end : start]):
            # "0915 local (0415Z)": the one with its zone counts, with what is said of the other.
            context, found[-1] = told, replace(last, refused="told again with its zone")
        told = context
        refusal = _refusal(whole, context, kind, resolved, base)
        found.append(
            Candidate(whole, resolved, start, end, _rule(whole, context), _steps(whole, context, kind, resolved), refusal, over)
        )
    found.extend(_log_start(text, folded, zones, base))
    return found


def _inside_name(folded: str, start: int, end: int) -> bool:
    """ "rx_dbm_yesterday" is the name of a value."""
    return folded[max(0, start - 1) : start] == "_" or folded[end : end + 1] == "_"


def _log_time(folded: str, start: int) -> bool:
    line = folded.rfind("\n", 0, start) + 1
    return start - line < 24 and stamp_at(folded, line)


def _told(folded: str, stamp: Stamp) -> str:
    """What a stamped line says, with the line below it unless that one has a stamp of its own."""
    line, _, below = stamp.rest.partition("\n")
    return line if not below or stamp_at(folded, stamp.end + len(line) + 1) else stamp.rest


def _log_start(text: str, folded: str, zones: Sequence[Zone], base: Base) -> list[Candidate]:
    """The first line of a router log that tells a fault."""
    for stamp in stamps(folded):
        kind = _kind_at(zones, stamp.start)
        if not _LOG_FAULT_RE.search(_told(folded, stamp)) or kind in _FOREIGN:
            continue
        utc = _LOG_UTC_RE.search(folded)
        resolved = resolve(replace(stamp.expr, zone=stamp.expr.zone or ((utc[1] or utc["u"]) if utc else None)), base)
        if resolved is None or resolved.refused:
            return []
        steps = (Step("first line of a log that tells a fault", 0.46),)
        return [Candidate(stamp.expr, resolved, stamp.start, stamp.end, "time.clock.log", steps)]
    return []


def _winner(found: list[Candidate]) -> Candidate | None:
    """The best candidate; among nearly equal ones the narrower inside a wider, else the earliest."""
    live = [c for c in found if not c.refused and c.score >= ENOUGH]
    if any(c.rule == "time.clock.log" for c in live):
        live = [c for c in live if not any(marks.COUNTED in step.cause for step in c.steps)]
    if not live:
        return None
    top = max(c.score for c in live)
    near = [c for c in live if c.score >= top - NEAR_TOP]
    exact = [c for c in near if not c.over and c.expr.end_clock is None and c.resolved.latest - c.resolved.earliest < _EXACT]
    near = [c for c in near if c in exact or not any(c.score <= e.score + (_ENDED if c.over else 0.0) for e in exact)] or near
    best = min(near, key=lambda c: (c.resolved.middle, -c.score))
    if all(c.rule == "time.clock.log" for c in near):
        return best
    return _narrowed(best, [c for c in found if not c.refused])


def _only(found: list[Candidate], faulty: bool) -> Candidate | None:
    """The one clock time that a report of a fault names, not long before the mail: nothing else can be meant."""
    live = [c for c in found if not c.refused and (c.expr.clock or c.expr.epoch) and c.score >= _NAMED]
    if not faulty or len({c.resolved.earliest for c in live}) != 1 or any(c.score >= ENOUGH for c in found):
        return None
    return replace(live[0], steps=(*live[0].steps, Step("the only time in a report of a fault", ENOUGH - _NAMED + 0.02)))


def _narrowed(best: Candidate, found: list[Candidate]) -> Candidate:
    width = best.resolved.latest - best.resolved.earliest
    if width < WIDE:
        return best
    inside = [
        c for c in found
        if c.score >= 0.4 and best.resolved.earliest - WIDE <= c.resolved.middle <= best.resolved.latest
        and c.resolved.latest - c.resolved.earliest < width / 2
    ]  # fmt: skip
    return max(inside, key=lambda c: c.score, default=best)


def finding(candidate: Candidate, text: str, status: FindingStatus, detail: str) -> Finding:
    """The candidate in the words of the report."""
    resolved = candidate.resolved
    return Finding(
        field=Field.START_TIME,
        value=iso(resolved.middle),
        raw=text[candidate.start : candidate.end],
        spans=((candidate.start, candidate.end),),
        rule=candidate.rule,
        version=VERSION,
        score=candidate.score,
        steps=candidate.steps,
        status=status,
        earliest=iso(resolved.earliest),
        latest=iso(resolved.latest),
        detail=detail,
    )


def decide(found: list[Candidate], text: str, *, faulty: bool = False) -> list[Finding]:
    """All candidates as findings; at most one of them is filled. `faulty` says that the text tells of a fault."""
    winner = _winner(found)
    if winner is None and (only := _only(found, faulty)):
        winner, found = only, [only if c.start == only.start else c for c in found]
    out: list[Finding] = []
    for candidate in found:
        if candidate is winner:
            doubt = candidate.resolved.doubt
            status = FindingStatus.CONFIRM if doubt else FindingStatus.FILLED
            out.append(finding(candidate, text, status, doubt or f"read in zone {candidate.resolved.zone}"))
        else:
            weak = "nothing says that the fault began then" if candidate.score < ENOUGH else "another time fits better"
            out.append(finding(candidate, text, FindingStatus.REFUSED, candidate.refused or weak))
    return out
