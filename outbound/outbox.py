"""The outbox rows: who works on one, when it is tried again, and what its end writes into the ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, or_, update
from sqlmodel import Session, col, select

from models.errors import LeaseLost
from models.tables import Event, Outbox, Ticket
from models.words import OutboxState
from outbound.render import Rendered

# Longer than one SMTP command may take (60 s) with the next one's answer; a killed worker costs a mail this much.
LEASE = timedelta(minutes=3)
BACKOFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60))
BACKOFF_AFTER = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(hours=48)
ACTOR = "outbound"


@dataclass(frozen=True, slots=True)
class Lease:
    """A row that this worker may mark as long as nobody else has taken it."""

    row_id: int
    owner: str
    until: datetime


def next_wait(tries: int) -> timedelta | None:
    """How long to wait after this many failed tries; None once the next would come over 48 hours after the first.

    Counted in tries and not from the row's age: a mail that a cap has held back still gets all of its tries.
    """
    waits = [BACKOFF[n] if n < len(BACKOFF) else BACKOFF_AFTER for n in range(tries)]
    return waits[-1] if sum(waits, timedelta()) <= GIVE_UP_AFTER else None


def claim(session: Session, now: datetime, owner: str, limit: int) -> list[int]:
    """Leases up to `limit` due rows to this worker, the longest waiting first; call it in a write transaction."""
    due = select(Outbox.id).where(_free(now)).order_by(col(Outbox.due_at), col(Outbox.id)).limit(limit)
    ids = session.exec(due.with_for_update(skip_locked=True)).all()
    return [i for i in ids if i is not None and _take(session, i, _free(now), lease_owner=owner, lease_until=now + LEASE)]


def hold(session: Session, row: Outbox, written: Rendered | None, *, now: datetime, owner: str) -> Lease:
    """Takes or renews the lease and keeps the text of a mail written just now; raises LeaseLost if another has it.

    What was read before must still stand: with `written`, the row must hold no bytes yet.
    """
    if row.id is None or not owner:
        raise ValueError("a lease needs a stored row and an owner's name")
    lease = Lease(row.id, owner, now + LEASE)
    allowed = or_(_free(now), and_(col(Outbox.state) == OutboxState.QUEUED, col(Outbox.lease_owner) == owner))
    values: dict[str, Any] = {"lease_owner": owner, "lease_until": lease.until}
    if written is not None:
        allowed = and_(allowed, col(Outbox.raw).is_(None))
        values |= {"raw": row.raw, "subject": written.subject, "body_text": written.text}
    if not _take(session, row.id, allowed, **values):
        raise LeaseLost(f"outbox row {row.id} is with another worker, or not due")
    return lease


def mark_sent(session: Session, lease: Lease, now: datetime) -> OutboxState:
    """The row is done; the ticket's history says so."""
    row = _finish(session, lease, state=OutboxState.SENT.value, sent_at=now, last_error="")
    _append(session, row, now, "mail_sent", f"{row.event} to {row.to_address}")
    return OutboxState.SENT


def mark_later(session: Session, lease: Lease, now: datetime, why: str) -> OutboxState:
    """The row waits for its next try, or has failed if that would come too late."""
    tries = _row(session, lease).tries + 1
    wait = next_wait(tries)
    if wait is None:
        return mark_failed(session, lease, now, f"given up after {tries} tries: {why}")
    _finish(session, lease, tries=tries, due_at=now + wait, last_error=why)
    return OutboxState.QUEUED


def mark_failed(session: Session, lease: Lease, now: datetime, why: str) -> OutboxState:
    """The row has failed for good: the ticket goes to a person, with the reason."""
    tries = _row(session, lease).tries + 1
    row = _finish(session, lease, state=OutboxState.FAILED.value, tries=tries, last_error=why)
    reason = f"mail to {row.to_address} failed: {why}"
    _append(session, row, now, "mail_failed", reason)
    ticket = session.get(Ticket, row.ticket_id, with_for_update=True)
    if ticket is not None:
        ticket.review = True
        ticket.review_reasons = [*ticket.review_reasons, reason]
        ticket.version += 1
        session.add(ticket)
    return OutboxState.FAILED


def _free(now: datetime) -> ColumnElement[bool]:
    unleased = or_(col(Outbox.lease_until).is_(None), col(Outbox.lease_until) <= now)
    return and_(col(Outbox.state) == OutboxState.QUEUED.value, col(Outbox.due_at) <= now, unleased)


def _take(session: Session, row_id: int, condition: ColumnElement[bool], **values: Any) -> bool:
    """Compare and set: whether this row met the condition and has the values now."""
    result: CursorResult[Any] = session.connection().execute(
        update(Outbox).where(col(Outbox.id) == row_id, condition).values(**values)
    )
    return result.rowcount == 1


def _finish(session: Session, lease: Lease, **values: Any) -> Outbox:
    """Sets the values and gives the lease back; raises LeaseLost if it is not ours any more."""
    ours = and_(
        col(Outbox.state) == OutboxState.QUEUED.value,
        col(Outbox.lease_owner) == lease.owner,
        col(Outbox.lease_until) == lease.until,
    )
    if not _take(session, lease.row_id, ours, lease_owner="", lease_until=None, **values):
        raise LeaseLost(f"outbox row {lease.row_id}: the lease of {lease.owner} is over")
    return _row(session, lease)


def _row(session: Session, lease: Lease) -> Outbox:
    row = session.get(Outbox, lease.row_id, populate_existing=True)
    if row is None:
        raise LeaseLost(f"outbox row {lease.row_id} is gone")
    return row


def _append(session: Session, row: Outbox, now: datetime, kind: str, why: str) -> None:
    data = {"outbox": row.id, "event": row.event, "message_id": row.message_id, "to": row.to_address}
    session.add(Event(ticket_id=row.ticket_id, at=now, actor=ACTOR, kind=kind, why=why, contact_id=row.contact_id, data=data))
