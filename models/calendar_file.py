"""A calendar as an admin writes it, checked at the door; tickets/calendars.py calculates with it."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import holidays
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

DAYS: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_END_OF_DAY = "24:00"


class CalendarRow(BaseModel):
    """Opening hours by weekday in a zone, the public holidays of a country, and days closed beside them."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: str
    zone: str = "UTC"
    hours: dict[str, list[tuple[str, str]]]
    country: str = ""
    subdivision: str = ""
    closed: list[date] = []
    open: list[date] = []

    @field_validator("zone")
    @classmethod
    def known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except Exception as e:
            raise ValueError(f"unknown time zone {value!r}; use an IANA name such as Europe/Berlin") from e
        return value

    @field_validator("hours")
    @classmethod
    def real_hours(cls, value: dict[str, list[tuple[str, str]]]) -> dict[str, list[tuple[str, str]]]:
        if wrong := sorted(set(value) - set(DAYS)):
            raise ValueError(f"{wrong[0]!r} is no weekday; use {', '.join(DAYS)}")
        for day, spans in value.items():
            end = -1
            for opens, closes in spans:
                if minutes(opens) < end:
                    raise ValueError(f"{day}: {opens}-{closes} overlaps the hours before it")
                end = minutes(closes)
                if end <= minutes(opens):
                    raise ValueError(f"{day}: {opens}-{closes} ends before it begins")
        if not any(value.values()):
            raise ValueError("it never opens; give at least one weekday its hours")
        return value

    @model_validator(mode="after")
    def known_country(self) -> CalendarRow:
        if self.country:
            try:
                holidays.country_holidays(self.country, subdiv=self.subdivision or None)
            except NotImplementedError as e:
                where = f"{self.country!r}" + (f", {self.subdivision!r}" if self.subdivision else "")
                raise ValueError(f"no public holidays are known for {where}") from e
        return self


def minutes(text: str) -> int:
    """Minutes since midnight of `08:30`, or 1440 for `24:00`. Raises ValueError."""
    if text == _END_OF_DAY:
        return 24 * 60
    try:
        at = time.fromisoformat(text)
    except ValueError as e:
        raise ValueError(f"{text!r} is no time of day; write 08:30") from e
    return at.hour * 60 + at.minute
