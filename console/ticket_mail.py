"""What the ticket page shows beside the ticket: carriers' notices, a proposed parent, a dead address, other numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.tables import Ticket, TicketService
from models.tables_mail import OtherRef, ParentProposal, UndeliverableAddress
from tickets.carrier_notices import NoticeLine, notices_for
from tickets.undeliverable import blocked


@dataclass(frozen=True, slots=True)
class TicketMail:
    notices: list[NoticeLine]
    parent: ParentProposal | None
    dead: UndeliverableAddress | None
    numbers: list[str]


def ticket_mail(session: Session, ticket: Ticket, now: datetime) -> TicketMail:
    """Read for the page of one ticket."""
    services = session.exec(select(TicketService.service_id).where(TicketService.ticket_id == ticket.id)).all()
    numbers = session.exec(select(OtherRef.written).where(OtherRef.ticket_id == ticket.id).order_by(col(OtherRef.at))).all()
    proposal = session.get(ParentProposal, ticket.id)
    return TicketMail(
        notices_for(session, services, now),
        proposal if proposal and proposal.state == "proposed" else None,
        blocked(session, ticket.requester, now),
        list(numbers),
    )
