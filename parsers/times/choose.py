"""Weighs the candidates and decides which of them is the start of the fault."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import zip_longest

from models.clock import iso
from models.reading import Finding, Step, Zone
from models.words import Field, FindingStatus, ZoneKind
from parsers.lexicons import Where
from parsers.times import marks
from parsers.times.atoms import scan
from parsers.times.context import Reader
from parsers.times.days import inherit, of_that_day, on_day_of, over_since_long, with_utc_beside
from parsers.times.expr import Expr
from parsers.times.expressions import expressions
from parsers.times.fold import fold
from parsers.times.form_labels import bulleted, heads_list
from parsers.times.logs import Stamp, stamp_at, stamps
from parsers.times.resolve import Base, Resolved, resolve
from parsers.times.verdict import Context
from parsers.times.zones import LOWER_OK, OFFSETS

VERSION = "2026.11.1"
ENOUGH = 0.45
NEAR_TOP = 0.12
_NAMED = 0.2
_BEGAN = 0.35
# What is shorter is a time, what is longer a part of a day or a day, named beside it for another reason.
_EXACT = timedelta(hours=1)
WIDE = timedelta(minutes=20)
_FOREIGN = {
    ZoneKind.QUOTED: "stands in a quoted older mail",
    ZoneKind.SIGNATURE: "stands in a signature",
    ZoneKind.DISCLAIMER: "stands in a disclaimer",
}
_LOG_FAULT_RE = re.compile(
    r"down|lost|los\b|lof\b|ais\b|rdi\b|fail|clos|flap|expired|timeout|timed out|unreach|alarm|critical|error|remove"
    r"|\bidle\b|hold ?time|threshold|exceed|degrad|discard",
    re.I,
)
_SENT_RE = re.compile(
    r"^[>\s*|]*(?:sent|date|gesendet(?: am)?|datum|verzonden|envoye(?: le)?|date d'envoi|enviado(?: el| em)?"
    r"|enviada em|fecha|data|inviato"
    r"|poslato|датум|послато|wyslano|tarih|gonderildi|дата|отправлено)\s?\*?\s?[:\t]\*?\s*([^\n]{8,80})",
    re.M,
)
_LOG_ZONES = "utc|gmt|zulu|" + "|".join(sorted(LOWER_OK & OFFSETS.keys() - {"utc", "gmt", "zulu"}))
_LOG_ZONE_RE = re.compile(
    rf"(?:clock|times?|timestamps?|hour|hora|uhr|zeit)\b[^.\n]{{0,30}}\b(?:is|are|in|=|:)\s*(?:in\s+)?({_LOG_ZONES})\b"
    r"|\b(?:logs?|times?|stamps|timestamps|snippet|output|extract)\b[^.\n]{0,12}\(\s?(?:all |times |in )*"
    rf"(?P<u>{_LOG_ZONES})\s?\)"
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


def candidates(text: str, zones: Sequence[Zone], base: Base, *, asked: bool = False) -> list[Candidate]:
    """Every time that the text names, read and weighed."""
    where = Where(text, 0, lambda at: _kind_at(zones, at), base.language)
    folded, atoms = fold(text), scan(text, base.words, where)
    reader = Reader(folded, atoms, base.words)
    sent = _forwarded_dates(folded, zones, base)
    found: list[Candidate] = []
    previous: Expr | None = None
    named: Expr | None = None
    cue = lead = ""
    every = list(expressions(atoms))
    for expr, after in zip_longest(every, every[1:]):
        whole = inherit(expr, previous, atoms)
        whole = with_utc_beside(whole, after, atoms) if after else whole
        if named is not None and not whole.has_day and (of_that_day(folded, atoms, whole) or over_since_long(whole, base)):
            whole = on_day_of(whole, named)
        previous = expr
        named = expr if expr.has_day else named
        start, end = atoms[expr.i].start, atoms[expr.j - 1].end
        context = reader.context(expr)
        kind = _kind_at(zones, start)
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
        resolved = resolve(whole, _base_at(start, kind, sent, base))
        if resolved is None or (expr.weakdate and not (expr.clock or context.label or context.weight >= 0.4)):
            continue
        if _log_time(folded, start) or (kind is ZoneKind.LOG and not context.against and not context.label):
            continue
        refusal = _refusal(whole, context, kind, resolved, base)
        found.append(
            Candidate(whole, resolved, start, end, _rule(expr, context), _steps(expr, context, kind, resolved), refusal)
        )
    found.extend(_log_start(text, folded, zones, base))
    return found


def _forwarded_dates(folded: str, zones: Sequence[Zone], base: Base) -> list[tuple[int, Base]]:
    """Where a forwarded mail tells when it was sent: from there on "today" is that day."""
    out: list[tuple[int, Base]] = []
    for zone in zones:
        if zone.kind is not ZoneKind.FORWARDED:
            continue
        for m in _SENT_RE.finditer(folded, zone.start, zone.end):
            found = [e for e in expressions(scan(m[1], base.words)) if e.date or e.clock]
            read = resolve(found[0], base) if found and found[0].date else None
            if read is not None and not read.refused and not read.doubt:
                out.append((m.end(), replace(base, received_at=read.latest)))
    return out


def _base_at(start: int, kind: ZoneKind, sent: list[tuple[int, Base]], base: Base) -> Base:
    return next((b for at, b in reversed(sent) if at <= start), base) if kind is ZoneKind.FORWARDED else base


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
        named = _LOG_ZONE_RE.search(folded)
        resolved = resolve(replace(stamp.expr, zone=stamp.expr.zone or ((named[1] or named["u"]) if named else None)), base)
        if resolved is None or resolved.refused:
            return []
        steps = (Step("first line of a log that tells a fault", 0.46),)
        return [Candidate(stamp.expr, resolved, stamp.start, stamp.end, "time.clock.log", steps)]
    return []


def _began_later(other: Candidate, span: Candidate) -> bool:
    """ "They had the power off from 6 to 9. The trouble began on Monday": what was over before is not what lasts."""
    began = any(step.cause.startswith("cue ") and step.delta >= _BEGAN for step in other.steps)
    return began and other.resolved.earliest > span.resolved.latest


def _winner(found: list[Candidate]) -> Candidate | None:
    """The best candidate; among nearly equal ones the narrower inside a wider, else the earliest."""
    live = [c for c in found if not c.refused and c.score >= ENOUGH]
    live = [c for c in live if not c.expr.over or not any(_began_later(o, c) for o in live)]
    if any(c.rule == "time.clock.log" for c in live):
        live = [c for c in live if not any(marks.COUNTED in step.cause for step in c.steps)]
    if not live:
        return None
    top = max(c.score for c in live)
    near = [c for c in live if c.score >= top - NEAR_TOP]
    exact = [c for c in near if c.expr.end_clock is None and c.resolved.latest - c.resolved.earliest < _EXACT]
    near = [c for c in near if c in exact or not any(c.score <= e.score for e in exact)] or near
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
