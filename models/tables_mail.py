"""The tables of mail manners. No `from __future__ import annotations` here: it breaks SQLModel (its issue 196)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, Text
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, json_type


def _utc(*, nullable: bool = False) -> Any:
    if nullable:
        return Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    return Field(sa_column=Column(UtcDateTime(), nullable=False))


def _text() -> Any:
    return Field(default="", sa_column=Column(Text, nullable=False, server_default=""))


class UndeliverableAddress(SQLModel, table=True):
    """An address that a mail of ours came back from; nothing is sent there automatically before `until`."""

    __tablename__ = "undeliverable_address"
    address: str = Field(primary_key=True)
    since: datetime = _utc()
    until: datetime = _utc()
    status: str = ""
    why: str = _text()
    ticket_id: str | None = None
    contact_id: int | None = None


class CarrierNotice(SQLModel, table=True):
    """Another carrier's notice of planned work, as one mail told it."""

    __tablename__ = "carrier_notice"
    __table_args__ = (Index("ix_notice_reference", "sender_domain", "reference"), Index("ix_notice_window", "ends_at"))
    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(unique=True)
    carrier: str
    sender_domain: str
    reference: str = ""
    status: str = "planned"
    impact: str = ""
    starts_at: datetime | None = _utc(nullable=True)
    ends_at: datetime | None = _utc(nullable=True)
    circuits: list[str] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
    subject: str = _text()
    at: datetime = _utc()


class NoticeService(SQLModel, table=True):
    """A service of ours that runs over a circuit of a notice."""

    __tablename__ = "notice_service"
    notice_id: int = Field(primary_key=True, foreign_key="carrier_notice.id")
    service_id: str = Field(primary_key=True, index=True)
    circuit: str = ""


class OtherRef(SQLModel, table=True):
    """A ticket number of another party's own system, and the ticket of ours that it stands for."""

    __tablename__ = "other_ref"
    owner: str = Field(primary_key=True)
    ref: str = Field(primary_key=True)
    ticket_id: str = Field(foreign_key="ticket.id", index=True)
    written: str = ""
    at: datetime = _utc()


class SaidBefore(SQLModel, table=True):
    """Words that an address has sent us, by their digest: a machine that shows itself by nothing else repeats itself."""

    __tablename__ = "said_before"
    address: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    times: int = 1
    first_at: datetime = _utc()
    ticket_id: str | None = None


class Alarm(SQLModel, table=True):
    """Something an operator must see, from when to when."""

    __tablename__ = "alarm"
    name: str = Field(primary_key=True)
    detail: str = _text()
    raised_at: datetime = _utc()
    last_at: datetime = _utc()
    times: int = 1
    cleared_at: datetime | None = _utc(nullable=True)


class TicketMerge(SQLModel, table=True):
    """A ticket that was merged into another: what names it means the other."""

    __tablename__ = "ticket_merge"
    ticket_id: str = Field(primary_key=True, foreign_key="ticket.id")
    into_id: str = Field(foreign_key="ticket.id", index=True)
    at: datetime = _utc()
    actor: str = ""


class ParentProposal(SQLModel, table=True):
    """One of many tickets of one sender: perhaps they have one cause, which a person decides."""

    __tablename__ = "parent_proposal"
    ticket_id: str = Field(primary_key=True, foreign_key="ticket.id")
    parent_id: str = Field(foreign_key="ticket.id", index=True)
    state: str = "proposed"
    at: datetime = _utc()
    actor: str = ""


class Acceptance(SQLModel, table=True):
    """An agent's word that a contact which got no ticket shall have one."""

    __tablename__ = "acceptance"
    contact_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    verdict: str
    actor: str
    at: datetime = _utc()
