"""Tables of lists and dashboard. No `from __future__ import annotations` here: it breaks SQLModel (its issue 196)."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime


class SavedView(SQLModel, table=True):
    """Filters and order of a list under a name: its owner's alone, or shared with everybody."""

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("owner", "listing", "name", name="uq_saved_view"),
        Index("ix_saved_view_listing", "listing", "shared"),
    )
    id: int | None = Field(default=None, primary_key=True)
    owner: str
    listing: str
    name: str
    query: str = Field(sa_column=Column(Text, nullable=False))
    shared: bool = False
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))


class DayFigure(SQLModel, table=True):
    """One number of one UTC day (`2026-05-04`), such as `contacts` of part `email`."""

    __tablename__ = "day_figure"
    day: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, nullable=False))


class DayCounted(SQLModel, table=True):
    """When the figures of a day were last worked out."""

    __tablename__ = "day_counted"
    day: str = Field(primary_key=True)
    counted_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
