"""Pages by key: every row once, in order, whatever comes in meanwhile; odd cursors and values are told and harm nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.listing.contacts import CONTACTS
from console.listing.directory import CUSTOMERS, SERVICES
from console.listing.fetch import fetch
from console.listing.mails import OUTBOX, SET_ASIDE, notices_list
from console.listing.query import parse
from console.listing.spec import ListPage, ListSpec
from console.listing.tickets import TICKETS, TicketRow
from models.store import Store
from tests.unit.console.listed import NOW, contact, opened, service, ticket

SIZE = 3


@pytest.fixture
def store(database_url: str) -> object:
    with opened(database_url) as made:
        yield made


def page(store: Store, spec: ListSpec[TicketRow], **given: str) -> ListPage[TicketRow]:
    with store.read() as session:
        return fetch(session, spec, parse(spec, given), size=SIZE)


def ids(shown: ListPage[TicketRow]) -> list[str]:
    return [r.ticket.id for r in shown.rows]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(0, 4), min_size=1, max_size=12), order=st.sampled_from([s.name for s in TICKETS.sorts]))
def test_walking_forth_and_back_shows_each_row_once_though_newer_ones_come_in(
    database_url: str, minutes: list[int], order: str, request: pytest.FixtureRequest
) -> None:
    with opened(database_url) as store:
        _empty(store)
        # Many rows of the same instant: the key decides between them.
        for n, minute in enumerate(minutes):
            ticket(store, n, opened_at=NOW + timedelta(minutes=minute), last_contact_at=NOW - timedelta(minutes=minute))
        before = [i for p in _walk(store, order, late=0) for i in p]
        assert sorted(before) == sorted(f"INC-2026-{n:06d}" for n in range(len(minutes)))
        walked = _walk(store, order, late=len(minutes))
        late = {f"INC-2026-{n:06d}" for n in range(len(minutes), 3 * len(minutes) + 9)}
        assert [i for p in walked for i in p if i not in late] == before


def _empty(store: Store) -> None:
    with store.write() as session:
        for table in ("ticket_service", "ticket"):
            session.connection().exec_driver_sql(f"DELETE FROM {table}")


def _walk(store: Store, order: str, late: int) -> list[list[str]]:
    """All pages forwards, with a newer row after each when `late`; then back again, which must show the same rows."""
    pages, after, number = [], "", late
    while True:
        shown = page(store, TICKETS, sort=order, after=after)
        pages.append(ids(shown))
        if late:
            ticket(store, number, opened_at=NOW + timedelta(days=1), last_contact_at=NOW + timedelta(days=1))
            number += 1
        if not shown.older or number > late + 8:
            break
        if after and not late:
            back = page(store, TICKETS, sort=order, before=shown.newer)
            assert ids(back) == pages[-2]
        after = shown.older
    return pages


def test_counts_stop_at_a_bound_and_small_ones_are_exact(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(SIZE + 3):
        ticket(store, n)
    assert page(store, TICKETS).counted == str(SIZE + 3)
    monkeypatch.setattr("console.listing.fetch.MOST_COUNTED", SIZE + 1)
    assert page(store, TICKETS).counted == f"{SIZE + 1}+"
    assert page(store, TICKETS, service="LNK-1").counted == "0"


def test_filters_of_tickets_find_what_they_name(store: Store) -> None:
    one = ticket(store, 1, service="LNK-1", state="closed", impact="degradation", customer_id="K1", breaches=["repair"])
    two = ticket(store, 2, state="open", priority="critical", review=True, missing=["impact"])
    for given_, expected in (
        ({"state": "closed"}, [one]), ({"state": "any-open"}, [two]), ({"impact": "degradation"}, [one]), ({"impact": "unknown"}, [two]),
        ({"priority": "critical"}, [two]), ({"review": "yes"}, [two]), ({"review": "no"}, [one]), ({"missing": "something"}, [two]),
        ({"missing": "nothing"}, [one]), ({"missing": "impact"}, [two]), ({"missing": "start_time"}, []), ({"missed": "yes"}, [one]),
        ({"customer": "K1"}, [one]), ({"service": "lnk-1"}, [one]), ({"from": "2026-05-05"}, []), ({"to": "2026-05-04"}, [two, one]),
        ({"state": "any-open", "impact": "degradation"}, []),
    ):  # fmt: skip
        assert ids(page(store, TICKETS, **given_)) == expected, given_


def test_search_and_filters_hold_together_over_pages(store: Store) -> None:
    for n in range(1, 9):
        contact(store, n, "packet loss again", channel="phone" if n % 2 else "email")
    seen, after = [], ""
    while True:
        with store.read() as session:
            shown = fetch(session, CONTACTS, parse(CONTACTS, {"q": "loss", "channel": "phone", "after": after}), size=SIZE)
        seen += [r.id for r in shown.rows]
        after = shown.older
        if not after:
            break
    assert seen == [7, 5, 3, 1]
    with store.read() as session:
        assert fetch(session, CONTACTS, parse(CONTACTS, {"q": "loss"}), size=SIZE).counted == "8"
        assert fetch(session, CONTACTS, parse(CONTACTS, {"q": "!?"}), size=SIZE).rows == []


@pytest.mark.parametrize(
    "spec", [TICKETS, CONTACTS, CUSTOMERS, SERVICES, OUTBOX, *SET_ASIDE.values(), notices_list(lambda: NOW)]
)
def test_each_filter_sort_and_odd_value_can_be_asked_of_each_list(store: Store, spec: ListSpec[Any]) -> None:
    odd = ["'; DROP TABLE ticket; --", "%_\\", "\x00", "2026-13-45", "x" * 500, "yes", "2026-05-04", "ü"]
    with store.read() as session:
        for f in spec.filters:
            for value in [*odd, *(v for v, _ in f.options)]:
                query = parse(spec, {f.name: value})
                fetch(session, spec, query)
                assert bool(query.problems) <= (value not in {v for v, _ in f.options})
        for sort in spec.sorts:
            fetch(session, spec, parse(spec, {"sort": sort.name, "q": "a'b\"c%"}))


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "WyJhIiwgImIiXQ", "WzEsIDJd", "é", "1|2", "9" * 40])
def test_a_link_that_is_not_whole_shows_the_first_page_and_says_so(store: Store, cursor: str) -> None:
    ticket(store, 1)
    lists: list[tuple[ListSpec[Any], str]] = [(TICKETS, ""), (TICKETS, "ada"), (OUTBOX, "")]
    for spec, q in lists:
        query = parse(spec, {"after": cursor, "q": q})
        assert "not whole" in query.problems["page"]
        with store.read() as session:
            fetch(session, spec, query)


def test_customers_and_services_count_what_is_open(store: Store) -> None:
    service(store, "LNK-1", circuits=["CKT/1"], site="Aachen")
    service(store, "LNK-2", site="Bonn")
    ticket(store, 1, service="LNK-1", state="open", customer_id="K1")
    ticket(store, 2, service="LNK-1", state="closed", customer_id="K1")
    with store.read() as session:
        (customer,) = fetch(session, CUSTOMERS, parse(CUSTOMERS, {"q": "OSTWIND.example"})).rows
        found = fetch(session, SERVICES, parse(SERVICES, {"q": "ckt/1"})).rows
        assert (customer.services, customer.open) == (2, 1)
        assert [(r.service.id, r.open, r.company) for r in found] == [("LNK-1", 1, "Ostwind")]
        assert [r.service.id for r in fetch(session, SERVICES, parse(SERVICES, {"site": "bon"})).rows] == ["LNK-2"]
        assert fetch(session, SERVICES, parse(SERVICES, {"q": "%"})).rows == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("50%", ["LNK-1"]), ("a_b", ["LNK-1"]), (r"x\y", ["LNK-2"]), ("%", ["LNK-1"]), ("_", ["LNK-1"]), ("\\", ["LNK-2"]),
        ("AXB", ["LNK-2"]), ("' OR 1", []), ("lnk", ["LNK-1", "LNK-2"]), ("lnk axb", ["LNK-2"]),
    ],
)  # fmt: skip
def test_signs_of_patterns_stand_for_themselves_and_capitals_for_small_letters(
    store: Store, typed: str, found: list[str]
) -> None:
    service(store, "LNK-1", site="Hall a_b 50%")
    service(store, "LNK-2", site=r"Hall aXb x\y")
    with store.read() as session:
        shown = fetch(session, SERVICES, parse(SERVICES, {"q": typed}))
    assert [r.service.id for r in shown.rows] == found
