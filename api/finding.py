"""Finding what a token may see: of a customer's token, only that customer's; what it may not see does not exist for it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from sqlmodel import Session, col, select

from api.problems import Problem
from models.tables import Contact, ServiceRecord, Ticket
from models.tables_life import Escalation, Rfo
from models.token_store import Bearer

TicketId = Annotated[str, Path(pattern=r"^INC-\d{4}-\d{6,12}$", description="`INC-2026-000128`", examples=["INC-2026-000128"])]
RowId = Annotated[int, Path(ge=1, le=2**31 - 1)]
# Customers read what happened to their ticket, not what our persons note and talk over.
CUSTOMER_EVENTS = (
    "opened",
    "joined",
    "state",
    "answer",
    "told",
    "escalated",
    "acknowledged",
    "rfo",
    "deferral",
    "merged",
    "files",
)


def ticket_of(session: Session, who: Bearer, ticket_id: str, *, lock: bool = False) -> Ticket:
    """Raises 404 for one that is not there, or not this token's."""
    row = session.get(Ticket, ticket_id, with_for_update=True if lock else None)
    if row is None or (who.customer and row.customer_id != who.customer):
        raise Problem(404, f"There is no ticket {ticket_id}.")
    return row


def contact_of(session: Session, who: Bearer, contact_id: int) -> Contact:
    row = session.get(Contact, contact_id)
    ticket = session.get(Ticket, row.ticket_id) if row and row.ticket_id else None
    if row is None or (who.customer and (ticket is None or ticket.customer_id != who.customer)):
        raise Problem(404, f"There is no contact {contact_id}.")
    return row


def service_of(session: Session, who: Bearer, service_id: str) -> ServiceRecord:
    row = session.get(ServiceRecord, service_id)
    if row is None or (who.customer and row.customer != who.customer):
        raise Problem(404, f"There is no service {service_id}.")
    return row


def rfo_of(session: Session, who: Bearer, rfo_id: int, *, lock: bool = False) -> Rfo:
    row = session.get(Rfo, rfo_id, with_for_update=True if lock else None)
    if row is None or not _sees(session, who, row.ticket_id):
        raise Problem(404, f"There is no RFO {rfo_id}.")
    return row


def escalation_of(session: Session, who: Bearer, escalation_id: int, *, lock: bool = False) -> Escalation:
    row = session.get(Escalation, escalation_id, with_for_update=True if lock else None)
    if row is None or not _sees(session, who, row.ticket_id):
        raise Problem(404, f"There is no escalation {escalation_id}.")
    return row


def of_customer(rows: Any, ticket_id: Any, who: Bearer) -> Any:
    """The query, kept to a customer's own tickets where the token is bound to one."""
    if not who.customer:
        return rows
    return rows.join(Ticket, col(Ticket.id) == ticket_id).where(Ticket.customer_id == who.customer)


def _sees(session: Session, who: Bearer, ticket_id: str) -> bool:
    if not who.customer:
        return True
    return session.exec(select(Ticket.customer_id).where(Ticket.id == ticket_id)).first() == who.customer
