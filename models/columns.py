"""Column types that keep what the house promises: aware UTC instants, JSON on every database."""

from __future__ import annotations

from datetime import UTC, datetime
from inspect import Signature
from typing import Any

from sqlalchemy import JSON, Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field


class UtcDateTime(TypeDecorator[datetime]):
    """Stores aware instants in UTC and gives them back aware; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: only aware instants are stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        stamp: datetime = value
        return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)


def json_type() -> JSON:
    """JSON, as JSONB where the database has it."""
    return JSON().with_variant(JSONB(), "postgresql")


def json_field(default: Any = dict) -> Any:
    """A column of JSON that is never empty; `default` makes what stands in it at first."""

    def fresh() -> Any:
        return default()

    # Pydantic asks each time for the factory's signature, which costs more than all the rest of an object.
    fresh.__signature__ = Signature()  # type: ignore[attr-defined]
    return Field(default_factory=fresh, sa_column=Column(json_type(), nullable=False))


def utc_field(*, nullable: bool = False, index: bool = False) -> Any:
    """A column of instants in UTC."""
    if nullable:
        return Field(default=None, sa_column=Column(UtcDateTime(), nullable=True, index=index))
    return Field(sa_column=Column(UtcDateTime(), nullable=False, index=index))
