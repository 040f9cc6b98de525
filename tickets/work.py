"""Leases: who works on which stored contact, and what is still to do whatever the queue forgot."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import Session, col, func, select

from models.store import Store
from models.tables import Contact
from models.words import ContactState

LEASE = timedelta(seconds=20)
MAX_TRIES = 3


def lease_contact(store: Store, contact_id: int, *, owner: str, now: datetime) -> Contact | None:
    """Takes one received contact for LEASE, or None when it is filed or another worker holds it."""
    with store.write() as session:
        taken = session.connection().execute(
            update(Contact)
            .where(col(Contact.id) == contact_id, col(Contact.state) == ContactState.RECEIVED.value)
            .where(or_(col(Contact.lease_until).is_(None), col(Contact.lease_until) < now))
            .values(lease_owner=owner, lease_until=now + LEASE, tries=Contact.tries + 1)
        )
        return session.get(Contact, contact_id) if taken.rowcount else None


def release_contact(store: Store, contact_id: int, *, owner: str, error: str) -> None:
    """Gives a contact back after a failure, with the reason, so that it is taken again at once."""
    with store.write() as session:
        session.connection().execute(
            update(Contact)
            .where(col(Contact.id) == contact_id, col(Contact.lease_owner) == owner)
            .where(col(Contact.state) == ContactState.RECEIVED.value)
            .values(lease_owner="", lease_until=None, last_error=error[:2000])
        )


def contacts_to_do(session: Session, *, now: datetime, limit: int, arrived_before: datetime) -> list[int]:
    """Received contacts that nobody holds, the oldest first."""
    rows = session.exec(
        select(Contact.id)
        .where(Contact.state == ContactState.RECEIVED.value, col(Contact.arrived_at) < arrived_before)
        .where(or_(col(Contact.lease_until).is_(None), col(Contact.lease_until) < now))
        .order_by(col(Contact.id))
        .limit(limit)
    ).all()
    return [r for r in rows if r is not None]


def backlog(session: Session) -> int:
    """How many contacts wait to be filed."""
    return session.exec(select(func.count()).select_from(Contact).where(Contact.state == ContactState.RECEIVED.value)).one()
