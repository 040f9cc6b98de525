"""What the pages show, read from the database."""

from __future__ import annotations

from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from console import phone_queries
from models.tables import Contact, Event, Outbox, ReadingRecord, Ticket


def contact_page(session: Session, contact_id: int) -> tuple[Contact, ReadingRecord | None, list[Outbox]] | None:
    contact = session.get(Contact, contact_id)
    if contact is None:
        return None
    answers = session.exec(select(Outbox).where(Outbox.contact_id == contact_id)).all()
    return contact, session.get(ReadingRecord, contact_id), list(answers)


def ticket_page(session: Session, ticket_id: str) -> tuple[Ticket, list[Event], list[Contact], list[Outbox]] | None:
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        return None
    events = session.exec(select(Event).where(Event.ticket_id == ticket_id).order_by(col(Event.id))).all()
    contacts = session.exec(select(Contact).options(defer(Contact.raw)).where(Contact.ticket_id == ticket_id)).all()  # type: ignore[arg-type]
    mails = session.exec(select(Outbox).where(Outbox.ticket_id == ticket_id).order_by(col(Outbox.id))).all()
    return ticket, list(events), list(contacts), list(mails)


def mark(session: Session) -> str:
    """Changes whenever a list would show something else."""
    filed = session.exec(select(func.max(Contact.id), func.max(Contact.filed_at))).one()
    sent = session.exec(select(func.max(Outbox.id), func.max(Outbox.sent_at))).one()
    told = session.exec(select(func.max(Event.id))).one()
    return f"{filed}{sent}{told}{phone_queries.mark(session)}"
