"""Business time: when a calendar is open, how much of it lies between two instants, when an amount of it is over.

Everything is worked out on UTC instants of each local day's opening hours, so that the days on which clocks change are
as long as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import holidays

from models.calendar_file import DAYS, CalendarRow, minutes
from models.durations import Length, Unit
from models.errors import RefusedError

Span = tuple[datetime, datetime]
_DAY = timedelta(days=1)
# A calendar that stays shut so long is a mistake in its data, not a holiday.
_FAR = 800


class NeverOpens(RefusedError):
    """The calendar has no open hour within the next two years."""


@dataclass(frozen=True)
class Calendar:
    """One calendar, calculating; made from the row that an admin wrote."""

    row: CalendarRow
    _spans: dict[date, tuple[Span, ...]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.row.zone)

    def holiday(self, day: date) -> str:
        """Why this local day is closed whatever its weekday, or an empty string."""
        if day in self.row.open:
            return ""
        if day in self.row.closed:
            return "closed"
        return str(self._holidays.get(day, "")) if self.row.country else ""

    @cached_property
    def _holidays(self) -> holidays.HolidayBase:
        return holidays.country_holidays(self.row.country, subdiv=self.row.subdivision or None, language="en_US")

    def spans(self, day: date) -> tuple[Span, ...]:
        """The open spans of a local day as UTC instants."""
        found = self._spans.get(day)
        if found is None:
            hours = [] if self.holiday(day) else self.row.hours.get(DAYS[day.weekday()], [])
            pairs = ((self._utc(day, minutes(a)), self._utc(day, minutes(b))) for a, b in hours)
            found = self._spans[day] = tuple((a, b) for a, b in pairs if a < b)
        return found

    def is_open(self, at: datetime) -> bool:
        return any(a <= at < b for a, b in self.spans(self._local_day(at)))

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself while open, else when it opens next. Raises NeverOpens."""
        for a, b in self._from(at):
            if at < b:
                return max(a, at)
        raise NeverOpens(f"calendar {self.row.name!r} does not open after {at:%Y-%m-%d}")

    def next_business_day(self, at: datetime) -> datetime:
        """When the next business day opens: a later local day, or this one if it has not opened yet."""
        today = self.spans(self._local_day(at))
        if today and at < today[0][0]:
            return today[0][0]
        return self.next_opening(self._utc(self._local_day(at) + _DAY, 0))

    def add(self, start: datetime, amount: Length) -> datetime:
        """When this much time is over, counted from `start`."""
        return self.add_amount(start, amount.amount, amount.unit)

    def add_amount(self, start: datetime, amount: float, unit: Unit) -> datetime:
        """As `add`, with a part of a length; an amount of nothing is over at once. Raises NeverOpens."""
        if unit is Unit.CLOCK or amount <= 0:
            return start + timedelta(seconds=max(0.0, amount) if unit is Unit.CLOCK else 0)
        left = amount
        for a, b, weight in self._weighed(start, unit):
            piece = (b - a).total_seconds() * weight
            if piece >= left - 1e-9:
                return a + timedelta(seconds=round(left / weight, 6))
            left -= piece
        raise NeverOpens(f"calendar {self.row.name!r} does not have {amount:g} more open after {start:%Y-%m-%d}")

    def between(self, start: datetime, end: datetime, unit: Unit) -> float:
        """How much of a unit lies between two instants; nothing when the end is not after the start."""
        if end <= start:
            return 0.0
        if unit is Unit.CLOCK:
            return (end - start).total_seconds()
        total = 0.0
        for a, b, weight in self._weighed(start, unit):
            if a >= end:
                break
            total += (min(b, end) - a).total_seconds() * weight
        return total

    def _weighed(self, start: datetime, unit: Unit) -> Iterator[tuple[datetime, datetime, float]]:
        """Open spans after an instant, with what a second of each counts: one second, or its part of a business day."""
        day = self._local_day(start)
        for _ in range(_FAR):
            spans = self.spans(day)
            whole = sum((b - a).total_seconds() for a, b in spans)
            for a, b in spans:
                if b > start:
                    yield max(a, start), b, 1.0 if unit is Unit.BUSINESS_TIME else 1.0 / whole
            day += _DAY

    def _from(self, start: datetime) -> Iterator[Span]:
        for a, b, _ in self._weighed(start, Unit.BUSINESS_TIME):
            yield a, b

    def _local_day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _utc(self, day: date, minute: int) -> datetime:
        """The instant of a wall-clock time; one that a change of clocks skips counts as the hour after."""
        if minute >= 24 * 60:
            day, minute = day + _DAY, 0
        return datetime.combine(day, time(minute // 60, minute % 60), self.zone).astimezone(UTC)
