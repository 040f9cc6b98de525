"""Which day is meant: "today" in a forwarded mail, "that day", a span whose day was named before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from models.reading import Zone
from models.words import ZoneKind
from parsers.times.atoms import Atom, ClockLit, scan
from parsers.times.expr import Expr
from parsers.times.expressions import expressions
from parsers.times.resolve import Base, resolve

_SENT_RE = re.compile(
    r"^[>\s*|]*(?:sent|date|gesendet(?: am)?|datum|verzonden|envoye(?: le)?|date d'envoi|enviado(?: el| em)?"
    r"|enviada em|fecha|data|inviato"
    r"|poslato|датум|послато|wyslano|tarih|gonderildi|дата|отправлено)\s?\*?\s?[:\t]\*?\s*([^\n]{8,80})",
    re.M,
)
_THAT_DAY = re.compile(
    r"\b(?:(?:on )?(?:that|the same) (?:day|date)|an (?:dem|diesem|jenem|demselben) tag|am (?:selben|gleichen) tag"
    r"|(?:op )?die(?:zelfde)? dag|ce jour[- ]la|le meme jour|(?:ese|aquel|el mismo) dia|(?:nesse|naquele|no mesmo) dia"
    r"|(?:quel|lo stesso) giorno|(?:tego|tamtego) (?:samego )?dnia|(?:в )?(?:тот|этот)(?: же)? день"
    r"|(?:tog|istog)(?: istog)? dana|(?:тог|истог) дана|(?:o|ayni) gun)\b"
)
_AGAIN = re.compile(r"\s*(?:[a-z]+\s*){0,2}[(/=]\s*|,?\s*(?:i\.?e\.?|which is|that is|also|soit|czyli|yani)\s*")
_NEAR, _BACK, _QUARTER = 80, 400, 15


def forwarded_dates(folded: str, zones: Sequence[Zone], base: Base) -> list[tuple[int, Base]]:
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


def base_at(start: int, kind: ZoneKind, sent: list[tuple[int, Base]], base: Base) -> Base:
    return next((b for at, b in reversed(sent) if at <= start), base) if kind is ZoneKind.FORWARDED else base


def is_span(atoms: Sequence[Atom]) -> bool:
    """ "14:20 to 15:02": what lasted from when till when."""
    clocks = [i for i, a in enumerate(atoms) if "clock" in a.tags]
    return len(clocks) > 1 and any("to" in a.tags or a.text in ("-", "–") for a in atoms[clocks[0] : clocks[-1]])


def same_moment(here: ClockLit | None, there: ClockLit | None, between: str) -> bool:
    """Whether a clock in brackets behind another is the same moment in another zone."""
    return bool(here and there and _AGAIN.fullmatch(between) and (here.minute - there.minute) % _QUARTER == 0)


def of_that_day(
    expr: Expr, named: Sequence[tuple[int, Expr]], folded: str, start: int, end: int, *, over: bool = False
) -> Expr:
    """The expression with the day that "that day" points to; a span that is over takes the day that was named last."""
    if not expr.clock or expr.has_day or expr.part or not named:
        return expr
    at, day = named[-1]
    pointed = _THAT_DAY.search(folded, max(0, start - _NEAR), end + _NEAR)
    if not pointed and not (over and start - at < _BACK):
        return expr
    return replace(expr, date=day.date, day=day.day, weekday=day.weekday)
