"""Which ticket a contact belongs to: same thread, our own mark, a quoted ID of the sender's company, or the same fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.clock import iso
from models.directory import Customer
from models.mail import MailFacts
from models.reading import Reading
from models.tables import ThreadRef, Ticket, TicketService
from models.words import Field, Intent, TicketState
from tickets.ids import well_formed
from tickets.tokens import Tokens

_WINDOW = timedelta(hours=24)
_CLOSED = {TicketState.CLOSED.value}


@dataclass(frozen=True, slots=True)
class Match:
    """`ticket` to join, or `linked` to suggest, or `unknown_ref` that the store never issued; `why` in words."""

    ticket: Ticket | None = None
    linked: str | None = None
    unknown_ref: str | None = None
    why: str = ""


def find_ticket(
    session: Session,
    facts: MailFacts,
    reading: Reading,
    customer: Customer | None,
    tokens: Tokens,
    *,
    now: datetime,
    robot: bool = False,
) -> Match:
    """Looks for the case, the surest sign first; a sign whose company does not fit only links."""
    by_mark = next((t for a in facts.envelope_to if (t := tokens.ticket_of_recipient(a))), None)
    if by_mark and (ticket := session.get(Ticket, by_mark)):
        return Match(ticket, why="sent to the ticket's own bounce address")
    linked: str | None = None
    for message_id in (*([facts.failed_message_id] if facts.failed_message_id else []), *facts.thread):
        ref = session.get(ThreadRef, message_id)
        ticket = session.get(Ticket, ref.ticket_id) if ref else None
        if ticket and (robot or _same_company(ticket, facts, customer)) and not reading.says_new:
            return Match(ticket, why=f"answers {message_id}")
        linked = linked or (ticket.id if ticket else None)
    if reading.ticket_ref:
        return _by_reference(session, facts, reading, customer, linked)
    if linked:
        return Match(linked=linked, why="answers a mail of this ticket, but says it is another fault or is another company's")
    return Match() if robot else _same_fault(session, now, reading, customer)


def _by_reference(session: Session, facts: MailFacts, reading: Reading, customer: Customer | None, linked: str | None) -> Match:
    ref = reading.ticket_ref or ""
    ticket = session.get(Ticket, ref)
    if ticket and _same_company(ticket, facts, customer):
        return Match(ticket, why=f"names {ref}")
    if ticket:
        return Match(linked=ref, why=f"names {ref}, which is another company's ticket")
    kind = "was never issued here" if well_formed(ref) else "is mistyped or another system's"
    return Match(linked=linked, unknown_ref=ref, why=f"names {ref}, which {kind}")


def _same_fault(session: Session, now: datetime, reading: Reading, customer: Customer | None) -> Match:
    if customer is None or reading.intent is not Intent.REPORT or not reading.service_ids:
        return Match()
    rows = session.exec(
        select(Ticket)
        .join(TicketService, col(TicketService.ticket_id) == col(Ticket.id))
        .where(Ticket.customer_id == customer.id, col(TicketService.service_id).in_(reading.service_ids))
        .where(col(Ticket.last_contact_at) >= now - _WINDOW, col(Ticket.state).not_in(_CLOSED))
        .order_by(col(Ticket.opened_at).desc())
    ).all()
    for ticket in rows:
        if not reading.says_new and _same_start(ticket, reading):
            return Match(ticket, why="same customer, service and start time, within 24 h")
    return Match(linked=rows[0].id, why="same service lately: same fault?") if rows else Match()


def _same_start(ticket: Ticket, reading: Reading) -> bool:
    entry = ticket.report.get(Field.START_TIME.value)
    if not entry or reading.start_time is None:
        return False
    return abs(datetime.fromisoformat(entry["values"][0]) - datetime.fromisoformat(iso(reading.start_time))) <= _WINDOW


def _same_company(ticket: Ticket, facts: MailFacts, customer: Customer | None) -> bool:
    if customer is not None and ticket.customer_id is not None:
        return customer.id == ticket.customer_id
    return bool(facts.from_address) and facts.from_address == ticket.requester
