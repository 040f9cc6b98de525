"""The tables. No `from __future__ import annotations` here: it breaks SQLModel (its issue 196)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Index, LargeBinary, Text, UniqueConstraint, bindparam, func, literal_column, text
from sqlmodel import Field, SQLModel, col

from models.columns import json_field, utc_field

ENDED: tuple[str, ...] = ("resolved", "closed", "merged")
# Conditions of indexes of a part of a table. SQLite takes such an index only for a question that says the very same, so that
# the two functions write the values into it.
_OPEN = f"state NOT IN {ENDED}"
_NO_TICKET = "coalesce(ticket_id, '') = ''"


def _part(name: str, where: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


def ticket_is_open() -> ColumnElement[bool]:
    """The condition that a ticket is open."""
    return col(Ticket.state).not_in(bindparam("ended", ENDED, expanding=True, literal_execute=True))


def contact_has_no_ticket() -> ColumnElement[bool]:
    """The condition that a contact belongs to no ticket."""
    nothing: ColumnElement[str] = literal_column("''")
    return func.coalesce(col(Contact.ticket_id), nothing) == nothing


class CustomerRecord(SQLModel, table=True):
    __tablename__ = "customer"
    id: str = Field(primary_key=True)
    name: str
    timezone: str = "UTC"
    domains: list[str] = json_field(list)
    contacts: list[dict[str, str]] = json_field(list)


class ServiceRecord(SQLModel, table=True):
    __tablename__ = "service"
    id: str = Field(primary_key=True)
    customer: str = Field(index=True, foreign_key="customer.id")
    product: str = ""
    site: str = ""
    redundant: bool = False
    activated: datetime | None = utc_field(nullable=True)
    circuits: list[str] = json_field(list)
    prefixes: list[str] = json_field(list)


class Meta(SQLModel, table=True):
    """Small facts of the installation: the directory's version, the instance's name."""

    __tablename__ = "meta"
    name: str = Field(primary_key=True)
    value: str


class Contact(SQLModel, table=True):
    """One inbound communication, its raw bytes kept as they came."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("mailbox", "dedupe_key", name="uq_contact_dedupe"),
        Index("ix_contact_due", "state", "lease_until"),
        Index("ix_contact_state", "state", "arrived_at", "id"),
        Index("ix_contact_verdict_at", "verdict", "arrived_at", "id"),
        Index("ix_contact_channel", "channel", "arrived_at", "id"),
        Index("ix_contact_from", "from_address", "arrived_at", "id"),
        Index("ix_contact_filed", "filed_at"),
        _part("ix_contact_no_ticket", _NO_TICKET, "state", "arrived_at", "id", "verdict", "channel"),
        # The oldest that wait, however many wait.
        Index("ix_contact_waiting", "state", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    channel: str = "email"
    mailbox: str
    dedupe_key: str
    message_id: str = Field(default="", index=True)
    envelope_from: str = ""
    envelope_to: str = ""
    peer: str = ""
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    arrived_at: datetime = utc_field(index=True)
    repeats: int = 0
    state: str = "received"
    verdict: str = ""
    reason: str = ""
    checks: list[dict[str, Any]] = json_field(list)
    ticket_id: str | None = Field(default=None, foreign_key="ticket.id", index=True)
    from_address: str = ""
    subject: str = ""
    tries: int = 0
    last_error: str = ""
    lease_owner: str = ""
    lease_until: datetime | None = utc_field(nullable=True)
    filed_at: datetime | None = utc_field(nullable=True)
    # How often an agent had it processed again, and who accepted it as a person's mail.
    again: int = 0
    accepted_by: str = ""


class ReadingRecord(SQLModel, table=True):
    """What the parser read from one contact, as printed by `intake read`, with zones.

    `head` holds what search finds beside the text: sender, company, subject. The database keeps its index of words by itself.
    """

    __tablename__ = "reading"
    contact_id: int = Field(primary_key=True, foreign_key="contact.id")
    rule_set: str
    head: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    data: dict[str, Any] = json_field()
    zones: list[list[Any]] = json_field(list)
    created_at: datetime = utc_field()


class TicketCounter(SQLModel, table=True):
    __tablename__ = "ticket_counter"
    year: int = Field(primary_key=True)
    last: int


class Ticket(SQLModel, table=True):
    """The case; `report` holds the eight fields as known so far."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_customer", "customer_id", "last_contact_at"),
        Index("ix_ticket_next_due", "next_due_at"),
        Index("ix_ticket_parent", "parent_ticket"),
        Index("ix_ticket_state", "state", "opened_at", "id"),
        Index("ix_ticket_priority", "priority", "opened_at", "id"),
        Index("ix_ticket_impact", "impact", "opened_at", "id"),
        Index("ix_ticket_for_review", "review", "opened_at", "id"),
        Index("ix_ticket_customer_opened", "customer_id", "opened_at", "id"),
        Index("ix_ticket_last_contact", "last_contact_at", "id"),
        Index("ix_ticket_resolved", "resolved_at"),
        _part("ix_ticket_open", _OPEN, "opened_at", "id", "state", "priority", "impact", "review", "customer_id"),
        _part("ix_ticket_open_silent", _OPEN, "last_contact_at", "id", "state", "priority", "impact", "review", "customer_id"),
        _part("ix_ticket_open_priority", _OPEN, "priority", "opened_at", "id", "state", "impact"),
        _part("ix_ticket_open_impact", _OPEN, "impact", "opened_at", "id", "state", "priority"),
        _part("ix_ticket_open_review", _OPEN, "review", "opened_at", "id", "state"),
        _part("ix_ticket_open_customer", _OPEN, "customer_id", "opened_at", "id", "state"),
        Index("ix_ticket_requester", "requester", "opened_at"),
    )
    id: str = Field(primary_key=True)
    customer_id: str | None = None
    company: str = ""
    requester: str = ""
    subject: str = ""
    state: str = "new"
    impact: str | None = None
    urgency: str = "medium"
    priority: str = "minor"
    priority_steps: list[str] = json_field(list)
    provisional: bool = False
    report: dict[str, Any] = json_field()
    missing: list[str] = json_field(list)
    review: bool = Field(default=False, index=True)
    review_reasons: list[str] = json_field(list)
    linked_ticket: str | None = None
    asks: int = 0
    reminder_due_at: datetime | None = utc_field(nullable=True, index=True)
    opened_at: datetime = utc_field(index=True)
    last_contact_at: datetime = utc_field()
    version: int = 1
    # The life of the ticket (tickets/states.py, plan.py): the clock looks at it again at `next_due_at`.
    next_due_at: datetime | None = utc_field(nullable=True)
    state_log: list[list[str]] = json_field(list)
    accepted: bool = False
    stated_urgency: str = ""
    urgency_override: str = ""
    priority_override: str = ""
    override_by: str = ""
    override_why: str = ""
    response_due_at: datetime | None = utc_field(nullable=True)
    responded_at: datetime | None = utc_field(nullable=True)
    repair_due_at: datetime | None = utc_field(nullable=True)
    resolved_at: datetime | None = utc_field(nullable=True)
    told_at: datetime | None = utc_field(nullable=True)
    breaches: list[str] = json_field(list)
    resolution: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    escalation_level: int = 0
    escalation_cycle: int = 1
    parent_ticket: str | None = None
    merged_into: str | None = None


class TicketService(SQLModel, table=True):
    __tablename__ = "ticket_service"
    ticket_id: str = Field(primary_key=True, foreign_key="ticket.id")
    service_id: str = Field(primary_key=True, index=True)


class ThreadRef(SQLModel, table=True):
    """A Message-ID that belongs to a ticket: a contact's or one of ours."""

    __tablename__ = "thread_ref"
    message_id: str = Field(primary_key=True)
    ticket_id: str = Field(foreign_key="ticket.id", index=True)


class Event(SQLModel, table=True):
    """One line of a ticket's append-only history."""

    __tablename__ = "event"
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: str = Field(foreign_key="ticket.id", index=True)
    at: datetime = utc_field()
    actor: str
    kind: str
    why: str = ""
    contact_id: int | None = None
    data: dict[str, Any] = json_field()


class RuleSetRecord(SQLModel, table=True):
    __tablename__ = "rule_set"
    __table_args__ = (
        Index("uq_rule_set_active", "active", unique=True, sqlite_where=text("active = 1"), postgresql_where=text("active")),
    )
    id: int | None = Field(default=None, primary_key=True)
    name: str
    digest: str = Field(unique=True)
    body: dict[str, Any] = json_field()
    active: bool = False
    created_at: datetime = utc_field()


class Outbox(SQLModel, table=True):
    """One mail of ours; the Message-ID is fixed before the first try, the text as sent is kept in `raw`."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "state", "due_at"),
        Index("ix_outbox_cap", "to_address", "created_at"),
        Index("ix_outbox_contact", "contact_id", "sent_at"),
        Index("ix_outbox_created", "created_at", "id"),
        Index("ix_outbox_state", "state", "created_at", "id"),
        Index("ix_outbox_event", "event", "created_at", "id"),
        Index("ix_outbox_sent", "sent_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    # A welcome message belongs to a service and to no ticket.
    ticket_id: str | None = Field(default=None, foreign_key="ticket.id", index=True)
    contact_id: int | None = None
    event: str
    dedupe_key: str = Field(unique=True)
    message_id: str = Field(unique=True)
    channel: str = "email"
    carrier_id: str = Field(default="", index=True)
    to_address: str
    envelope_from: str
    subject: str = ""
    in_reply_to: str = ""
    references: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    context: dict[str, Any] = json_field()
    raw: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    body_text: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    state: str = "queued"
    automatic: bool = True
    counted: bool = True
    tries: int = 0
    last_error: str = ""
    created_at: datetime = utc_field()
    due_at: datetime = utc_field()
    lease_owner: str = ""
    lease_until: datetime | None = utc_field(nullable=True)
    first_try_at: datetime | None = utc_field(nullable=True)
    sent_at: datetime | None = utc_field(nullable=True)
