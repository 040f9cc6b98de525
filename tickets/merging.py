"""One case for two tickets: the contacts go to the target; a ring of merges is refused by name."""

from __future__ import annotations

from models.errors import RefusedError
from models.tables import Ticket
from models.words import TicketState
from tickets.mailing import Work
from tickets.undo import join_tickets


def merge(work: Work, source: Ticket, target: Ticket, why: str) -> None:
    """Merges a ticket into another of the same customer. Raises RefusedError naming what stands against it."""
    if source.id == target.id:
        raise RefusedError(f"{source.id} cannot be merged into itself")
    seen = [source.id]
    at: Ticket | None = target
    while at is not None:
        if at.id == source.id:
            raise RefusedError(f"{source.id} cannot be merged into {target.id}: that is merged into {' -> '.join(seen[1:])}")
        seen.append(at.id)
        at = work.session.get(Ticket, at.merged_into) if at.merged_into else None
    if target.state == TicketState.MERGED.value:
        raise RefusedError(f"{target.id} is merged into {target.merged_into} itself; merge into that one")
    join_tickets(work.session, source, target, actor=work.actor, now=work.now, why=why)


def link(work: Work, ticket: Ticket, other: Ticket) -> None:
    """Notes on both tickets that they belong together, and nothing more. Raises RefusedError for a ticket and itself."""
    if ticket.id == other.id:
        raise RefusedError(f"{ticket.id} cannot be linked to itself")
    ticket.linked_ticket = other.id
    other.linked_ticket = other.linked_ticket or ticket.id
    work.event(ticket, "linked", f"see also {other.id}")
    work.event(other, "linked", f"see also {ticket.id}")
    work.session.add(ticket)
    work.session.add(other)
