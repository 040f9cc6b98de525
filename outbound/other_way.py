"""The port for what is tried when a mail cannot be delivered at all: another address, a text message."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from models.tables import Outbox, Ticket


class OtherWay(Protocol):
    """Queues the same news another way, inside the transaction that marks the mail as failed.

    Gives a sentence for the ticket's history (such as "sent to the contact on file b@c.example instead"), or nothing
    when there is no such way for this mail. It must not send by itself: what it queues is delivered like any other.
    """

    def __call__(self, session: Session, failed: Outbox, ticket: Ticket, now: datetime) -> str: ...
