"""The tables of the phone line. No `from __future__ import annotations` here: it breaks SQLModel (its issue 196)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, json_type


def _utc(*, nullable: bool = False, index: bool = False) -> Any:
    if nullable:
        return Field(default=None, sa_column=Column(UtcDateTime(), nullable=True, index=index))
    return Field(sa_column=Column(UtcDateTime(), nullable=False, index=index))


def _text() -> Any:
    return Field(default="", sa_column=Column(Text, nullable=False, default=""))


class PhoneCall(SQLModel, table=True):
    """One call; `draft` is the call between two steps, `token` the one step that may come next."""

    __tablename__ = "phone_call"
    __table_args__ = (
        Index("ix_phone_call_open", "ended_at", "updated_at"),
        Index("ix_phone_call_number", "number", "started_at"),
    )
    sid: str = Field(primary_key=True)
    number: str = ""
    called: str = ""
    state: str
    token: str
    draft: dict[str, Any] = Field(default_factory=dict, sa_column=Column(json_type(), nullable=False))
    started_at: datetime = _utc(index=True)
    updated_at: datetime = _utc()
    ended_at: datetime | None = _utc(nullable=True)
    carrier_status: str = ""
    sequence: int = -1
    seconds: int = 0
    steps: int = 0
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    ticket_id: str | None = Field(default=None, foreign_key="ticket.id", index=True)
    outcome: str = ""
    source: str = Field(default="carrier", sa_column_kwargs={"server_default": "carrier"})
    retries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    misroutes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    handed_from: str = Field(default="", sa_column_kwargs={"server_default": ""})
    handed_why: str = Field(default="", sa_column_kwargs={"server_default": ""})


class PhoneStep(SQLModel, table=True):
    """One step of a call with the answer that was given; a repeat gets the same answer."""

    __tablename__ = "phone_step"
    __table_args__ = (UniqueConstraint("call_sid", "token", name="uq_phone_step"),)
    id: int | None = Field(default=None, primary_key=True)
    call_sid: str = Field(foreign_key="phone_call.sid")
    token: str
    at: datetime = _utc()
    state: str
    following: str
    given: dict[str, Any] = Field(default_factory=dict, sa_column=Column(json_type(), nullable=False))
    answer: str = _text()


class Recording(SQLModel, table=True):
    """A recording of a call: expected -> kept | absent | failed; kept as a WAV file in `media`."""

    __tablename__ = "recording"
    __table_args__ = (Index("ix_recording_due", "state", "due_at"),)
    sid: str = Field(primary_key=True)
    call_sid: str = Field(index=True)
    ticket_id: str | None = Field(default=None, foreign_key="ticket.id", index=True)
    state: str = "expected"
    seconds: int = 0
    content_type: str = ""
    media: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    transcript: str = _text()
    transcript_filed: bool = False
    at_carrier: bool = True
    tries: int = 0
    last_error: str = ""
    created_at: datetime = _utc()
    due_at: datetime = _utc()


class CallBack(SQLModel, table=True):
    """A caller whom somebody owes a call; how it moves is tickets/call_backs.py."""

    __tablename__ = "call_back"
    __table_args__ = (Index("ix_call_back_state_due", "state", "due_at"),)
    id: int | None = Field(default=None, primary_key=True)
    call_sid: str = Field(unique=True)
    number: str
    ticket_id: str | None = Field(default=None, foreign_key="ticket.id", index=True)
    reason: str = ""
    due_at: datetime = _utc(index=True)
    created_at: datetime = _utc()
    state: str = Field(default="open", index=True)
    taken_by: str = ""
    done_at: datetime | None = _utc(nullable=True)
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    note: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    changed_at: datetime | None = _utc(nullable=True)
