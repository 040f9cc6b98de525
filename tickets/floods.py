"""Many tickets of one sender within an hour: still one per service, but one answer for all, and a parent proposed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.statements import ask, bindparam
from models.tables import Outbox, Ticket
from models.tables_mail import ParentProposal
from models.words import OutboxState

WINDOW = timedelta(hours=1)
# So long the digest gathers before it goes out.
GATHERS = timedelta(minutes=5)


def flood_parent(session: Session, ticket: Ticket, now: datetime, most: int) -> Ticket | None:
    """The first of the sender's tickets of this hour, when this one is beyond the number that are answered one by one."""
    if not most or not ticket.requester:
        return None
    earlier = ask(session, _OF_THIS_HOUR, requester=ticket.requester, since=now - WINDOW, ticket=ticket.id, most=most)
    return session.get(Ticket, earlier[0][0]) if len(earlier) >= most > 0 else None


_OF_THIS_HOUR = (
    select(Ticket.id)
    .where(Ticket.requester == bindparam("requester"), col(Ticket.opened_at) > bindparam("since"))
    .where(Ticket.id != bindparam("ticket"))
    .order_by(col(Ticket.opened_at), col(Ticket.id))
    .limit(bindparam("most"))
)


def propose_parent(session: Session, ticket: Ticket, parent: Ticket, now: datetime) -> str:
    """Notes the proposal and gives the words for the agent."""
    session.add(ParentProposal(ticket_id=ticket.id, parent_id=parent.id, at=now))
    return f"one of many tickets of {ticket.requester} within an hour: same cause as {parent.id}?"


def add_to_digest(session: Session, parent: Ticket, ticket: Ticket, queue: Callable[[str], Outbox], now: datetime) -> Outbox:
    """Puts the ticket on the list of the digest that waits, or queues a digest with it; `queue` takes its dedupe key."""
    key = f"digest:{parent.id}:"
    waiting = session.exec(
        select(Outbox)
        .where(Outbox.ticket_id == parent.id, col(Outbox.dedupe_key).contains(key), Outbox.state == OutboxState.QUEUED.value)
        .where(col(Outbox.raw).is_(None), col(Outbox.lease_until).is_(None))
        .with_for_update()
        .limit(1)
    ).first()
    row = waiting or queue(f"{key}{ticket.id}")
    if waiting is None:
        row.due_at = max(row.due_at, now + GATHERS)
    line = {"ticket": ticket.id, "subject": ticket.subject}
    row.context = {**row.context, "tickets": [*row.context.get("tickets", []), line]}
    session.add(row)
    return row
