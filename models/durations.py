"""Lengths of time as promises name them: by the clock, in business hours, in business days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from models.errors import UserError


class Unit(StrEnum):
    """What an amount counts: seconds by the clock, seconds while the calendar is open, or its business days."""

    CLOCK = "clock"
    BUSINESS_TIME = "business_time"
    BUSINESS_DAY = "business_day"


# Spelling -> unit and how many of it (seconds, or days) one counts.
SPELLINGS: dict[str, tuple[Unit, int]] = {
    "min": (Unit.CLOCK, 60),
    "h": (Unit.CLOCK, 3600),
    "d": (Unit.CLOCK, 86400),
    "bmin": (Unit.BUSINESS_TIME, 60),
    "bh": (Unit.BUSINESS_TIME, 3600),
    "bd": (Unit.BUSINESS_DAY, 1),
}
_LENGTH = re.compile(r"\s*(\d{1,5})\s*(" + "|".join(sorted(SPELLINGS, key=len, reverse=True)) + r")\s*")
_WORDS = {"min": "minute", "h": "hour", "d": "day", "bmin": "business minute", "bh": "business hour", "bd": "business day"}


@dataclass(frozen=True, slots=True)
class Length:
    """`amount` in the unit's measure (seconds, or business days); `text` as it was written, such as `4h` or `2bd`."""

    amount: float
    unit: Unit
    text: str

    @property
    def words(self) -> str:
        """As a customer reads it, such as `2 business days`."""
        found = _LENGTH.fullmatch(self.text)
        assert found
        return f"{found[1]} {_WORDS[found[2]]}{'' if found[1] == '1' else 's'}"


@lru_cache(maxsize=1024)
def length(text: str) -> Length:
    """Reads `15min`, `4h`, `1d`, `8bh`, `2bd`. Raises UserError naming what was given."""
    found = _LENGTH.fullmatch(text)
    if not found or int(found[1]) == 0:
        raise UserError(f"{text!r} is no length of time; write 15min, 4h, 1d, 8bh (business hours) or 2bd (business days)")
    unit, factor = SPELLINGS[found[2]]
    return Length(int(found[1]) * factor, unit, found[1] + found[2])
