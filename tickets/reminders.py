"""One reminder when the customer's answer to our question does not come."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select

from models.store import Store
from models.tables import Event, Outbox, Ticket
from models.words import MailEvent, TicketState
from tickets.answers import AnswerSettings, queue_answer


def queue_reminders(store: Store, *, now: datetime, settings: AnswerSettings, limit: int = 100) -> list[int]:
    """Queues the reminders that are due, each ticket in a transaction of its own; gives the outbox rows."""
    with store.read() as session:
        due = session.exec(
            select(Ticket.id).where(col(Ticket.reminder_due_at) <= now).order_by(col(Ticket.reminder_due_at)).limit(limit)
        ).all()
    return [row for ticket_id in due if (row := _remind(store, ticket_id, now, settings)) is not None]


def _remind(store: Store, ticket_id: str, now: datetime, settings: AnswerSettings) -> int | None:
    with store.write() as session:
        ticket = session.get(Ticket, ticket_id, with_for_update=True)
        if ticket is None or ticket.reminder_due_at is None or ticket.reminder_due_at > now:
            return None
        ticket.reminder_due_at = None
        session.add(ticket)
        if not ticket.missing or ticket.state != TicketState.AWAITING_CUSTOMER.value:
            return None
        asked = session.exec(
            select(Outbox).where(Outbox.ticket_id == ticket_id).order_by(col(Outbox.id).desc()).limit(1)
        ).first()
        if asked is None:
            return None
        session.add(Event(ticket_id=ticket_id, at=now, actor="clock", kind="answer", why="reminder: no answer came"))
        row = queue_answer(
            session,
            ticket,
            MailEvent.REMINDER,
            to=asked.to_address,
            facts=None,
            reading=None,
            contact_id=None,
            now=now,
            settings=settings,
            counted=True,
            dedupe_key=f"reminder:{ticket_id}",
        )
        row.in_reply_to, row.references = asked.message_id, f"{asked.references} {asked.message_id}".strip()
        session.add(row)
        return row.id
