"""Rows for the tests of lists and search, in a database of either kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from models.store import Store, ensure_schema
from models.tables import Contact, CustomerRecord, Outbox, ReadingRecord, ServiceRecord, Ticket, TicketService

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@contextmanager
def opened(url: str) -> Iterator[Store]:
    store = Store(url)
    ensure_schema(store)
    yield store
    store.close()


def ticket(store: Store, number: int, *, service: str = "", **more: Any) -> str:
    """A ticket; the higher the number the newer, unless it is told otherwise."""
    key = f"INC-2026-{number:06d}"
    values: dict[str, Any] = {
        "requester": "ada@x.example",
        "opened_at": NOW + timedelta(minutes=number),
        "last_contact_at": NOW,
    } | more
    with store.write() as session:
        session.add(Ticket(id=key, **values))
        session.flush()
        if service:
            session.add(TicketService(ticket_id=key, service_id=service))
    return key


def contact(
    store: Store, number: int, text: str = "", *, head: str = "", answered: timedelta | None = None, **more: Any
) -> int:
    """A contact with its reading, answered after so long."""
    data = more.pop("data", {}) | {"text": text}
    values: dict[str, Any] = {"mailbox": "m", "dedupe_key": str(number), "raw": b"", "arrived_at": NOW + timedelta(minutes=number), "state": "filed",
              "verdict": "person", "from_address": "ada@x.example"} | more  # fmt: skip
    with store.write() as session:
        session.add(Contact(id=number, **values))
        session.flush()
        session.add(ReadingRecord(contact_id=number, rule_set="r", head=head, data=data, created_at=NOW))
        if answered is not None:
            at = values["arrived_at"] + answered
            session.add(Outbox(contact_id=number, event="ticket-opened", dedupe_key=f"a{number}", message_id=f"<a{number}@x>",
                               to_address="ada@x.example", envelope_from="b@x", state="sent", created_at=at, due_at=at, sent_at=at))  # fmt: skip
    return number


def service(store: Store, service_id: str, customer: str = "K1", **more: Any) -> None:
    with store.write() as session:
        if session.get(CustomerRecord, customer) is None:
            session.add(CustomerRecord(id=customer, name=more.pop("company", "Ostwind"), domains=["ostwind.example"]))
            session.flush()
        session.add(ServiceRecord(id=service_id, customer=customer, **more))
