"""An address or number that was handed out for certain services narrows what a report without a service ID may mean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from models.tables import Event, Outbox, Ticket, TicketService
from models.tables_life import SupportChannel
from tests.unit.tickets.makers import reading
from tests.unit.tickets.test_filing import SETTINGS, Desk

LINE = "line-1001@desk.example"
HOUSE = "ostwind@desk.example"
OTHER = "other@desk.example"
OWN = replace(SETTINGS, own_addresses=frozenset({"noc@desk.example", LINE, HOUSE, OTHER}))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    with desk.store.write() as session:
        session.add(SupportChannel(value=LINE, kind="email", services=["LNK-1001"]))
        session.add(SupportChannel(value=HOUSE, kind="email", customers=["K1"]))
        session.add(SupportChannel(value=OTHER, kind="email", services=["LNK-2001"]))
    return desk


def ticket_of(desk: Desk, used: str, **read: object) -> Ticket:
    return desk.ticket(desk.file(reading(**({"service_ids": ()} | read)), envelope_to=(used,), settings=OWN))


def test_an_address_for_one_service_tells_it_to_be_confirmed(desk: Desk) -> None:
    ticket = ticket_of(desk, LINE)
    assert ticket.report["service_id"]["values"] == ["LNK-1001"]
    assert ticket.report["service_id"]["confirm"]
    assert ticket.missing == []
    with desk.store.read() as session:
        assert session.get(TicketService, (ticket.id, "LNK-1001"))
        why = [e.why for e in session.exec(select(Event).where(Event.ticket_id == ticket.id, Event.kind == "report"))]
    assert any("for it alone" in w for w in why)


def test_an_address_for_a_customer_offers_his_services_in_the_question(desk: Desk) -> None:
    ticket = ticket_of(desk, HOUSE)
    assert ticket.missing == ["service_id"]
    with desk.store.read() as session:
        [row] = session.exec(select(Outbox)).all()
    assert row.context["choices"] == ["LNK-1001", "LNK-1002"]


@pytest.mark.parametrize("used", ["noc@desk.example", OTHER])
def test_an_address_for_everybody_or_for_another_customer_tells_nothing(desk: Desk, used: str) -> None:
    ticket = ticket_of(desk, used)
    assert ticket.missing == ["service_id"]
    assert "choices" not in ticket.report


def test_what_the_text_says_counts_more(desk: Desk) -> None:
    assert ticket_of(desk, LINE, service_ids=("LNK-1002",)).report["service_id"]["values"] == ["LNK-1002"]


def test_a_stranger_learns_nothing_of_it(desk: Desk) -> None:
    ticket = desk.ticket(
        desk.file(reading(service_ids=()), envelope_to=(LINE,), from_address="x@nowhere.example", settings=OWN)
    )
    assert ticket.missing == ["service_id"]
    assert "choices" not in ticket.report
