"""Leases: who works on which stored contact, and what is still to do whatever the queue forgot."""

from __future__ import annotations

from collections.abc import Sequence
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
    return next(iter(lease_contacts(store, [contact_id], owner=owner, now=now)), None)


def lease_contacts(store: Store, ids: Sequence[int], *, owner: str, now: datetime) -> list[Contact]:
    """Takes those of the received contacts that nobody holds for LEASE, in one transaction; the oldest first."""
    if not still_to_do(store, ids):  # a doubled hint must not cost the writers a turn
        return []
    with store.write() as session:
        taken = session.connection().execute(
            update(Contact)
            .where(col(Contact.id).in_(ids), col(Contact.state) == ContactState.RECEIVED.value)
            .where(or_(col(Contact.lease_until).is_(None), col(Contact.lease_until) < now))
            .values(lease_owner=owner, lease_until=now + LEASE, tries=Contact.tries + 1)
            .returning(col(Contact.id))
        )
        ours = list(taken.scalars())
        return list(session.exec(select(Contact).where(col(Contact.id).in_(ours)).order_by(col(Contact.id)))) if ours else []


def still_to_do(store: Store, ids: Sequence[int]) -> dict[int, int]:
    """Those of the contacts that are not filed yet, with how often each was tried."""
    with store.read() as session:
        query = select(Contact.id, Contact.tries).where(
            col(Contact.id).in_(ids), col(Contact.state) == ContactState.RECEIVED.value
        )
        return {i: tries for i, tries in session.exec(query.order_by(col(Contact.id))) if i is not None}


def give_back(store: Store, ids: Sequence[int], *, owner: str) -> None:
    """Gives back contacts that nothing was tried on, so that they do not count as tried."""
    with store.write() as session:
        session.connection().execute(
            update(Contact)
            .where(col(Contact.id).in_(ids), col(Contact.lease_owner) == owner)
            .where(col(Contact.state) == ContactState.RECEIVED.value)
            .values(lease_owner="", lease_until=None, tries=Contact.tries - 1)
        )


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


def backlog(session: Session, at_most: int | None = None) -> int:
    """How many contacts wait to be filed; counts no further than `at_most`, for a long backlog is costly to count."""
    waiting = select(Contact.id).where(Contact.state == ContactState.RECEIVED.value)
    if at_most is not None:
        waiting = waiting.limit(at_most)
    return session.exec(select(func.count()).select_from(waiting.subquery())).one()


def oldest_waiting(session: Session) -> datetime | None:
    """When the first of the contacts that wait has arrived."""
    query = select(Contact.arrived_at).where(Contact.state == ContactState.RECEIVED.value).order_by(col(Contact.id)).limit(1)
    return session.exec(query).first()
