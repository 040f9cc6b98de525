"""The whole table of states and events, and what a move leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from models.store import Store, ensure_schema
from models.tables import Event, Ticket
from models.words import TicketEvent, TicketState
from tests.unit.tickets.makers import NOW
from tickets.states import TRANSITIONS, TransitionRefused, begin, next_state, since, transition

# One letter for each state; a column for each state before, in the same order; "-" is refused.
LETTERS = dict(
    zip(
        "nawpdxcrm",
        ("new", "awaiting_customer", "open", "in_progress", "deferred", "resolved", "closed", "reopened", "merged"),
        strict=True,
    )
)
TABLE = {
    "ask":            "aaaadx" "cam",
    "customer_wrote": "nwwpdx" "crm",
    "respond":        "wawpdx" "crm",
    "take":           "ppppp-" "-p-",
    "defer":          "dddd--" "-d-",
    "wake":           "nawpwx" "crm",
    "impact_changed": "nawpwx" "crm",
    "resolve":        "xxxxxx" "-x-",
    "confirm":        "xxxxxc" "cxm",
    "silence":        "nawpdc" "crm",
    "close":          "cccccc" "cc-",
    "reopen":         "nawpdr" "rr-",
    "merge":          "mmmmmm" "mm-",
    "unmerge":        "------" "--w",
    "complete":       "nwwpdx" "crm",
}  # fmt: skip


@pytest.mark.parametrize("event", list(TicketEvent))
@pytest.mark.parametrize("state", list(TicketState))
def test_each_state_and_event(state: TicketState, event: TicketEvent) -> None:
    want = TABLE[event.value][list(LETTERS.values()).index(state.value)]
    if want == "-":
        with pytest.raises(TransitionRefused, match=f"{event.value} is not possible for a ticket that is {state.value}"):
            next_state(state, event)
    else:
        assert next_state(state, event).value == LETTERS[want]


def test_every_event_has_its_rows() -> None:
    assert set(TRANSITIONS) == set(TicketEvent)
    assert set(TABLE) == {e.value for e in TicketEvent}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    s = Store(f"sqlite:///{tmp_path}/t.db")
    ensure_schema(s)
    yield s
    s.close()


def test_a_move_is_appended_with_who_when_why_and_what_stood_behind_it(store: Store) -> None:
    with store.write() as session:
        ticket = Ticket(id="INC-2026-000018", opened_at=NOW, last_contact_at=NOW)
        session.add(ticket)
        session.flush()
        begin(session, ticket, now=NOW, actor="intake")
        transition(session, ticket, TicketEvent.TAKE, now=NOW + timedelta(minutes=5), actor="ana", why="looks into it")
        transition(session, ticket, TicketEvent.TAKE, now=NOW + timedelta(minutes=6), actor="ana", why="again")
        transition(session, ticket, TicketEvent.RESOLVE, now=NOW + timedelta(hours=1), actor="ana", why="port reset", rule="r1")
        with pytest.raises(TransitionRefused):
            transition(session, ticket, TicketEvent.DEFER, now=NOW, actor="ana", why="later")
    with store.read() as session:
        events = session.exec(select(Event).order_by(Event.id)).all()  # type: ignore[arg-type]
        found = session.get(Ticket, "INC-2026-000018")
    assert [(e.actor, e.why, e.data["from"], e.data["to"]) for e in events] == [
        ("intake", "a new case", "", "new"),
        ("ana", "looks into it", "new", "in_progress"),
        ("ana", "port reset", "in_progress", "resolved"),
    ], "a doubled event changes nothing and appends nothing"
    assert events[2].data == {"from": "in_progress", "to": "resolved", "event": "resolve", "rule": "r1"}
    assert found
    assert found.next_due_at == NOW, "the clock looks at it with its next pass"
    assert [s for _, s in since(found)] == [TicketState.NEW, TicketState.IN_PROGRESS, TicketState.RESOLVED]


def test_a_reopened_ticket_begins_a_new_round_of_promises(store: Store) -> None:
    with store.write() as session:
        ticket = Ticket(id="INC-2026-000018", opened_at=NOW, last_contact_at=NOW, escalation_level=2, breaches=["repair"])
        session.add(ticket)
        session.flush()
        transition(session, ticket, TicketEvent.RESOLVE, now=NOW, actor="ana", why="")
        assert ticket.resolved_at == NOW
        transition(session, ticket, TicketEvent.REOPEN, now=NOW, actor="intake", why="not solved")
        got = {"cycle": ticket.escalation_cycle, "level": ticket.escalation_level, "breaches": ticket.breaches}
        assert got == {"cycle": 2, "level": 0, "breaches": []}
        assert since(ticket)[-1][1] is TicketState.REOPENED
