"""What the pages show, read from the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from models.tables import Contact, Event, Outbox, ReadingRecord, Ticket
from models.words import ContactState

PAGE = 50


@dataclass(frozen=True, slots=True)
class ContactLine:
    contact: Contact
    read: dict[str, Any]
    answer: Outbox | None


def newest_contacts(session: Session, *, before: int | None, search: str) -> list[ContactLine]:
    """A page of contacts, the newest first, older than `before`."""
    query = select(Contact).options(defer(Contact.raw)).order_by(col(Contact.id).desc()).limit(PAGE)  # type: ignore[arg-type]
    if before:
        query = query.where(col(Contact.id) < before)
    if search:
        like = f"%{_escaped(search)}%"
        columns = (Contact.from_address, Contact.subject, Contact.ticket_id)
        query = query.where(or_(*(col(c).ilike(like, escape="\\") for c in columns)))
    contacts = session.exec(query).all()
    ids = [c.id for c in contacts]
    readings = session.exec(select(ReadingRecord).where(col(ReadingRecord.contact_id).in_(ids))).all()
    answers = session.exec(select(Outbox).where(col(Outbox.contact_id).in_(ids))).all()
    read = {r.contact_id: r.data for r in readings}
    answer = {a.contact_id: a for a in answers}
    return [ContactLine(c, read.get(c.id or 0, {}), answer.get(c.id)) for c in contacts]


def newest_tickets(session: Session, *, search: str) -> list[Ticket]:
    """The newest tickets; those that wait for a person come first."""
    query = select(Ticket).order_by(col(Ticket.opened_at).desc()).limit(PAGE)
    if search:
        like = f"%{_escaped(search)}%"
        columns = (Ticket.id, Ticket.company, Ticket.subject, Ticket.requester)
        query = query.where(or_(*(col(c).ilike(like, escape="\\") for c in columns)))
    return list(session.exec(query).all())


def counts(session: Session) -> dict[str, int]:
    """The figures at the head of the page."""
    return {
        "contacts": _count(session, select(func.count()).select_from(Contact)),
        "waiting": _count(
            session, select(func.count()).select_from(Contact).where(Contact.state == ContactState.RECEIVED.value)
        ),
        "tickets": _count(session, select(func.count()).select_from(Ticket)),
        "review": _count(session, select(func.count()).select_from(Ticket).where(col(Ticket.review).is_(True))),
        "unsent": _count(session, select(func.count()).select_from(Outbox).where(Outbox.state != "sent")),
    }


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


def newest_mails(session: Session) -> list[Outbox]:
    return list(session.exec(select(Outbox).order_by(col(Outbox.id).desc()).limit(2 * PAGE)).all())


def mark(session: Session) -> str:
    """Changes whenever a list would show something else."""
    filed = session.exec(select(func.max(Contact.id), func.max(Contact.filed_at))).one()
    sent = session.exec(select(func.max(Outbox.id), func.max(Outbox.sent_at))).one()
    return f"{filed}{sent}"


def _count(session: Session, query: Any) -> int:
    return int(session.exec(query).one())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")[:200]
