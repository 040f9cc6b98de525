"""What comes in as JSON: each field with its meaning; fields that nobody knows are refused."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from models.words import Impact, Pattern, Priority, TicketState, Urgency

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ADDRESS = re.compile(r"[^\s@<>,;\"()\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


def _clean(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("holds control characters or halves of characters")
    return text.strip()


def _line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise ValueError("must be one line")
    return text


def _address(text: str) -> str:
    if text and not _ADDRESS.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no mail address")
    return text.lower()


def _ip(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False) if "/" in text else ipaddress.ip_address(text))
    except ValueError as e:
        raise ValueError(f"{text[:60]!r} is no IP address or prefix") from e


def _within_reason(at: datetime) -> datetime:
    if not 2000 <= at.year <= 2200:
        raise ValueError("is no time within reason")
    return at.astimezone(UTC)


Words = Annotated[str, Field(max_length=20_000), AfterValidator(_clean)]
Line = Annotated[str, Field(max_length=200), AfterValidator(_clean), AfterValidator(_line)]
Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_clean), AfterValidator(_line)]
Address = Annotated[str, Field(max_length=254), AfterValidator(_clean), AfterValidator(_address)]
Ip = Annotated[str, Field(max_length=64), AfterValidator(_clean), AfterValidator(_ip)]
Instant = Annotated[AwareDatetime, AfterValidator(_within_reason)]
Names = Annotated[list[Name], Field(max_length=50)]


class In(BaseModel):
    """A body: fields that nobody knows are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class TicketIn(In):
    """A report. What is not given as a field is read from the description, as from a mail."""

    description: Annotated[Words, Field(min_length=1)] = Field(description="What is wrong, in English.")
    subject: Line = ""
    service_ids: Names = Field(default_factory=list)
    circuit_ids: Names = Field(default_factory=list)
    ip_addresses: Annotated[list[Ip], Field(max_length=50)] = Field(default_factory=list)
    impact: Impact | None = None
    start_time: Instant | None = Field(default=None, description="With its zone; not in the future.")
    fault_pattern: Pattern | None = None
    test_results: Words = ""
    urgency: Urgency | None = None
    customer: Line = Field(
        default="", description="The customer's ID in the directory; of a customer's own token always its own."
    )
    requester: Address = Field(
        default="", description="The mail address on file that gets our answers; empty: nobody is mailed."
    )
    external_id: Line = Field(default="", description="The case's number in your system; one ticket for each.")
    is_new: bool = Field(default=False, description="True: another fault than those of open tickets, never joined to one.")


class TicketChange(In):
    """Fields to change; what is not named stays. A field of the report that is null or empty is emptied."""

    description: Words | None = None
    service_ids: Names | None = None
    circuit_ids: Names | None = None
    ip_addresses: Annotated[list[Ip], Field(max_length=50)] | None = None
    impact: Impact | None = None
    start_time: Instant | None = None
    fault_pattern: Pattern | None = None
    test_results: Words | None = None
    urgency: Urgency | None = Field(default=None, description="Null gives it back to the rules.")
    priority: Priority | None = Field(
        default=None, description="Null gives it back to the matrix; one that is set needs `reason`."
    )
    state: TicketState | None = Field(default=None, description="in_progress, awaiting_customer, resolved, closed or reopened.")
    resolution: Words = Field(default="", description="What was done; needed with the state `resolved`.")
    reason: Line = ""


class ContactIn(In):
    """Something new on a ticket from the customer: read, filed and answered like a mail."""

    text: Annotated[Words, Field(min_length=1)]
    requester: Address = ""


class NoteIn(In):
    """A note for the people who work on the ticket; the customer does not see it."""

    text: Annotated[Words, Field(min_length=1)]


class ReasonIn(In):
    reason: Annotated[Words, Field(min_length=1, max_length=2000)]


class ActivationIn(ReasonIn):
    """`override` switches on what no replay has been seen of, or what a replay found slow."""

    override: bool = False


class ReadingIn(In):
    """Free words to be read."""

    text: Annotated[str, Field(min_length=1, max_length=100_000), AfterValidator(_clean)]
    sender: Address = ""
    received_at: Instant | None = Field(default=None, description='What "this morning" refers to; default now.')


class RfoChange(In):
    title: Line | None = None
    summary: Words | None = None
    cause: Words | None = None
    resolution: Words | None = None


class RuleSetIn(In):
    name: Name
    rules: dict[str, Any] = Field(description="A rule set file (docs/operations/rules.md).")
