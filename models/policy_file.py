"""What an admin edits of a ticket's life, besides matrices and calendars: priority cells, targets, care."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from models.durations import Length, length
from models.errors import UserError
from models.words import Impact, Priority, Urgency


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def known_length(text: str) -> str:
    """The text itself where it is a length of time. Raises ValueError."""
    try:
        return length(text).text
    except UserError as e:
        raise ValueError(str(e)) from e


class PriorityRow(_Row):
    """The nine cells of impact and urgency; the default ones are those of docs/domain.md section 2."""

    cells: dict[Impact, dict[Urgency, Priority]] = {
        Impact.SERVICE_AFFECTING: {
            Urgency.HIGH: Priority.CRITICAL,
            Urgency.MEDIUM: Priority.MAJOR,
            Urgency.LOW: Priority.MAJOR,
        },
        Impact.DEGRADATION: {Urgency.HIGH: Priority.MAJOR, Urgency.MEDIUM: Priority.MINOR, Urgency.LOW: Priority.MINOR},
        Impact.NON_SERVICE_AFFECTING: {Urgency.HIGH: Priority.MINOR, Urgency.MEDIUM: Priority.LOW, Urgency.LOW: Priority.LOW},
    }

    @model_validator(mode="after")
    def whole(self) -> PriorityRow:
        for impact in Impact:
            for urgency in Urgency:
                if urgency not in self.cells.get(impact, {}):
                    raise ValueError(f"the cell {impact.value} x {urgency.value} is missing")
        return self


class TargetsRow(_Row):
    """Response and repair targets by priority for services, customers or the rest; a missing one promises nothing."""

    name: str = "default"
    default: bool = True
    customers: list[str] = []
    services: list[str] = []
    calendar: str = "default"
    response: dict[Priority, str] = {
        Priority.CRITICAL: "15min",
        Priority.MAJOR: "30min",
        Priority.MINOR: "4h",
        Priority.LOW: "1bd",
    }
    repair: dict[Priority, str] = {Priority.CRITICAL: "4h", Priority.MAJOR: "8h", Priority.MINOR: "3bd"}

    @field_validator("response", "repair")
    @classmethod
    def lengths(cls, value: dict[Priority, str]) -> dict[Priority, str]:
        return {p: known_length(t) for p, t in value.items()}

    def of(self, kind: str, priority: Priority) -> Length | None:
        text = (self.response if kind == "response" else self.repair).get(priority)
        return length(text) if text else None


NOTICE_EVERY: dict[Priority, str] = {
    Priority.CRITICAL: "10min",
    Priority.MAJOR: "15min",
    Priority.MINOR: "60min",
    Priority.LOW: "4h",
}


class CareRow(_Row):
    """How a case is cared for between its opening and its end."""

    warn_at: float = Field(0.75, gt=0, lt=1)
    update_every: dict[Priority, str] = {
        Priority.CRITICAL: "1h",
        Priority.MAJOR: "4h",
        Priority.MINOR: "24h",
        Priority.LOW: "2d",
    }
    close_after: str = "3bd"
    notice_every: dict[Priority, str] = NOTICE_EVERY
    notice_rounds: int = Field(3, ge=1, le=10)
    customer_escalates_every: str = "1h"
    deferral: str = "offer"
    rfo_due: str = "5bd"
    rfo_reminders: list[str] = ["3bd", "4bd"]
    chronic_tickets: int = Field(3, ge=2)
    chronic_days: int = Field(45, ge=1)
    trend_tickets: int = Field(6, ge=3)
    trend_days: int = Field(7, ge=1)
    trend_factor: float = Field(2.0, gt=1)
    outage_contacts: int = Field(5, ge=2)
    outage_minutes: int = Field(15, ge=1)
    calendar: str = "default"
    customer_calendars: dict[str, str] = {}

    @field_validator("update_every", "notice_every")
    @classmethod
    def lengths(cls, value: dict[Priority, str]) -> dict[Priority, str]:
        return {p: known_length(t) for p, t in value.items()}

    @field_validator("notice_every")
    @classmethod
    def each_priority(cls, value: dict[Priority, str]) -> dict[Priority, str]:
        """A notice is always repeated: a priority that is not named keeps the usual interval."""
        return {**NOTICE_EVERY, **value}

    @field_validator("close_after", "customer_escalates_every", "rfo_due")
    @classmethod
    def one_length(cls, value: str) -> str:
        return known_length(value)

    @field_validator("rfo_reminders")
    @classmethod
    def each_length(cls, value: list[str]) -> list[str]:
        return [known_length(t) for t in value]

    @field_validator("deferral")
    @classmethod
    def known_policy(cls, value: str) -> str:
        if value not in ("offer", "agent", "never"):
            raise ValueError(f"{value!r} is no way to defer; use offer (policy agrees), agent (a person agrees) or never")
        return value
