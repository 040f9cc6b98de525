"""What is tried when an address does not exist: the customer's other contacts on file."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from app.house import DirectoryCache, House
from models.directory import Customer
from models.tables import Outbox, ThreadRef, Ticket
from outbound.other_way import OtherWay
from tickets.caps import due_time
from tickets.limits import caps_in_force

# So that a mail is not passed on for ever where a whole domain is gone.
_MOST_ADDRESSES = 3


def other_ways(house: House, directory: DirectoryCache) -> tuple[OtherWay, ...]:
    """The ways in the order in which they are tried."""
    return (_AnotherContact(house, directory),)


class _AnotherContact:
    """The same news to another address that the directory has for the ticket's customer."""

    def __init__(self, house: House, directory: DirectoryCache) -> None:
        self._house, self._directory = house, directory

    def __call__(self, session: Session, failed: Outbox, ticket: Ticket, now: datetime) -> str:
        customer = self._directory.get().customer_by_id.get(ticket.customer_id or "")
        original = failed.dedupe_key.partition("|to:")[0]
        tried = _tried(session, original)
        # What an agent wrote to one person is his to send to another.
        if customer is None or not failed.automatic or len(tried) > _MOST_ADDRESSES:
            return ""
        to = _next_address(customer, failed.to_address, tried)
        if not to:
            return ""
        row = self._copy(failed, ticket, to, original, now)
        if row.counted:
            row.due_at = due_time(session, to, now, caps_in_force(session, self._house.filing.answers.caps))
        session.add(row)
        session.add(ThreadRef(message_id=row.message_id, ticket_id=ticket.id))
        return f"sent to {to}, another contact of {customer.name} on file"

    def _copy(self, failed: Outbox, ticket: Ticket, to: str, original: str, now: datetime) -> Outbox:
        context = {**failed.context, "greeting_name": "", "instead_of": failed.to_address}
        return Outbox(
            ticket_id=ticket.id,
            contact_id=failed.contact_id,
            event=failed.event,
            dedupe_key=f"{original}|to:{to}",
            message_id=self._house.tokens.message_id(ticket.id),
            to_address=to,
            envelope_from=failed.envelope_from,
            context=context,
            counted=failed.counted,
            created_at=now,
            due_at=now,
        )


def _tried(session: Session, original: str) -> set[str]:
    """Addresses that this mail was sent to already."""
    same = (col(Outbox.dedupe_key) == original) | col(Outbox.dedupe_key).startswith(f"{original}|to:", autoescape=True)
    return {a.lower() for a in session.exec(select(Outbox.to_address).where(same)).all()}


def _next_address(customer: Customer, failed: str, tried: set[str]) -> str:
    """One of the same person's first (by name), then the others as the directory lists them."""
    person = next((c.name for c in customer.contacts if c.email.lower() == failed.lower()), "")
    ordered = sorted(customer.contacts, key=lambda c: c.name != person)
    return next((c.email.lower() for c in ordered if c.email and c.email.lower() not in tried), "")
