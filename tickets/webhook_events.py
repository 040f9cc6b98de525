"""Events for webhooks, written in the transaction in which they happen; nothing is written where nobody wants them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from models.tables_webhooks import WebhookEndpoint, WebhookEvent

_WANTED = "webhook kinds wanted"


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
    if not any(not names or event.value in names for names in _wanted(session)):
        return
    session.add(
        WebhookEvent(id=f"evt_{uuid.uuid4().hex}", type=event.value, ticket_id=ticket_id, at=now, data=dict(data or {}))
    )


def _wanted(session: Session) -> Sequence[Sequence[str]]:
    """The kinds that each endpoint asks for. A transaction asks once: the clock has a hundred tickets in one."""
    known: Sequence[Sequence[str]] | None = session.info.get(_WANTED)
    if known is None:
        with session.no_autoflush:
            known = session.exec(select(WebhookEndpoint.events).where(col(WebhookEndpoint.active).is_(True))).all()
        session.info[_WANTED] = known
    return known
