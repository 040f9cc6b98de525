"""Outages that many report, chronic services, problems, and merges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from models.directory import Customer, Directory, Service
from models.errors import RefusedError, UserError
from models.store import Store
from models.tables import Contact, Ticket, TicketService
from models.tables_life import Problem
from models.words import ProblemState
from tests.unit.tickets.care_desk import desk, resolve
from tests.unit.tickets.life import LIFE, LifeDesk
from tests.unit.tickets.makers import reading
from tickets import merging, on_contact, problems, rfo
from tickets.mailing import Work
from tickets.plan import LifeCase
from tickets.proactive import find_outages, find_patterns
from tickets.states import begin

__all__ = ["desk"]


SITES = Directory(
    tuple(Customer(f"K{n}", f"Firm {n}") for n in range(9)),
    (
        *(Service(f"S-{n}", f"K{n}", site="FRA1", circuits=("CCT-1",) if n < 6 else ()) for n in range(8)),
        Service("S-9", "K8", site="BER2"),
    ),
)


def at_site(desk: LifeDesk, service: str, n: int) -> str:
    """A ticket about a service, as filing leaves it, with its contact."""
    ticket = Ticket(
        id=f"INC-2026-9{n:05d}", opened_at=desk.now, last_contact_at=desk.now, requester=f"p{n}@x.example", accepted=True
    )
    with desk.store.write() as session:
        session.add(ticket)
        session.flush()
        begin(session, ticket, now=desk.now, actor="intake")
        session.add(TicketService(ticket_id=ticket.id, service_id=service))
        session.add(
            Contact(
                mailbox="n",
                dedupe_key=f"c{n}",
                raw=b"",
                arrived_at=desk.now,
                state="filed",
                verdict="person",
                ticket_id=ticket.id,
            )
        )
    return ticket.id


def found(store: Store) -> list[tuple[str, str, str]]:
    with store.read() as session:
        return [(p.kind, p.scope, p.state) for p in session.exec(select(Problem).order_by(col(Problem.id))).all()]


def test_many_contacts_within_minutes_propose_one_outage_and_the_next_customer_hears_of_it(desk: LifeDesk) -> None:
    tickets = [at_site(desk, f"S-{n}", n) for n in range(4)]
    assert find_outages(desk.store, SITES, now=desk.now) == []
    desk.now += timedelta(minutes=3)
    tickets.append(at_site(desk, "S-4", 4))
    assert len(find_outages(desk.store, SITES, now=desk.now)) == 1
    assert find_outages(desk.store, SITES, now=desk.now) == []
    assert found(desk.store) == [("outage", "circuit:CCT-1", "proposed")], "the narrowest scope, once"
    with desk.store.write() as session:
        problem = session.exec(select(Problem)).one()
        problems.accept_outage(Work(session, desk.now, LIFE, "ana"), problem, tickets[0])
    assert [desk.ticket(t).parent_ticket for t in tickets] == [None, *[tickets[0]] * 4]
    late = at_site(desk, "S-5", 5)
    with desk.store.write() as session:
        ticket = session.get(Ticket, late)
        assert ticket
        ticket.report = {"service_id": {"values": ["S-5"]}}
        work = Work(session, desk.now, LIFE, "customer")
        told = on_contact.react(work, ticket, reading(), SITES, opened=True, by="x", channel="email")
    assert told.answered
    assert (desk.mails(late)[-1].event, desk.mails(late)[-1].context["note"]) == ("known-outage", "circuit CCT-1")
    desk.act(tickets[0], resolve)
    assert {desk.ticket(t).state for t in (*tickets, late)} == {"resolved"}


def test_chronic_services_and_rising_sites_are_proposed_once(desk: LifeDesk) -> None:
    for n in range(3):
        at_site(desk, "S-9", n)
        desk.now += timedelta(days=20)
    assert find_patterns(desk.store, SITES, now=desk.now) == [], "three in 60 days are not three in 45"
    at_site(desk, "S-9", 3)
    assert len(find_patterns(desk.store, SITES, now=desk.now - timedelta(days=1))) == 0
    desk.now += timedelta(hours=1)
    assert len(find_patterns(desk.store, SITES, now=desk.now)) == 1
    for n in range(6):
        at_site(desk, f"S-{n + 2}", 10 + n)
    find_patterns(desk.store, SITES, now=desk.now)
    find_patterns(desk.store, SITES, now=desk.now)
    kinds = found(desk.store)
    assert ("chronic", "service:S-9", "proposed") in kinds
    assert ("trend", "site:FRA1", "proposed") in kinds
    assert len(kinds) == len(set(kinds))


def test_a_problem_needs_its_cause_and_actions_a_future(desk: LifeDesk) -> None:
    ticket = desk.file().ticket_id or ""
    problem = desk.act(ticket, lambda w, c: problems.open_problem(w, [c.ticket], "Bad optics"))
    with desk.store.write() as session:
        row = session.get(Problem, problem.id)
        assert row
        work = Work(session, desk.now, LIFE, "ana")
        with pytest.raises(UserError, match="before its root cause is written down"):
            problems.move(work, row, ProblemState.RESOLVED)
        with pytest.raises(RefusedError, match="it cannot become proposed"):
            problems.move(work, row, ProblemState.PROPOSED)
        with pytest.raises(UserError, match="2026-05-01 is past"):
            problems.add_action(work, row, "x", "Mia", datetime(2026, 5, 1, tzinfo=UTC))
        problems.add_action(work, row, "Buy others", "Mia", desk.now + timedelta(days=9))
        problems.describe(work, row, root_cause="A bad batch.", workaround="")
        problems.move(work, row, ProblemState.RESOLVED)
    body = desk.act(ticket, lambda w, c: rfo.draft(w.session, c))
    assert (body["cause"], body["actions"]) == ("A bad batch.", [{"what": "Buy others", "owner": "Mia", "due": "13 May 2026"}])


def test_a_ring_of_merges_is_refused_by_name(desk: LifeDesk) -> None:
    a, b, c = (
        desk.file(reading(service_ids=(s,), says_new=True, start_time=None)).ticket_id or ""
        for s in ("LNK-1001", "LNK-1002", "LNK-1001")
    )

    def into(target: str) -> Any:
        def do(w: Work, case: LifeCase) -> None:
            found = w.session.get(Ticket, target)
            assert found
            merging.merge(w, case.ticket, found, "the same fault")

        return do

    desk.act(a, into(b))
    assert (desk.ticket(a).state, desk.ticket(a).merged_into) == ("merged", b)
    with pytest.raises(RefusedError, match=f"{b} cannot be merged into {a}"):
        desk.act(b, into(a))
    with pytest.raises(RefusedError, match="merge into that one"):
        desk.act(c, into(a))
    with pytest.raises(RefusedError, match="into itself"):
        desk.act(c, into(c))
