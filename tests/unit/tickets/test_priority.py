"""Priority from impact and urgency: the rules of urgency, the cells, and what a person decides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models.errors import UserError
from models.policy_file import PriorityRow
from models.store import Store, ensure_schema
from models.tables import Event, Ticket
from models.words import Impact, Priority, TicketEvent, Urgency
from tests.unit.tickets.makers import DIRECTORY, NOW
from tickets.policy import load_policy, save
from tickets.priority import decide_urgency, override, rank, rank_ticket
from tickets.states import transition
from tickets.urgency import UrgencyFacts, find_urgency, stated_urgency

CELLS = PriorityRow()


@pytest.mark.parametrize(
    ("facts", "urgency", "last"),
    [
        (UrgencyFacts(), "medium", "the usual"),
        (UrgencyFacts(redundant=(True,), named=1, of_customer=4), "medium", "the usual"),
        (UrgencyFacts(redundant=(False,), named=1, of_customer=4), "high", "the service is not redundant"),
        (UrgencyFacts(redundant=(True, True), named=2, of_customer=5), "high", "2 of 5 services of the customer"),
        (UrgencyFacts(redundant=(True, True), named=2, of_customer=2), "high", "all 2 services of the customer"),
        (UrgencyFacts(redundant=(False,), named=1, stated=Urgency.LOW), "low", "the customer says so"),
        (UrgencyFacts(stated=Urgency.LOW, decided=Urgency.HIGH, decided_by="ana"), "high", "decided by ana"),
    ],
)
def test_urgency_and_its_last_step(facts: UrgencyFacts, urgency: str, last: str) -> None:
    found, steps = find_urgency(facts)
    assert found.value == urgency
    assert steps[0] == "urgency medium: the usual"
    assert steps[-1] == f"urgency {urgency}: {last}"


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("Please look at it ASAP, it is urgent", Urgency.HIGH),
        ("This is not urgent at all", Urgency.LOW),
        ("no rush, whenever you have time", Urgency.LOW),
        ("Our insurgent department is fine", None),
        ("The link is down", None),
    ],
)
def test_what_the_customers_words_say_about_urgency(text: str, urgency: Urgency | None) -> None:
    assert stated_urgency(text) is urgency


CELL_TABLE = {
    "service_affecting": ("critical", "major", "major"),
    "degradation": ("major", "minor", "minor"),
    "non_service_affecting": ("minor", "low", "low"),
}


@pytest.mark.parametrize("impact", list(Impact))
@pytest.mark.parametrize("urgency", list(Urgency))
def test_the_default_cells(impact: Impact, urgency: Urgency) -> None:
    ranked = rank(impact, UrgencyFacts(decided=urgency, decided_by="ana"), CELLS)
    want = CELL_TABLE[impact.value][list(Urgency).index(urgency)]
    assert (ranked.priority.value, ranked.provisional) == (want, False)
    assert ranked.steps[-1] == f"{impact.value} x {urgency.value} = {want}"


def test_an_unknown_impact_is_provisional_and_routed_as_service_affecting() -> None:
    ranked = rank(None, UrgencyFacts(), CELLS)
    assert (ranked.priority, ranked.provisional) == (Priority.MAJOR, True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    s = Store(f"sqlite:///{tmp_path}/t.db")
    ensure_schema(s)
    yield s
    s.close()


def report(impact: str, service: str = "LNK-1002") -> dict[str, Any]:
    return {"service_id": {"values": [service]}, "impact": {"values": [impact]}}


def made(session: Any, **given: Any) -> Ticket:
    ticket = Ticket(id="INC-2026-000018", customer_id="K1", opened_at=NOW, last_contact_at=NOW, **given)
    session.add(ticket)
    session.flush()
    return ticket


def test_a_change_of_impact_computes_anew_and_what_a_person_set_stays(store: Store) -> None:
    with store.write() as session:
        ticket = made(session, report=report("degradation"))
        rank_ticket(session, ticket, DIRECTORY, CELLS, now=NOW, actor="intake")
        assert ticket.priority == "minor"
        override(session, ticket, DIRECTORY, CELLS, priority="major", now=NOW, actor="ana", why="a bank")
        assert (ticket.priority, ticket.priority_steps[-1]) == ("major", "set to major by ana: a bank")
        ticket.report = report("service_affecting")
        rank_ticket(session, ticket, DIRECTORY, CELLS, now=NOW, actor="intake")
        assert ticket.priority == "major"
        assert "service_affecting x medium = major" in ticket.priority_steps
        decide_urgency(session, ticket, DIRECTORY, CELLS, urgency="high", now=NOW, actor="bob")
        override(session, ticket, DIRECTORY, CELLS, priority="", now=NOW, actor="ana", why="")
        assert ticket.priority == "critical"
        events = session.exec(select(Event).where(Event.kind == "priority")).all()
    assert [e.data["to"] for e in events] == ["minor", "major", "major", "major", "critical"]
    assert [e.actor for e in events] == ["intake", "ana", "intake", "bob", "ana"]


def test_a_priority_by_hand_needs_a_reason_and_must_be_one(store: Store) -> None:
    with store.write() as session:
        ticket = made(session, report=report("degradation"))
        with pytest.raises(UserError, match="needs a reason"):
            override(session, ticket, DIRECTORY, CELLS, priority="major", now=NOW, actor="ana", why=" ")
        with pytest.raises(UserError, match="'huge' is no priority"):
            override(session, ticket, DIRECTORY, CELLS, priority="huge", now=NOW, actor="ana", why="x")


def test_a_worse_impact_ends_a_deferral(store: Store) -> None:
    with store.write() as session:
        ticket = made(session, report=report("non_service_affecting"))
        rank_ticket(session, ticket, DIRECTORY, CELLS, now=NOW, actor="intake")
        transition(session, ticket, TicketEvent.DEFER, now=NOW, actor="ana", why="")
        ticket.report = report("service_affecting")
        rank_ticket(session, ticket, DIRECTORY, CELLS, now=NOW, actor="intake")
        assert ticket.state == "open"


def test_an_admins_cells_are_in_force_with_the_next_case_and_a_gap_is_refused(store: Store) -> None:
    cells = CELLS.model_dump(mode="json")
    cells["cells"]["degradation"]["medium"] = "critical"
    with store.write() as session:
        save(session, "priority", "default", cells, author="admin", now=NOW)
    with store.read() as session:
        matrix = load_policy(session).priority
    assert rank(Impact.DEGRADATION, UrgencyFacts(), matrix).priority is Priority.CRITICAL
    del cells["cells"]["degradation"]["medium"]
    with store.write() as session, pytest.raises(UserError, match="the cell degradation x medium is missing"):
        save(session, "priority", "default", cells, author="admin", now=NOW)
