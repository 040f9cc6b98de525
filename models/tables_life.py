"""The tables of a ticket's life. No `from __future__ import annotations` here: it breaks SQLModel (its issue 196)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, json_type


def _json(default: Any = dict) -> Any:
    return Field(default_factory=default, sa_column=Column(json_type(), nullable=False))


def _utc(*, nullable: bool = False) -> Any:
    if nullable:
        return Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    return Field(sa_column=Column(UtcDateTime(), nullable=False))


def _text() -> Any:
    return Field(default="", sa_column=Column(Text, nullable=False, server_default=""))


class PolicyDocument(SQLModel, table=True):
    """One version of something that an admin edits: a matrix, targets, a calendar, the care rules."""

    __tablename__ = "policy_document"
    __table_args__ = (UniqueConstraint("kind", "name", "version", name="uq_policy_version"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    name: str
    version: int
    body: dict[str, Any] = _json()
    retired: bool = False
    author: str
    created_at: datetime = _utc()


class SupportChannel(SQLModel, table=True):
    """An address or number that customers use; its lists say for whom (empty: for all)."""

    __tablename__ = "support_channel"
    value: str = Field(primary_key=True)
    kind: str
    customers: list[str] = _json(list)
    services: list[str] = _json(list)


class Escalation(SQLModel, table=True):
    """A ticket at a level of its matrix; the database lets a level be entered once in each cycle."""

    __tablename__ = "escalation"
    __table_args__ = (
        UniqueConstraint("ticket_id", "cycle", "level", name="uq_escalation_level"),
        Index("ix_escalation_at", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: str = Field(foreign_key="ticket.id")
    cycle: int
    level: int
    title: str = ""
    cause: str
    actor: str
    reason: str = _text()
    at: datetime = _utc()
    contact_id: int | None = None
    matrix: str = ""
    matrix_version: int = 0
    round: int = 0
    asked_again: int = 0
    next_notice_at: datetime | None = _utc(nullable=True)
    acknowledged_at: datetime | None = _utc(nullable=True)
    acknowledged_by: str = ""


class EscalationNotice(SQLModel, table=True):
    """One attempt to reach one person of a level in one way."""

    __tablename__ = "escalation_notice"
    __table_args__ = (
        UniqueConstraint("escalation_id", "person", "round", name="uq_notice_round"),
        Index("ix_notice_state", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    escalation_id: int = Field(foreign_key="escalation.id", index=True)
    ticket_id: str = Field(foreign_key="ticket.id", index=True)
    person: str
    way: str
    address: str
    round: int
    state: str
    detail: str = _text()
    at: datetime = _utc()
    mail_key: str = ""


class TicketMark(SQLModel, table=True):
    """Something that happens at most once to a ticket and has happened, such as the warning of a target."""

    __tablename__ = "ticket_mark"
    ticket_id: str = Field(primary_key=True, foreign_key="ticket.id")
    mark: str = Field(primary_key=True)
    at: datetime = _utc()


class Deferral(SQLModel, table=True):
    """The agreed pause of a ticket; at most one is open for a ticket."""

    __tablename__ = "deferral"
    __table_args__ = (
        Index(
            "uq_deferral_open",
            "ticket_id",
            unique=True,
            sqlite_where=text("state IN ('offered', 'agreed')"),
            postgresql_where=text("state IN ('offered', 'agreed')"),
        ),
        Index("ix_deferral_ticket", "ticket_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: str = Field(foreign_key="ticket.id")
    state: str
    until: datetime = _utc()
    offered_at: datetime = _utc()
    proposed_by: str
    customer_consent: dict[str, Any] = _json()
    provider_consent: dict[str, Any] = _json()
    ended_at: datetime | None = _utc(nullable=True)
    ended_why: str = _text()


class Rfo(SQLModel, table=True):
    """A Reason for Outage report, from its request to its sending; at most one is open for a ticket."""

    __tablename__ = "rfo"
    __table_args__ = (
        Index(
            "uq_rfo_open",
            "ticket_id",
            unique=True,
            sqlite_where=text("state <> 'sent'"),
            postgresql_where=text("state <> 'sent'"),
        ),
        Index("ix_rfo_ticket", "ticket_id"),
        Index("ix_rfo_due", "state", "due_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: str = Field(foreign_key="ticket.id")
    state: str
    requested_at: datetime = _utc()
    requested_by: str
    channel: str
    contact_id: int | None = None
    due_at: datetime = _utc()
    body: dict[str, Any] = _json()
    version: int = 1
    edited_by: str = ""
    reviewed_by: str = ""
    approved_by: str = ""
    approved_at: datetime | None = _utc(nullable=True)
    pdf: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    sent_at: datetime | None = _utc(nullable=True)
    outbox_id: int | None = None


class OutboxFile(SQLModel, table=True):
    """A file that goes with a mail of ours."""

    __tablename__ = "outbox_file"
    id: int | None = Field(default=None, primary_key=True)
    outbox_id: int = Field(foreign_key="outbox.id", index=True)
    name: str
    media_type: str
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Problem(SQLModel, table=True):
    """The cause behind incidents; what the clock proposes bears a key by which it proposes it once."""

    __tablename__ = "problem"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    state: str
    title: str
    why: str = _text()
    scope: str = Field(default="", index=True)
    dedupe_key: str | None = Field(default=None, unique=True)
    root_cause: str = _text()
    workaround: str = _text()
    parent_ticket: str | None = None
    opened_by: str
    opened_at: datetime = _utc()
    resolved_at: datetime | None = _utc(nullable=True)


class ProblemTicket(SQLModel, table=True):
    __tablename__ = "problem_ticket"
    problem_id: int = Field(primary_key=True, foreign_key="problem.id")
    ticket_id: str = Field(primary_key=True, foreign_key="ticket.id", index=True)


class PreventiveAction(SQLModel, table=True):
    """What is done so that the cause does not come back, by whom and until when."""

    __tablename__ = "preventive_action"
    id: int | None = Field(default=None, primary_key=True)
    problem_id: int = Field(foreign_key="problem.id", index=True)
    what: str = _text()
    owner: str
    due_at: datetime = _utc()
    done_at: datetime | None = _utc(nullable=True)


class MatrixIssue(SQLModel, table=True):
    """An escalation matrix as it was handed over for a service."""

    __tablename__ = "matrix_issue"
    __table_args__ = (UniqueConstraint("service_id", "matrix", "version", name="uq_matrix_issue"),)
    id: int | None = Field(default=None, primary_key=True)
    service_id: str = Field(index=True)
    matrix: str
    version: int
    issued_at: datetime = _utc()
    pdf: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class WelcomeSent(SQLModel, table=True):
    """The welcome message of a service went to these addresses when it was activated."""

    __tablename__ = "welcome_sent"
    service_id: str = Field(primary_key=True)
    at: datetime = _utc()
    addresses: list[str] = _json(list)
