"""The tables of webhooks. No `from __future__ import annotations` here: it breaks SQLModel (its issue 196)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text, UniqueConstraint
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


class WebhookEndpoint(SQLModel, table=True):
    """Where events are sent; the secrets are stored encrypted. An empty list of events means all of them."""

    __tablename__ = "webhook_endpoint"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    url: str
    events: list[str] = _json(list)
    kind: str = "standard"
    template: str = _text()
    key: str = _text()
    secret: str = _text()
    old_secret: str = _text()
    old_until: datetime | None = _utc(nullable=True)
    active: bool = True
    why_off: str = _text()
    failing_since: datetime | None = _utc(nullable=True)
    last_ok_at: datetime | None = _utc(nullable=True)
    created_at: datetime = _utc()
    created_by: str = ""


class WebhookEvent(SQLModel, table=True):
    """Something that happened to a ticket, written in the transaction in which it happened."""

    __tablename__ = "webhook_event"
    __table_args__ = (Index("ix_webhook_event_todo", "spread", "at"),)
    id: str = Field(primary_key=True)
    type: str
    # No foreign key: the log of what was sent may outlive a ticket.
    ticket_id: str | None = Field(default=None, index=True)
    at: datetime = _utc()
    data: dict[str, Any] = _json()
    spread: bool = False


class WebhookDelivery(SQLModel, table=True):
    """One event to one endpoint: queued -> sent | failed | dropped (its endpoint is off); a replay is a row of its own."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id", "replay", name="uq_webhook_delivery"),
        Index("ix_webhook_delivery_due", "state", "due_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    endpoint_id: int = Field(foreign_key="webhook_endpoint.id", index=True)
    event_id: str = Field(foreign_key="webhook_event.id", index=True)
    replay: int = 0
    body: str = _text()
    state: str = "queued"
    tries: int = 0
    status: int = 0
    last_error: str = _text()
    created_at: datetime = _utc()
    due_at: datetime = _utc()
    sent_at: datetime | None = _utc(nullable=True)
    lease_owner: str = ""
    lease_until: datetime | None = _utc(nullable=True)
