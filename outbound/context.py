"""What a mail may say: one typed value for all templates, each variable with its help text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from models.errors import UserError
from outbound.headers import one_line

QUOTED_LINES = 20
QUOTED_CHARS = 300
_PREFIXES = re.compile(r"^(?:\s*(?:re|aw|fw|fwd|wg|sv|antw|tr|rv)\s*:|\s*\[INC-\d{4}-\d+\][^:]{0,60}?(?::|$))+\s*", re.I)
_NAME = re.compile(r"[^\W\d_]+(?:[ .'’-]{1,2}[^\W\d_]+)*\.?")


class ContextError(UserError):
    """The context of an outbox row cannot be used."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class Recorded(_Value):
    """One line of the table of what was recorded."""

    field: str = Field(default="", description="Name of the report field, such as `impact`.")
    label: str = Field(description="The field as the customer reads it, such as `Impact`.")
    value: str = Field(description="The value as the customer reads it, on one line.")
    confirm: bool = Field(default=False, description="True if we are not sure of it and the customer should look at it.")

    @field_validator("label", "value")
    @classmethod
    def _flat(cls, value: str) -> str:
        return one_line(value, 500)


class OpenedTicket(_Value):
    """One line of the list of tickets in a digest."""

    ticket: str = Field(description="Ticket ID.")
    subject: str = Field(default="", description="Subject of the customer's mail, on one line.")

    @field_validator("ticket", "subject")
    @classmethod
    def _flat(cls, value: str) -> str:
        return one_line(value, 120)


class MailContext(_Value):
    """All variables that a mail template can use; a name that is not here is an error (StrictUndefined)."""

    provider: str = Field(description="Name of the provider, from the settings.")
    ticket: str = Field(description="Ticket ID, such as INC-2026-000128.")
    greeting_name: str = Field(default="", description="Name to greet; empty if unknown or not shaped like a name.")
    subject_of_customer: str = Field(default="", description="Subject of the customer's mail without `Re:` and ticket IDs.")
    recorded: tuple[Recorded, ...] = Field(default=(), description="What the ticket holds so far, in the order shown.")
    missing: tuple[str, ...] = Field(default=(), description="Names of the report fields that are asked for, in order.")
    choices: tuple[str, ...] = Field(default=(), description="Own services that the address used was handed out for.")
    quoted: str = Field(default="", description="The customer's own text, at most 20 lines.")
    priority: str = Field(default="", description="Incident priority as the customer reads it; empty if not to be shown.")
    language: str = Field(default="en", description="Language of the customer's text: `en`, `de`, ... or `unknown`.")
    their_ref: str = Field(default="", description="The customer's own reference for the case.")
    links: dict[str, str] = Field(
        default_factory=dict,
        description="Signed pages: `answer` (a form), `agree`, `decline`, `escalate`, `works`, `reopen`; `ticket` (see it).",
    )
    second_ask: bool = Field(default=False, description="True if this is the second and last time that we ask.")
    unreadable: tuple[str, ...] = Field(default=(), description="Why the message could not be read, codes or sentences.")
    instead_of: str = Field(default="", description="The address that did not work, where another contact on file gets this.")
    tickets: tuple[OpenedTicket, ...] = Field(default=(), description="The tickets that a digest tells of.")
    holder: str = Field(default="", description="Who has the case now, such as `level 2, Duty manager`.")
    next_level: str = Field(default="", description="The level after that, in words; empty at the top.")
    due: str = Field(default="", description="An instant that the mail is about, in words.")
    again: str = Field(default="", description="From when the customer may ask again, in words.")
    note: str = Field(default="", description="What was done, or why something is not possible; a person's words.")
    workaround: str = Field(default="", description="What helps until a known outage is over.")
    service: str = Field(default="", description="Service ID that a welcome message is about.")
    reminder: bool = Field(default=False, description="True if this repeats a notice that nobody acknowledged.")
    facts: tuple[Recorded, ...] = Field(default=(), description="Rows of a table beside what the customer recorded.")
    phone: str = Field(default="", description="Support number of the contact centre; empty if not to be shown.")

    @field_validator(
        "provider", "ticket", "priority", "their_ref", "phone", "holder", "next_level", "due", "again", "service", "instead_of"
    )
    @classmethod
    def _flat(cls, value: str) -> str:
        return one_line(value, 120)

    @field_validator("greeting_name")
    @classmethod
    def _name(cls, value: str) -> str:
        """Only what looks like a name: a stranger must not put his own sentence or link into our mail."""
        name = one_line(value, 60)
        return name if len(name) <= 40 and len(name.split()) <= 4 and _NAME.fullmatch(name) else ""

    @field_validator("subject_of_customer")
    @classmethod
    def _subject(cls, value: str) -> str:
        return one_line(_PREFIXES.sub("", one_line(value)), 120)

    @field_validator("quoted")
    @classmethod
    def _quote(cls, value: str) -> str:
        lines = [one_line(line, QUOTED_CHARS) for line in value.strip().splitlines()]
        return "\n".join(lines[:QUOTED_LINES]).strip()

    @field_validator("note", "workaround")
    @classmethod
    def _paragraphs(cls, value: str) -> str:
        return "\n\n".join(one_line(line, 2000) for line in value.splitlines() if line.strip())

    @field_validator("unreadable", "missing", "choices")
    @classmethod
    def _each_flat(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one_line(v, 200) for v in value if v.strip()))

    @field_validator("links")
    @classmethod
    def _web_only(cls, value: dict[str, str]) -> dict[str, str]:
        return {k: v for k, v in value.items() if re.fullmatch(r"https?://[!-~]+", v)}

    @property
    def rows(self) -> tuple[Recorded, ...]:
        """The table as shown: what was recorded, then priority and the customer's own reference."""
        more = (("Priority", self.priority), ("Your reference", self.their_ref))
        return self.recorded + tuple(Recorded(label=label, value=value) for label, value in more if value)

    @property
    def to_check(self) -> bool:
        """Whether a row of the table is marked for the customer to look at."""
        return any(r.confirm for r in self.recorded)

    @property
    def asks_for_english(self) -> bool:
        """Whether the mail says that our answers are in English."""
        return self.language.lower().partition("-")[0] not in ("en", "unknown", "")


DERIVED = {
    "rows": "`recorded`, then priority and the customer's own reference, as rows of one table.",
    "to_check": "True if a row is marked `confirm`.",
    "asks_for_english": "True if the mail should say that our answers are in English.",
}
VARIABLES: dict[str, str] = {n: str(f.description) for n, f in MailContext.model_fields.items()} | DERIVED


def context_of(data: Mapping[str, Any], *, provider: str, ticket: str) -> MailContext:
    """The context of an outbox row, with defaults for what it lacks; raises ContextError for values of a wrong type."""
    given = {k: v for k, v in data.items() if v is not None}
    try:
        return MailContext.model_validate({**given, "provider": given.get("provider") or provider, "ticket": ticket})
    except ValidationError as e:
        where = ", ".join(".".join(map(str, error["loc"])) for error in e.errors())
        raise ContextError(f"the context of the mail cannot be used: {where}") from e
