"""Weighs the candidates and decides which of them is the start of the fault."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from models.clock import iso
from models.reading import Finding, Step, Zone
from models.words import Field, FindingStatus, ZoneKind
from parsers.times.atoms import Atom, scan
from parsers.times.context import Context, Reader
from parsers.times.expressions import expressions
from parsers.times.fold import fold
from parsers.times.grammar import Expr
from parsers.times.resolve import Base, Resolved, resolve

VERSION = "2026.11.1"
ENOUGH = 0.45
NEAR_TOP = 0.12
WIDE = timedelta(minutes=20)
_FOREIGN = {
    ZoneKind.QUOTED: "stands in a quoted older mail",
    ZoneKind.SIGNATURE: "stands in a signature",
    ZoneKind.DISCLAIMER: "stands in a disclaimer",
}
_LOG_RE = re.compile(
    r"^[ \t>*]*(?:[a-z]{3}\s+\d{1,2}\s+\d\d:\d\d:\d\d|\d{4}[-/.]\d\d[-/.]\d\d[t ]\d\d:\d\d(?::\d\d)?"
    r"|\d{1,2}[-/][a-z]{3}[-/]\d{4}\s+\d\d:\d\d)"
    r"(?P<rest>[^\n]*(?:\n[^\n]*)?)",
    re.M,
)
_LOG_FAULT_RE = re.compile(
    r"down|lost|los\b|fail|clos|flap|expired|timeout|timed out|unreach|alarm|critical|error|remove", re.I
)
_LOG_UTC_RE = re.compile(
    r"(?:clock|times?|timestamps?|hour|hora|uhr|zeit)\b[^.\n]{0,30}\b(?:is|are|in|=|:)\s*(?:in\s+)?(utc|gmt|zulu)\b"
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

    @property
    def score(self) -> float:
        return max(0.0, min(1.0, sum(step.delta for step in self.steps)))


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
    if previous is None or expr.clock is None or expr.has_day or expr.part or previous.clock or previous.age:
        return expr
    between = atoms[previous.j : expr.i]
    if len(between) > 14 or any(a.text in (".", "!", "?", ";", "\n\n") for a in between):
        return expr
    return replace(
        expr, date=previous.date, day=previous.day, weekday=previous.weekday, part=previous.part, night=previous.night
    )


def candidates(text: str, zones: Sequence[Zone], base: Base) -> list[Candidate]:
    """Every time that the text names, read and weighed."""
    folded, atoms = fold(text), scan(text)
    reader = Reader(folded, atoms)
    found: list[Candidate] = []
    previous: Expr | None = None
    for expr in expressions(atoms):
        whole = _inherit(expr, previous, atoms)
        previous = expr
        start, end = atoms[expr.i].start, atoms[expr.j - 1].end
        context = reader.context(expr)
        kind = _kind_at(zones, start)
        if context.hint and not whole.zone:
            whole = replace(whole, zone=context.hint)
        resolved = resolve(whole, base)
        if resolved is None or (expr.weakdate and not (expr.clock or context.label or context.weight >= 0.4)):
            continue
        if _log_time(folded, start) or (kind is ZoneKind.LOG and not context.against):
            continue
        refusal = _refusal(whole, context, kind, resolved, base)
        found.append(
            Candidate(whole, resolved, start, end, _rule(expr, context), _steps(expr, context, kind, resolved), refusal)
        )
    found.extend(_log_start(text, folded, zones, base))
    return found


def _log_time(folded: str, start: int) -> bool:
    line = folded.rfind("\n", 0, start) + 1
    return start - line < 12 and _LOG_RE.match(folded, line) is not None


def _log_start(text: str, folded: str, zones: Sequence[Zone], base: Base) -> list[Candidate]:
    """The first line of a router log that tells a fault."""
    for match in _LOG_RE.finditer(folded):
        kind = _kind_at(zones, match.start())
        if not _LOG_FAULT_RE.search(match["rest"]) or kind in _FOREIGN:
            continue
        head = text[match.start() : match.start("rest") + 12]
        parsed = expressions(scan(head))
        if not parsed or not parsed[0].clock:
            return []
        expr = parsed[0]
        utc = _LOG_UTC_RE.search(folded)
        expr = replace(expr, zone=expr.zone or (utc[1] if utc else None))
        resolved = resolve(expr, base)
        if resolved is None or resolved.refused:
            return []
        steps = (Step("first line of a log that tells a fault", 0.46),)
        return [Candidate(expr, resolved, match.start(), match.start("rest"), "time.clock.log", steps)]
    return []


def _winner(found: list[Candidate]) -> Candidate | None:
    """The best candidate; among nearly equal ones the narrower inside a wider, else the earliest."""
    live = [c for c in found if not c.refused and c.score >= ENOUGH]
    if not live:
        return None
    top = max(c.score for c in live)
    near = [c for c in live if c.score >= top - NEAR_TOP]
    best = min(near, key=lambda c: (c.resolved.middle, -c.score))
    if all(c.rule == "time.clock.log" for c in near):
        return best
    return _narrowed(best, [c for c in found if not c.refused])


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


def decide(found: list[Candidate], text: str) -> list[Finding]:
    """All candidates as findings; at most one of them is filled."""
    winner = _winner(found)
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
