"""The tables of the agents' desk. No `from __future__ import annotations` here: it breaks SQLModel (its issue 196)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, json_type


def _utc(*, nullable: bool = False) -> Any:
    if nullable:
        return Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    return Field(sa_column=Column(UtcDateTime(), nullable=False))


def _json(*, nullable: bool = False) -> Any:
    if nullable:
        return Field(default=None, sa_column=Column(json_type(), nullable=True))
    return Field(default_factory=dict, sa_column=Column(json_type(), nullable=False))


class DeskCase(SQLModel, table=True):
    """What agents have arranged about a case of the review queue; `ref` is a ticket ID, or `c12` for contact 12."""

    __tablename__ = "desk_case"
    ref: str = Field(primary_key=True)
    assigned_to: str = Field(default="", index=True)
    snoozed_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True, index=True))
    snoozed_by: str = ""
    snooze_why: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    changed_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))


class DeskPresence(SQLModel, table=True):
    """Who has a case open in a browser; a row that is not renewed counts no more."""

    __tablename__ = "desk_presence"
    ref: str = Field(primary_key=True)
    user_name: str = Field(primary_key=True)
    seen_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))


class Correction(SQLModel, table=True):
    """One field that an agent corrected or accepted, with the entries of the report before and after, for the way back."""

    __tablename__ = "correction"
    __table_args__ = (Index("ix_correction_at", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: str = Field(foreign_key="ticket.id", index=True)
    contact_id: int | None = Field(default=None, index=True)
    field: str
    kind: str
    before: dict[str, Any] | None = _json(nullable=True)
    after: dict[str, Any] | None = _json(nullable=True)
    label_before: list[Any] | None = _json(nullable=True)
    reasons_before: list[str] | None = _json(nullable=True)
    review_before: bool = False
    batch: str = Field(index=True)
    actor: str = ""
    at: datetime = _utc()
    undone_at: datetime | None = _utc(nullable=True)
