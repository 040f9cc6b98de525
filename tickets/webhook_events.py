"""Events for webhooks, written in the transaction in which they happen; nothing is written where nobody wants them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from models.tables_webhooks import WebhookEndpoint, WebhookEvent


class HookEvent(StrEnum):
    """What other systems are told of; documented in docs/formats.md."""

    OPENED = "ticket.opened"
    COMPLETED = "ticket.completed"
    ESCALATED = "ticket.escalated"
    DEFERRED = "ticket.deferred"
    RESOLVED = "ticket.resolved"
    RFO_SENT = "rfo.sent"
    OUTAGE = "outage.detected"


def emit(
    session: Session, event: HookEvent, *, ticket_id: str | None, now: datetime, data: Mapping[str, Any] | None = None
) -> None:
    """Adds the event to the caller's transaction if an endpoint that is switched on wants it."""
    with session.no_autoflush:
        wanted = session.exec(select(WebhookEndpoint.events).where(col(WebhookEndpoint.active).is_(True))).all()
    if not any(not names or event.value in names for names in wanted):
        return
    session.add(
        WebhookEvent(id=f"evt_{uuid.uuid4().hex}", type=event.value, ticket_id=ticket_id, at=now, data=dict(data or {}))
    )
