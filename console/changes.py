"""Tells open pages that something changed; the database is asked at most once a second, however many look."""

from __future__ import annotations

import threading
import time

from sqlmodel import Session, col, func, select

from models.store import Store
from models.tables import Contact, Event, Outbox, Ticket

NEWEST = 60
HELD_S = 0.9


class Changes:
    """A number that is another one whenever the newest rows or their states are others."""

    def __init__(self, store: Store) -> None:
        self._store, self._lock = store, threading.Lock()
        self._mark, self._at = 0, float("-inf")

    def mark(self) -> int:
        with self._lock:
            if time.monotonic() - self._at > HELD_S:
                with self._store.read() as session:
                    self._mark = hash(_newest(session))
                self._at = time.monotonic()
            return self._mark


def _newest(session: Session) -> tuple[object, ...]:
    contacts = session.exec(
        select(Contact.id, Contact.state, Contact.ticket_id, Contact.repeats).order_by(col(Contact.id).desc()).limit(NEWEST)
    ).all()
    tickets = session.exec(
        select(Ticket.id, Ticket.version, Ticket.state, Ticket.review, Ticket.priority, Ticket.asks)
        .order_by(col(Ticket.opened_at).desc(), col(Ticket.id).desc())
        .limit(NEWEST)
    ).all()
    mails = session.exec(select(Outbox.id, Outbox.state, Outbox.tries).order_by(col(Outbox.id).desc()).limit(NEWEST)).all()
    last_event = session.exec(select(func.max(Event.id))).one()
    return (*map(tuple, contacts), *map(tuple, tickets), *map(tuple, mails), last_event)
