"""One reminder when the customer's answer to our question does not come."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from models.store import Store
from models.tables import Event, Outbox, Ticket
from models.words import MailEvent, TicketState
from tickets.answers import AnswerSettings, queue_answer
from tickets.caps import STRANGER
from tickets.review import for_review
from tickets.undeliverable import blocked

_KEY = "reminder:{}"


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
        if _reminded(session, ticket_id):
            for_review(ticket, "the customer has not answered our question, nor our reminder")
            return None
        if blocked(session, asked.to_address, now):
            for_review(ticket, f"no reminder: mail to {asked.to_address} does not arrive")
            return None
        ticket.reminder_due_at = now + settings.remind_after(ticket.impact)
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
            dedupe_key=_KEY.format(ticket_id),
            stranger=ticket.customer_id is None,
        )
        row.in_reply_to, row.references = asked.message_id, f"{asked.references} {asked.message_id}".strip()
        row.channel = asked.channel
        session.add(row)
        return row.id


def _reminded(session: Session, ticket_id: str) -> bool:
    key = _KEY.format(ticket_id)
    return session.exec(select(Outbox.id).where(col(Outbox.dedupe_key).in_((key, f"{STRANGER}:{key}")))).first() is not None
