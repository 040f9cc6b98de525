"""Tables of operation. No `from __future__ import annotations` here: it breaks SQLModel (its issue 196)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, json_type


class ProcessBeat(SQLModel, table=True):
    """A process of this installation as it last spoke of itself; `samples` are its own figures since its start."""

    __tablename__ = "process_beat"
    name: str = Field(primary_key=True)
    host: str
    version: str
    parts: list[str] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
    started_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    # By the process's own clock, and by the database's.
    seen_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    skew_s: float = 0.0
    samples: list[list[Any]] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
