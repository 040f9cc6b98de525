"""The tables. No `from __future__ import annotations` here: it breaks SQLModel (its issue 196)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, json_type


def _json(default: Any = dict) -> Any:
    return Field(default_factory=default, sa_column=Column(json_type(), nullable=False))


def _utc(*, nullable: bool = False, index: bool = False) -> Any:
    if nullable:
        return Field(default=None, sa_column=Column(UtcDateTime(), nullable=True, index=index))
    return Field(sa_column=Column(UtcDateTime(), nullable=False, index=index))


class CustomerRecord(SQLModel, table=True):
    __tablename__ = "customer"
    id: str = Field(primary_key=True)
    name: str
    timezone: str = "UTC"
    domains: list[str] = _json(list)
    contacts: list[dict[str, str]] = _json(list)


class ServiceRecord(SQLModel, table=True):
    __tablename__ = "service"
    id: str = Field(primary_key=True)
    customer: str = Field(index=True, foreign_key="customer.id")
    product: str = ""
    site: str = ""
    redundant: bool = False
    circuits: list[str] = _json(list)
    prefixes: list[str] = _json(list)


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
    arrived_at: datetime = _utc(index=True)
    repeats: int = 0
    state: str = "received"
    verdict: str = ""
    reason: str = ""
    checks: list[dict[str, Any]] = _json(list)
    ticket_id: str | None = Field(default=None, foreign_key="ticket.id", index=True)
    from_address: str = ""
    subject: str = ""
    tries: int = 0
    last_error: str = ""
    lease_owner: str = ""
    lease_until: datetime | None = _utc(nullable=True)
    filed_at: datetime | None = _utc(nullable=True)


class ReadingRecord(SQLModel, table=True):
    """What the parser read from one contact, as printed by `intake read`, with zones."""

    __tablename__ = "reading"
    contact_id: int = Field(primary_key=True, foreign_key="contact.id")
    rule_set: str
    data: dict[str, Any] = _json()
    zones: list[list[Any]] = _json(list)
    created_at: datetime = _utc()


class TicketCounter(SQLModel, table=True):
    __tablename__ = "ticket_counter"
    year: int = Field(primary_key=True)
    last: int


class Ticket(SQLModel, table=True):
    """The case; `report` holds the eight fields as known so far."""

    __tablename__ = "ticket"
    __table_args__ = (Index("ix_ticket_customer", "customer_id", "last_contact_at"),)
    id: str = Field(primary_key=True)
    customer_id: str | None = None
    company: str = ""
    requester: str = ""
    subject: str = ""
    state: str = "new"
    impact: str | None = None
    urgency: str = "medium"
    priority: str = "minor"
    priority_steps: list[str] = _json(list)
    provisional: bool = False
    report: dict[str, Any] = _json()
    missing: list[str] = _json(list)
    review: bool = Field(default=False, index=True)
    review_reasons: list[str] = _json(list)
    linked_ticket: str | None = None
    asks: int = 0
    reminder_due_at: datetime | None = _utc(nullable=True, index=True)
    opened_at: datetime = _utc(index=True)
    last_contact_at: datetime = _utc()
    version: int = 1


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
    at: datetime = _utc()
    actor: str
    kind: str
    why: str = ""
    contact_id: int | None = None
    data: dict[str, Any] = _json()


class RuleSetRecord(SQLModel, table=True):
    __tablename__ = "rule_set"
    __table_args__ = (
        Index("uq_rule_set_active", "active", unique=True, sqlite_where=text("active = 1"), postgresql_where=text("active")),
    )
    id: int | None = Field(default=None, primary_key=True)
    name: str
    digest: str = Field(unique=True)
    body: dict[str, Any] = _json()
    active: bool = False
    created_at: datetime = _utc()


class Outbox(SQLModel, table=True):
    """One mail of ours; the Message-ID is fixed before the first try, the text as sent is kept in `raw`."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "state", "due_at"), Index("ix_outbox_cap", "to_address", "created_at"))
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: str = Field(foreign_key="ticket.id", index=True)
    contact_id: int | None = None
    event: str
    dedupe_key: str = Field(unique=True)
    message_id: str = Field(unique=True)
    to_address: str
    envelope_from: str
    subject: str = ""
    in_reply_to: str = ""
    references: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    context: dict[str, Any] = _json()
    raw: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    body_text: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    state: str = "queued"
    automatic: bool = True
    counted: bool = True
    tries: int = 0
    last_error: str = ""
    created_at: datetime = _utc()
    due_at: datetime = _utc()
    lease_owner: str = ""
    lease_until: datetime | None = _utc(nullable=True)
    sent_at: datetime | None = _utc(nullable=True)


class User(SQLModel, table=True):
    __tablename__ = "user_account"
    name: str = Field(primary_key=True)
    role: str
    password_hash: str
    failed: int = 0
    locked_until: datetime | None = _utc(nullable=True)


class WebSession(SQLModel, table=True):
    """A signed-in browser; only the hash of its token is stored."""

    __tablename__ = "web_session"
    token_hash: str = Field(primary_key=True)
    user_name: str = Field(foreign_key="user_account.name")
    csrf: str
    created_at: datetime = _utc()
    seen_at: datetime = _utc()


class Audit(SQLModel, table=True):
    __tablename__ = "audit"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = _utc()
    actor: str
    action: str
    detail: dict[str, Any] = _json()
