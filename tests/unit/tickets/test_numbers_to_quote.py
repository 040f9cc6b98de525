"""The number that an answer quotes: the newest of the other party's for the ticket, also where it came a moment ago."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.store import Store, ensure_schema
from models.tables import Ticket
from tests.unit.tickets.makers import NOW
from tickets.other_refs import OtherNumber, keep_numbers, number_to_quote

ID = "INC-2026-000018"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    s = Store(f"sqlite:///{tmp_path}/n.db")
    ensure_schema(s)
    with s.write() as session:
        session.add(Ticket(id=ID, opened_at=NOW, last_contact_at=NOW))
    yield s
    s.close()


def number(written: str) -> OtherNumber:
    return OtherNumber("K1", written, written)


def test_a_new_ticket_without_numbers_has_none_until_one_comes(store: Store) -> None:
    with store.write() as session:
        keep_numbers(session, (), ID, NOW, opened=True)
        assert number_to_quote(session, ID) == ""
        keep_numbers(session, (), ID, NOW)
        keep_numbers(session, (number("CHG-4711"),), ID, NOW)
        assert number_to_quote(session, ID) == "CHG-4711"
        keep_numbers(session, (number("CHG-4712"),), ID, NOW + timedelta(minutes=1))
        assert number_to_quote(session, ID) == "CHG-4712"
    with store.write() as session:
        keep_numbers(session, (), ID, NOW)
        assert number_to_quote(session, ID) == "CHG-4712"


def test_a_new_ticket_quotes_the_number_that_it_came_with(store: Store) -> None:
    with store.write() as session:
        keep_numbers(session, (number("CHG-4711"),), ID, NOW, opened=True)
        assert number_to_quote(session, ID) == "CHG-4711"
