"""The outbox rows: who works on one, when it is tried again, and what its end writes into the ticket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, insert, literal, or_, update
from sqlmodel import Session, col, select

from models.columns import UtcDateTime
from models.errors import LeaseLost
from models.tables import Event, Outbox, Ticket
from models.words import MailEvent, OutboxState
from outbound.other_way import OtherWay
from outbound.render import Rendered

# A lease is renewed while its worker lives, so it only bounds what a machine that died costs: with the sweep less than
# 30 seconds.
LEASE = timedelta(seconds=25)
BACKOFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60))
BACKOFF_AFTER = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(hours=48)
ACTOR = "outbound"
# Mails whose words let in whoever reads them: of these nothing is kept once they have gone out or failed.
SECRET = frozenset({MailEvent.PANEL_SIGN_IN.value})
_FORGOTTEN: Mapping[str, Any] = {"raw": None, "body_text": "(not kept: it carried a sign-in link)", "context": {}}


@dataclass(frozen=True, slots=True)
class Lease:
    """A row that this worker may mark as long as nobody else has taken it; `owner` is a name used only once."""

    row_id: int
    owner: str


@dataclass(frozen=True, slots=True)
class Written:
    """A mail as words and as bytes, made outside any transaction."""

    words: Rendered
    raw: bytes


def next_wait(tries: int) -> timedelta | None:
    """How long to wait after this many failed tries; None once the next would come over 48 hours after the first."""
    waits = [BACKOFF[n] if n < len(BACKOFF) else BACKOFF_AFTER for n in range(tries)]
    return waits[-1] if sum(waits, timedelta()) <= GIVE_UP_AFTER else None


def lease_rows(
    session: Session, ids: Sequence[int], written: Mapping[int, Written], *, now: datetime, owner: str
) -> dict[int, bytes]:
    """Takes those of the rows that are due and free, and gives the bytes to send for each.

    The bytes are kept with the lease, before the first try: what another worker wrote earlier stands.
    """
    taken = session.connection().execute(
        update(Outbox)
        .where(col(Outbox.id).in_(ids), _free(now))
        .values(
            lease_owner=owner,
            lease_until=now + LEASE,
            first_try_at=func.coalesce(col(Outbox.first_try_at), literal(now, UtcDateTime())),
        )
        .returning(col(Outbox.id))
    )
    ours = list(taken.scalars())
    # Asked for by itself: SQLite 3.40 answers `raw IS NULL` wrongly in RETURNING.
    older = session.exec(select(Outbox.id, Outbox.raw).where(col(Outbox.id).in_(ours), col(Outbox.raw).is_not(None))).all()
    stored = {i: raw for i, raw in older if i is not None and raw is not None}
    fresh = {i: written[i] for i in ours if i is not None and i not in stored and i in written}
    if fresh:
        table = Outbox.__table__  # type: ignore[attr-defined]
        statement = update(table).where(table.c.id == bindparam("row")).values(
            raw=bindparam("bytes"), subject=bindparam("title"), body_text=bindparam("text")
        )  # fmt: skip
        values = [{"row": i, "bytes": w.raw, "title": w.words.subject, "text": w.words.text} for i, w in fresh.items()]
        session.connection().execute(statement, values)
    return stored | {i: w.raw for i, w in fresh.items()}


def renew(session: Session, owners: Iterable[str], now: datetime) -> None:
    """Keeps the leases of rows that are still being sent."""
    session.connection().execute(
        update(Outbox)
        .where(col(Outbox.state) == OutboxState.QUEUED.value, col(Outbox.lease_owner).in_(tuple(owners)))
        .values(lease_until=now + LEASE)
    )


def release(session: Session, leases: Iterable[Lease]) -> None:
    """Gives rows back untried."""
    for lease in leases:
        session.connection().execute(update(Outbox).where(_ours(lease)).values(lease_owner="", lease_until=None))


def mark_sent(session: Session, leases: Sequence[Lease], now: datetime) -> set[int]:
    """The rows are done, and the tickets' histories say so; gives those that were still ours."""
    done: list[Any] = []
    for owner in {lease.owner for lease in leases}:
        ids = [lease.row_id for lease in leases if lease.owner == owner]
        done += session.connection().execute(
            update(Outbox)
            .where(col(Outbox.id).in_(ids), col(Outbox.state) == OutboxState.QUEUED.value, col(Outbox.lease_owner) == owner)
            .values(state=OutboxState.SENT.value, sent_at=now, last_error="", lease_owner="", lease_until=None)
            .returning(*(col(c) for c in _TOLD))
        )  # fmt: skip
    told = [_event(row, now, "mail_sent", f"{row.event} to {row.to_address}") for row in done if row.ticket_id]
    if told:
        session.connection().execute(insert(Event), told)
    if secret := [row.id for row in done if row.event in SECRET]:
        session.connection().execute(update(Outbox).where(col(Outbox.id).in_(secret)).values(**_FORGOTTEN))
    return {row.id for row in done}


def mark_later(session: Session, lease: Lease, now: datetime, why: str, *, wait: timedelta | None = None) -> OutboxState:
    """The row waits for its next try, or has failed if that would come too late.

    `wait` is given where nobody was asked: that is no try, and only the 48 hours since the first one end it.
    """
    row = _row(session, lease)
    tries = row.tries if wait else row.tries + 1
    wait = wait or next_wait(tries)
    if wait is None or (row.first_try_at and now - row.first_try_at > GIVE_UP_AFTER):
        return mark_failed(session, lease, now, f"given up after {tries} tries: {why}")
    _finish(session, lease, tries=tries, due_at=now + wait, last_error=why)
    return OutboxState.QUEUED


def mark_failed(session: Session, lease: Lease, now: datetime, why: str, *, other_ways: Sequence[OtherWay] = ()) -> OutboxState:
    """The row has failed for good: another way is tried where there is one, and the ticket goes to a person."""
    tries = _row(session, lease).tries + 1
    forgotten = _FORGOTTEN if _row(session, lease).event in SECRET else {}
    row = _finish(session, lease, state=OutboxState.FAILED.value, tries=tries, last_error=why, **forgotten)
    reason = f"mail to {row.to_address} failed: {why}"
    _append(session, row, now, "mail_failed", reason)
    ticket = session.get(Ticket, row.ticket_id, with_for_update=True) if row.ticket_id else None
    if ticket is None:
        return OutboxState.FAILED
    for way in other_ways:
        if found := way(session, row, ticket, now):
            reason += f"; {found}"
            _append(session, row, now, "mail_rerouted", found)
            break
    ticket.review = True
    ticket.review_reasons = [*ticket.review_reasons, reason]
    ticket.version += 1
    session.add(ticket)
    return OutboxState.FAILED


_TOLD = (Outbox.id, Outbox.ticket_id, Outbox.contact_id, Outbox.event, Outbox.message_id, Outbox.to_address)


def _free(now: datetime) -> ColumnElement[bool]:
    unleased = or_(col(Outbox.lease_until).is_(None), col(Outbox.lease_until) <= now)
    return and_(col(Outbox.state) == OutboxState.QUEUED.value, col(Outbox.due_at) <= now, unleased)


def _ours(lease: Lease) -> ColumnElement[bool]:
    queued = col(Outbox.state) == OutboxState.QUEUED.value
    return and_(col(Outbox.id) == lease.row_id, queued, col(Outbox.lease_owner) == lease.owner)


def _finish(session: Session, lease: Lease, **values: Any) -> Outbox:
    """Sets the values and gives the lease back; raises LeaseLost if it is not ours any more."""
    done = session.connection().execute(update(Outbox).where(_ours(lease)).values(lease_owner="", lease_until=None, **values))
    if done.rowcount != 1:
        raise LeaseLost(f"outbox row {lease.row_id}: the lease of {lease.owner} is over")
    return _row(session, lease)


def _row(session: Session, lease: Lease) -> Outbox:
    row = session.get(Outbox, lease.row_id, populate_existing=True)
    if row is None:
        raise LeaseLost(f"outbox row {lease.row_id} is gone")
    return row


def _append(session: Session, row: Outbox, now: datetime, kind: str, why: str) -> None:
    if row.ticket_id is None:
        return
    session.add(Event(**_event(row, now, kind, why)))


def _event(row: Any, now: datetime, kind: str, why: str) -> dict[str, Any]:
    data = {"outbox": row.id, "event": row.event, "message_id": row.message_id, "to": row.to_address}
    about = {"ticket_id": row.ticket_id, "contact_id": row.contact_id, "data": data}
    return {"at": now, "actor": ACTOR, "kind": kind, "why": why, **about}
