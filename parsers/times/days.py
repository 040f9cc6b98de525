"""Which day a clock time is of, where the day is named at another place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from parsers.times import marks
from parsers.times.atoms import Atom
from parsers.times.expr import Expr
from parsers.times.resolve import Base, resolve

# A time that ended so long before the mail is of a day that was named, where one was.
_LONG = timedelta(hours=12)
_AROUND = 60
_HALF_DAY = 720
_UTC = frozenset(["utc", "gmt", "z", "zulu"])


def inherit(expr: Expr, previous: Expr | None, atoms: list[Atom]) -> Expr:
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


def of_that_day(folded: str, atoms: list[Atom], expr: Expr) -> bool:
    """ "... from 1:05 PM that day", in the sentence of the time."""
    start, end = atoms[expr.i].start, atoms[expr.j - 1].end
    before = folded[max(0, start - _AROUND) : start].rpartition(". ")[2]
    return marks.THAT_DAY.search(before + " " + folded[end : end + _AROUND].partition(". ")[0]) is not None


def over_since_long(expr: Expr, base: Base) -> bool:
    """ "Friday was bad: it carried nothing from 14:20 to 15:02", written at 9:30: not yesterday's but of the day named."""
    read = resolve(expr, base) if expr.clock and expr.over and not expr.has_day else None
    return read is not None and base.received_at - read.earliest > _LONG


def with_utc_beside(expr: Expr, other: Expr, atoms: list[Atom]) -> Expr:
    """ "0915 hrs local (0415Z)": the same moment in UTC tells how far the local clock is from it."""
    clock, utc = expr.clock, other.clock
    beside = [a.text for a in atoms[expr.j : other.i]] == ["("] and (other.zone or (utc.zone if utc else "")) in _UTC
    if not (clock and utc and beside) or expr.zone not in (None, "local") or other.has_day:
        return expr
    apart = (60 * (clock.hour - utc.hour) + clock.minute - utc.minute + _HALF_DAY) % (2 * _HALF_DAY) - _HALF_DAY
    hours, minutes = divmod(abs(apart), 60)
    return replace(expr, zone=f"{'-' if apart < 0 else '+'}{hours:02}:{minutes:02}") if apart % 15 == 0 else expr


def on_day_of(expr: Expr, named: Expr) -> Expr:
    """The time on the day of another one; a part of that day is not taken along."""
    return replace(expr, date=named.date, day=named.day, weekday=named.weekday) if expr.clock and not expr.part else expr
