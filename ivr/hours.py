"""When people are in, as set by INTAKE_PHONE_HOURS, and when a call-back is due."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.errors import SettingError

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?\s+(\d\d):(\d\d)-(\d\d):(\d\d)")
_LOOK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekday, from and to in minutes of the local day; no spans at all means always open."""

    spans: tuple[tuple[int, int, int], ...]
    zone: ZoneInfo

    def open(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return not self.spans or any(d == local.weekday() and a <= minute < b for d, a, b in self.spans)

    def due(self, now: datetime, wait: timedelta) -> datetime:
        """`wait` from now, or from when somebody is in again (looked for in quarters of an hour, eight days ahead)."""
        at = now
        end = now + timedelta(days=8)
        while not self.open(at) and at < end:
            at = _quarter(at + _LOOK)
        return at + wait


def _quarter(at: datetime) -> datetime:
    return datetime.combine(at.date(), time(at.hour, at.minute // 15 * 15), tzinfo=at.tzinfo)


def parse_hours(text: str, timezone: str) -> Hours:
    """ "Mon-Fri 08:00-18:00, Sat 09:00-13:00"; empty for around the clock. Raises SettingError."""
    spans: list[tuple[int, int, int]] = []
    for part in (p.strip().lower() for p in text.split(",") if p.strip()):
        m = _PART.fullmatch(part)
        if not m or m[1] not in _DAYS or (m[2] or m[1]) not in _DAYS:
            raise SettingError(f"INTAKE_PHONE_HOURS: {part!r} is not like `Mon-Fri 08:00-18:00`")
        first, last = _DAYS.index(m[1]), _DAYS.index(m[2] or m[1])
        begin, end = int(m[3]) * 60 + int(m[4]), int(m[5]) * 60 + int(m[6])
        if not 0 <= begin < end <= 24 * 60:
            raise SettingError(f"INTAKE_PHONE_HOURS: {part!r}: the end must come after the beginning, 24:00 at the latest")
        spans += [(d % 7, begin, end) for d in range(first, (last if last >= first else last + 7) + 1)]
    try:
        return Hours(tuple(spans), ZoneInfo(timezone))
    except (KeyError, ValueError, OSError) as e:
        raise SettingError(f"INTAKE_PHONE_TIMEZONE: {timezone!r} is no time zone") from e
