"""One pass of the clock over the tickets that are due: in order, in short transactions, safe on many machines at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from models.store import Store
from models.tables import Ticket
from models.tables_life import Deferral, Escalation, Rfo, TicketMark
from tickets.duties import run_due
from tickets.mailing import LifeSettings, Work
from tickets.plan import LifeCase
from tickets.policy import Policy, load_policy

log = structlog.get_logger("intake.clock")
BATCH = 100
# A ticket whose work fails is looked at again after this, so that it holds up no other.
SET_ASIDE = timedelta(minutes=10)


def clock_pass(store: Store, settings: LifeSettings, *, now: datetime, limit: int = 2000) -> list[int]:
    """Does what is due for up to `limit` tickets, the longest waiting first; gives the outbox rows it queued."""
    queued: list[int] = []
    left = limit
    while left > 0:
        try:
            done, rows = _batch(store, settings, now, min(BATCH, left))
        except Exception:  # one bad ticket of a batch must not keep the others: each on its own
            log.exception("clock_batch_failed")
            done, rows = _singly(store, settings, now, min(BATCH, left))
        queued += rows
        left -= done
        if not done:
            break
    return queued


def load_case(session: Session, ticket: Ticket) -> LifeCase:
    """A ticket with what has happened to it, for one who holds its row."""
    return load_cases(session, [ticket], load_policy(session))[0]


def load_cases(session: Session, tickets: Sequence[Ticket], policy: Policy) -> list[LifeCase]:
    ids = [t.id for t in tickets]
    cases = {t.id: LifeCase(t, policy) for t in tickets}
    for mark in session.exec(select(TicketMark).where(col(TicketMark.ticket_id).in_(ids))):
        cases[mark.ticket_id].marks[mark.mark] = mark.at
    for row in session.exec(select(Escalation).where(col(Escalation.ticket_id).in_(ids)).order_by(col(Escalation.id))):
        cases[row.ticket_id].escalations.append(row)
    for deferral in session.exec(select(Deferral).where(col(Deferral.ticket_id).in_(ids)).order_by(col(Deferral.id))):
        cases[deferral.ticket_id].deferral = deferral
    for rfo in session.exec(select(Rfo).where(col(Rfo.ticket_id).in_(ids)).order_by(col(Rfo.id))):
        cases[rfo.ticket_id].rfo = rfo
    return list(cases.values())


def _batch(store: Store, settings: LifeSettings, now: datetime, size: int) -> tuple[int, list[int]]:
    with store.write() as session:
        tickets = session.exec(
            select(Ticket)
            .where(col(Ticket.next_due_at) <= now)
            .order_by(col(Ticket.next_due_at))
            .limit(size)
            .with_for_update(skip_locked=True)
        ).all()
        work = Work(session, now, settings)
        if tickets:
            _run(work, load_cases(session, tickets, load_policy(session)))
        return len(tickets), work.queued


def _singly(store: Store, settings: LifeSettings, now: datetime, size: int) -> tuple[int, list[int]]:
    with store.read() as session:
        ids = session.exec(
            select(Ticket.id).where(col(Ticket.next_due_at) <= now).order_by(col(Ticket.next_due_at)).limit(size)
        ).all()
    queued: list[int] = []
    for ticket_id in ids:
        try:
            with store.write() as session:
                ticket = session.get(Ticket, ticket_id, with_for_update=True)
                if ticket and ticket.next_due_at and ticket.next_due_at <= now:
                    work = Work(session, now, settings)
                    _run(work, [load_case(session, ticket)])
                    queued += work.queued
        except Exception as e:  # set aside and shown, never dropped
            log.exception("clock_ticket_failed", ticket=ticket_id)
            _set_aside(store, settings, ticket_id, now, e)
    return len(ids), queued


def _run(work: Work, cases: Sequence[LifeCase]) -> None:
    # Nothing asks for rows of this batch before they are flushed on purpose.
    with work.session.no_autoflush:
        run_due(work, cases)
    work.session.flush()


def _set_aside(store: Store, settings: LifeSettings, ticket_id: str, now: datetime, error: Exception) -> None:
    with store.write() as session:
        ticket = session.get(Ticket, ticket_id, with_for_update=True)
        if ticket:
            ticket.next_due_at = now + SET_ASIDE
            Work(session, now, settings).review(ticket, f"the clock cannot work on it: {type(error).__name__}: {error}"[:300])
