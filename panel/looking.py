"""What the pages show, read from the database; each query is bound to the visitor's own customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import HTTPException
from sqlalchemy import or_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from models.directory import Directory, Service
from models.tables import Contact, Event, Ticket, TicketService
from models.tables_life import Rfo
from models.words import Channel, RfoState, TicketState
from panel.sessions import Visitor
from panel.words import Line, history
from tickets.states import LIVE

PAGE = 50
_OVER = {TicketState.CLOSED.value, TicketState.MERGED.value}
_LIVE = [s.value for s in LIVE]
GONE = "There is no such page here, or it is not yours. Look at your services and tickets."


@dataclass(frozen=True, slots=True)
class FileLine:
    contact: int
    number: int
    name: str
    at: datetime


def service_of(directory: Directory, visitor: Visitor, service_id: str) -> Service:
    """One of the visitor's services; another one's reads like one that does not exist."""
    found = directory.service_by_id.get(service_id)
    if found is None or found.customer not in visitor.customer_ids:
        raise HTTPException(404, GONE)
    return found


def services_of(directory: Directory, visitor: Visitor, search: str = "") -> list[Service]:
    """The visitor's services that fit the words, by ID."""
    own = [s for c in visitor.customer_ids for s in directory.services_by_customer.get(c, ())]
    words = search.casefold().split()
    found = [s for s in own if all(w in f"{s.id} {s.product} {s.site} {' '.join(s.circuits)}".casefold() for w in words)]
    return sorted(found, key=lambda s: s.id)


def ticket_of(session: Session, visitor: Visitor, ticket_id: str, *, hold: bool = False) -> Ticket:
    """One of the visitor's tickets; another one's reads like one that does not exist."""
    found = session.get(Ticket, ticket_id.upper(), with_for_update=hold or None)
    if found is None or found.customer_id not in visitor.customer_ids:
        raise HTTPException(404, GONE)
    return found


def tickets_of(
    session: Session, visitor: Visitor, *, only_open: bool, search: str = "", before: str = ""
) -> tuple[list[Ticket], str]:
    """A page of the visitor's tickets, the newest first, and the mark of the next page (empty: there is none)."""
    query = select(Ticket).where(col(Ticket.customer_id).in_(visitor.customer_ids))
    if only_open:
        query = query.where(col(Ticket.state).not_in(_OVER))
    if search.strip():
        like = "%" + search.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        named = select(TicketService.ticket_id).where(col(TicketService.service_id).ilike(like, escape="\\"))
        words = (
            col(Ticket.id).ilike(like, escape="\\"),
            col(Ticket.subject).ilike(like, escape="\\"),
            col(Ticket.id).in_(named),
        )
        query = query.where(or_(*words))
    if before:
        mark = session.get(Ticket, before)
        if mark and mark.customer_id in visitor.customer_ids:
            older = col(Ticket.opened_at) < mark.opened_at
            query = query.where(or_(older, (col(Ticket.opened_at) == mark.opened_at) & (col(Ticket.id) < mark.id)))
    rows = session.exec(query.order_by(col(Ticket.opened_at).desc(), col(Ticket.id).desc()).limit(PAGE + 1)).all()
    return list(rows[:PAGE]), rows[PAGE - 1].id if len(rows) > PAGE else ""


def open_on(session: Session, visitor: Visitor, service_id: str) -> list[Ticket]:
    """The customer's tickets on a service that are not over, the newest first: what a new report may be about."""
    return list(
        session.exec(
            select(Ticket)
            .join(TicketService, col(TicketService.ticket_id) == col(Ticket.id))
            .where(TicketService.service_id == service_id, col(Ticket.customer_id).in_(visitor.customer_ids))
            .where(col(Ticket.state).in_(_LIVE))
            .order_by(col(Ticket.opened_at).desc())
            .limit(10)
        ).all()
    )


def open_counts(session: Session, visitor: Visitor) -> dict[str, int]:
    """Service ID -> how many tickets of the visitor are open on it."""
    rows = session.exec(
        select(TicketService.service_id, func.count())
        .join(Ticket, col(Ticket.id) == col(TicketService.ticket_id))
        .where(col(Ticket.customer_id).in_(visitor.customer_ids), col(Ticket.state).in_(_LIVE))
        .group_by(TicketService.service_id)
    ).all()
    return dict(rows)


def timeline(session: Session, ticket_id: str) -> list[Line]:
    events = session.exec(select(Event).where(Event.ticket_id == ticket_id).order_by(col(Event.at), col(Event.id))).all()
    return history(list(events))


def files_on(session: Session, ticket_id: str) -> list[FileLine]:
    """The files that came with forms, as the history has them."""
    events = session.exec(
        select(Event).where(Event.ticket_id == ticket_id, Event.kind == "files").order_by(col(Event.id))
    ).all()
    return [
        FileLine(int(e.data["contact"]), n, str(name), e.at) for e in events for n, name in enumerate(e.data.get("files", []))
    ]


def contact_raw(session: Session, ticket_id: str, contact_id: int) -> bytes | None:
    """The message of a form that belongs to this ticket."""
    row = session.get(Contact, contact_id)
    return row.raw if row and row.ticket_id == ticket_id and row.channel == Channel.PANEL.value else None


def messages_on(session: Session, ticket_id: str) -> Sequence[Contact]:
    """When the customer wrote or called, without what."""
    query = select(Contact).options(defer(Contact.raw)).where(Contact.ticket_id == ticket_id)  # type: ignore[arg-type]
    return session.exec(query.order_by(col(Contact.id))).all()


def sent_rfo(session: Session, ticket_id: str) -> Rfo | None:
    """The newest RFO that was sent to the customer."""
    return session.exec(
        select(Rfo).where(Rfo.ticket_id == ticket_id, Rfo.state == RfoState.SENT.value).order_by(col(Rfo.id).desc()).limit(1)
    ).first()
