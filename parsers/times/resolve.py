"""From an expression to an interval in UTC: days, parts of days, two readings of a clock, daylight saving."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from parsers.times import zones
from parsers.times.atoms import ClockLit, DateLit
from parsers.times.expr import Expr
from parsers.times.lexicon import TimeWords, default_words

ABOUT = timedelta(minutes=15)
MINUTE = timedelta(seconds=59)
SLACK = timedelta(minutes=3)
LIKELY_AGE = timedelta(hours=6)
NEAR = timedelta(days=3)
_TWELVE_HOUR = ("America/", "US/", "Australia/", "Asia/Kolkata", "Asia/Singapore", "Europe/London", "Pacific/", "Canada/")


@dataclass(frozen=True, slots=True)
class Base:
    """What the message says about time before its words are read."""

    received_at: datetime
    customer: str | None
    header: timedelta | None
    words: TimeWords = field(default_factory=default_words)
    language: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """An interval in UTC, what is uncertain about it and the zone used."""

    earliest: datetime
    latest: datetime
    zone: str
    explicit_zone: bool
    doubt: str = ""
    refused: str = ""

    @property
    def middle(self) -> datetime:
        return self.earliest + (self.latest - self.earliest) / 2


def zone_of(expr: Expr, base: Base) -> tuple[tzinfo, str, bool, str]:
    """Zone of an expression, where it is from, whether it is written, and a doubt about it."""
    word = expr.zone
    if word and word != "local":
        match = zones.OFFSET_RE.fullmatch(word)
        literal = zones.of_offset(match[1], match[2], match[3]) if match else None
        if literal:
            return literal, "as written", True, ""
        found = zones.of_word(word, base.customer)
        if found:
            return found[0], "as written", True, "the zone abbreviation has several meanings" if found[1] else ""
    customer = zones.load(base.customer)
    if customer:
        return customer, "of the customer", False, ""
    if base.header is not None:
        return timezone(base.header), "of the Date header", False, ""
    return UTC, "assumed", False, ""


def resolve(expr: Expr, base: Base) -> Resolved | None:
    """The interval that `expr` means, ending at the receipt at the latest; None where it means nothing."""
    zone, source, explicit, doubt = zone_of(expr, base)
    label = f"{zones.describe(zone)} ({source})"
    span = _span(expr, base, zone)
    if span is None:
        return None
    earliest, latest, more = span
    if earliest > base.received_at + SLACK:
        return Resolved(earliest, latest, label, explicit, refused="lies in the future")
    earliest = min(earliest, base.received_at)
    return Resolved(earliest, min(latest, base.received_at), label, explicit, "; ".join(d for d in (doubt, more) if d))


Span3 = tuple[datetime, datetime, str]


def _span(expr: Expr, base: Base, zone: tzinfo) -> Span3 | None:
    if expr.age is not None:
        low, high = expr.age
        return base.received_at - timedelta(seconds=high * 4 / 3), base.received_at - timedelta(seconds=low * 2 / 3), ""
    if expr.epoch is not None:
        at = datetime.fromtimestamp(expr.epoch, UTC)
        return (at, at + MINUTE, "") if base.received_at - timedelta(days=400) < at else None
    days, doubt = _days(expr, base, zone)
    if expr.clock is None:
        return _whole(expr, base, zone, days, doubt)
    return _clocked(expr, base, zone, days, doubt)


def _days(expr: Expr, base: Base, zone: tzinfo) -> tuple[list[date], str]:
    """The days an expression may mean, the likeliest first."""
    today = base.received_at.astimezone(zone).date()
    if expr.date is not None:
        return _dated(expr.date, expr, today)
    if expr.weekday is not None:
        back = (today.weekday() - expr.weekday) % 7
        return [today - timedelta(days=back), today - timedelta(days=back + 7)][: 1 if back else 2], ""
    if expr.night and expr.day == 0:
        return [today - timedelta(days=1), today], ""
    if expr.day is not None:
        return [today + timedelta(days=expr.day)], ""
    return [today, today - timedelta(days=1)], ""


def _dated(lit: DateLit, expr: Expr, today: date) -> tuple[list[date], str]:
    if not lit.month:
        return [d for back in range(62) if (d := today - timedelta(days=back)).day == lit.day][:1], ""
    first = _year(lit, today)
    other = _year(replace(lit, month=lit.day, day=lit.month), today) if lit.swap else None
    if other is None:
        return ([first] if first else []), ""
    if expr.zone in zones.AMERICAN:
        return [other], ""
    if first is None or first > today:
        return [other], ""
    if other > today or today - first <= NEAR < today - other:
        return [first], ""
    if today - other <= NEAR < today - first:
        return [other], ""
    return [first], f"day and month could be swapped ({first.isoformat()} or {other.isoformat()})"


def _year(lit: DateLit, today: date) -> date | None:
    for year in (lit.year,) if lit.year else (today.year, today.year - 1):
        try:
            found = date(year, lit.month, lit.day)
        except ValueError:
            continue
        if lit.year or found <= today + timedelta(days=40):
            return found
    return None


def _at(day: date, hours: float, zone: tzinfo, fold: int = 0) -> datetime:
    whole = datetime.combine(day, time(), tzinfo=None) + timedelta(hours=hours)
    return whole.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _whole(expr: Expr, base: Base, zone: tzinfo, days: list[date], doubt: str) -> Span3 | None:
    low, high = base.words.part_hours[expr.part] if expr.part else (0.0, 24.0)
    spans = [(_at(day, low, zone), _at(day, high, zone) - timedelta(seconds=1)) for day in days]
    past = [span for span in spans if span[0] <= base.received_at]
    if not spans:
        return None
    earliest, latest = (past or spans)[0]
    return earliest, latest, doubt


def _hours(clock: ClockLit, expr: Expr, base: Base) -> list[int]:
    """The hours of the day that a clock may mean, as written first."""
    hour = clock.hour
    if clock.half:
        return [hour % 12 + (12 if clock.half == "pm" else 0)]
    if hour == 0 or hour > 12 or clock.zone or (clock.two and hour < 10):
        return [hour]
    both = [hour, (hour + 12) % 24]
    if expr.part:
        low, high = base.words.part_clocks[expr.part]
        fitting = [h for h in both if low <= h < high or low <= h + 24 < high]
        return fitting or both[:1]
    habit = expr.spoken or expr.zone in zones.AMERICAN or (base.customer or "").startswith(_TWELVE_HOUR)
    return both if habit and not (expr.date and clock.two) else both[:1]


def _readings(
    expr: Expr, clock: ClockLit, base: Base, zone: tzinfo, days: list[date]
) -> Iterator[tuple[datetime, datetime, bool]]:
    """Every instant a clock may mean, with the bounds of its daylight saving readings and whether it is as written."""
    options = _hours(clock, expr, base)
    for day in days:
        for hour in options:
            late = expr.part == "night" and hour < 12 and (expr.night or expr.day is not None or expr.weekday is not None)
            hours = hour + (24 if late else 0) + clock.minute / 60
            first, second = _at(day, hours, zone), _at(day, hours, zone, 1)
            yield (
                min(first, second) if isinstance(zone, ZoneInfo) and second > first else first,
                max(first, second),
                hour == options[0],
            )


def _clocked(expr: Expr, base: Base, zone: tzinfo, days: list[date], doubt: str) -> Span3 | None:
    clock = expr.clock or ClockLit(0, 0)
    readings = list(_readings(expr, clock, base, zone, days))
    past = [r for r in readings if r[0] <= base.received_at + SLACK]
    if not readings:
        return None
    if expr.has_day and not expr.night and not expr.part and past:
        best = max(past, key=lambda r: (r[2], r[0])) if expr.day is None else max(past, key=lambda r: r[0])
    else:
        best = max(past or readings, key=lambda r: r[0]) if past else min(readings, key=lambda r: r[0])
    if not best[2] and not expr.part and not expr.spoken and base.received_at - best[0] > LIKELY_AGE:
        doubt = doubt or "the hour could be meant before or after noon"
    earliest, latest = best[0], best[1]
    if expr.end_clock:
        ends = [r for r in _readings(expr, expr.end_clock, base, zone, days) if r[0] >= earliest]
        latest = min((r[1] for r in ends), default=latest)
    if expr.approx and expr.lean:
        return (earliest - ABOUT, earliest, doubt) if expr.lean < 0 else (earliest, latest + ABOUT, doubt)
    if expr.approx:
        return earliest - ABOUT, latest + ABOUT, doubt
    seconds = clock.second or 0
    return earliest + timedelta(seconds=seconds if expr.end_clock else 0), latest + MINUTE, doubt
