"""A console with two cases that wait for a person, and what the tests of the desk do with its pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from models.clock import utc_now
from models.tables import Contact, Outbox, Ticket
from tests.flows.test_console import Site, site

__all__ = ["site"]
TICKET, OTHER = "INC-2026-000018", "INC-2026-000026"


@pytest.fixture
def filled(site: Site) -> Site:
    """Beside the console's own case a worse one of the same customer, with an answer that waits."""
    now = utc_now()
    with site.store.write() as session:
        first = session.get(Ticket, TICKET)
        assert first
        first.customer_id, first.review, first.review_reasons = "K1", True, ["to confirm: service_id"]
        first.report = {"asked_for": True, "service_id": {"values": ["LNK-1001"], "raw": "", "confirm": True, "contact": 1}}
        first.missing = ["start_time", "description", "impact"]
        session.add(Ticket(
            id=OTHER, customer_id="K1", company="Ostwind", subject="All down", requester="ada@x.example", impact="service_affecting",
            priority="critical", review=True, opened_at=now - timedelta(hours=3), last_contact_at=now,
        ))  # fmt: skip
        session.flush()
        session.add(Contact(id=7, mailbox="m", dedupe_key="7", raw=b"x", arrived_at=now, subject="Cheap pills", state="filed",
                            verdict="unwanted", from_address="spam@y.example", reason="reads as unwanted"))  # fmt: skip
        session.add(Outbox(id=70, ticket_id=OTHER, event="ticket-opened", dedupe_key="h", message_id="<h@x>", state="held",
                           to_address="ada@x.example", envelope_from="b@x", context={"provider": "Desk"}, created_at=now,
                           due_at=now))  # fmt: skip
    return site


def form(client: httpx.Client, path: str, **data: Any) -> httpx.Response:
    """Posts with the token of a page."""
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/review").text)
    assert csrf
    files = data.pop("files", None)
    return client.post(path, data={"csrf": csrf[1], **data}, files=files)


def ticket(site: Site, name: str = TICKET) -> Ticket:
    with site.store.read() as session:
        found = session.get(Ticket, name)
    assert found
    return found
