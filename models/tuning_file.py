"""What an admin sets besides a ticket's life: limits, numbers, texts, forms of IDs, how long labels are kept."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class LabelsRow(_Row):
    """For how long labelled examples are kept; 0 keeps them for good."""

    keep_days: int = Field(730, ge=0, le=36500)


class LimitsRow(_Row):
    """Caps, the breaker, reminders and floods; what is not set here is as the settings have it."""

    cap_per_hour: int | None = Field(None, ge=1, le=10_000)
    cap_per_day: int | None = Field(None, ge=1, le=100_000)
    breaker_per_hour: int | None = Field(None, ge=1, le=100_000)
    breaker_per_domain: int | None = Field(None, ge=1, le=100_000)
    first_ack_hours: int | None = Field(None, ge=0, le=8760)
    remind_affecting_minutes: int | None = Field(None, ge=1, le=100_000)
    remind_others_minutes: int | None = Field(None, ge=1, le=100_000)
    flood_tickets: int | None = Field(None, ge=1, le=10_000)
    reopen_days: int | None = Field(None, ge=0, le=3650)

    @model_validator(mode="after")
    def day_holds_hour(self) -> LimitsRow:
        if self.cap_per_hour and self.cap_per_day and self.cap_per_hour > self.cap_per_day:
            raise ValueError("cap_per_hour is above cap_per_day, which would never let it be reached")
        return self


_PHONE_NUMBER = re.compile(r"\+[1-9]\d{6,14}|sip:[^\s@,]+@[^\s,]+")


class PhoneRow(_Row):
    """Who is rung: the agents first, then those of the overflow; an empty list is as the settings have it."""

    agents: list[str] = []
    overflow: list[str] = []

    @field_validator("agents", "overflow")
    @classmethod
    def real_numbers(cls, value: list[str]) -> list[str]:
        for number in value:
            if not _PHONE_NUMBER.fullmatch(number):
                raise ValueError(f"{number!r} is neither a number such as +4930555010 nor sip:NAME@HOST")
        if doubled := next((n for n in value if value.count(n) > 1), None):
            raise ValueError(f"{doubled!r} stands twice")
        return value


_MOST_CHARS = 20_000


class MailTextRow(_Row):
    """The templates of one mail of ours: its subject, its text and its HTML."""

    subject: str = Field(min_length=1, max_length=1000)
    text: str = Field(min_length=1, max_length=_MOST_CHARS)
    html: str = Field(min_length=1, max_length=_MOST_CHARS)


class PromptRow(_Row):
    """The template of one spoken sentence."""

    text: str = Field(min_length=1, max_length=_MOST_CHARS)


class IdFormatRow(BaseModel):
    """One form of service IDs: letters, what parts them from the digits, how many digits."""

    model_config = ConfigDict(extra="forbid")
    prefix: str = Field(pattern=r"^[A-Za-z]{1,12}$")
    separator: str = Field("", pattern=r"^[-_/. ]?$")
    digits: int = Field(ge=2, le=16)


class IdFormatsRow(_Row):
    """Forms of IDs beside those that the directory shows, and prefixes of those that are not to be read."""

    more: list[IdFormatRow] = []
    off: list[str] = []

    @model_validator(mode="after")
    def each_once(self) -> IdFormatsRow:
        prefixes = [f.prefix.upper() for f in self.more]
        if doubled := next((p for p in prefixes if prefixes.count(p) > 1 or p in [o.upper() for o in self.off]), None):
            raise ValueError(f"{doubled!r} stands twice")
        return self
