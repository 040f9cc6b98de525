"""Words are found as they stand in the database now, on both databases; nothing that is typed is a query language."""

from __future__ import annotations

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import col

from models.search import Kind, hits, terms
from models.snippets import snippets
from models.store import Store, _alembic, ensure_schema, migrate
from models.tables import ReadingRecord, Ticket
from tests.unit.console.listed import contact, opened, ticket


def found(store: Store, kind: Kind, typed: str) -> list[str]:
    with store.read() as session:
        return [h.key for h in hits(session, kind, terms(typed), limit=100)]


@pytest.fixture
def store(database_url: str) -> object:
    with opened(database_url) as made:
        yield made


def test_contacts_are_found_by_words_ids_sender_and_company_the_newest_first(store: Store) -> None:
    contact(store, 1, "The link LNK-1001 is down since 09:00 at Zürich.", head="ada@ostwind.example Ostwind GmbH")
    contact(store, 2, "Links flapping, packet loss on CKT/77/A", head="bob@x.example", data={"service_ids": ["LNK-2002"]})
    contact(store, 3, "The link is up again")
    assert found(store, Kind.CONTACT, "link") == ["3", "2", "1"]
    assert found(store, Kind.CONTACT, "LINK down") == ["1"]
    for typed, expected in {
        "lnk-1001": ["1"], "LNK 1001": ["1"], "LNK-2002": ["2"], "ckt/77/a": ["2"], "ada@ostwind.example": ["1"], "ostwind": ["1"],
        '"packet loss"': ["2"], '"loss packet"': [], "flap": ["2"], "LNK-200*": ["2"], "LNK-20*": [], "flap*": ["2"], "zurich": ["1"], "Zürich": ["1"],
        "is": ["3", "1"], "nowhere": [], "": [], "* \" '": [],
    }.items():  # fmt: skip
        assert found(store, Kind.CONTACT, typed) == expected, typed


def test_the_index_follows_what_is_changed_and_deleted(store: Store) -> None:
    contact(store, 1, "first words")
    with store.write() as session:
        row = session.get(ReadingRecord, 1)
        assert row
        row.data = {**row.data, "text": "second words"}
        session.add(row)
    assert (found(store, Kind.CONTACT, "first"), found(store, Kind.CONTACT, "second")) == ([], ["1"])
    key = ticket(store, 1, subject="line broken", report={"service_id": {"values": ["LNK-9"]}})
    assert found(store, Kind.TICKET, "broken LNK-9") == [key]
    with store.write() as session:
        changed = session.get(Ticket, key)
        assert changed
        changed.subject, changed.report = "line slow", {"circuit_id": {"values": ["CKT-5"]}}
        session.add(changed)
    assert (found(store, Kind.TICKET, "broken"), found(store, Kind.TICKET, "slow ckt-5")) == ([], [key])
    with store.write() as session:
        session.connection().execute(delete(ReadingRecord))
        session.connection().execute(delete(Ticket).where(col(Ticket.id) == key))
    assert (found(store, Kind.CONTACT, "second"), found(store, Kind.TICKET, "slow")) == ([], [])


def test_hits_go_on_below_the_last_one(store: Store) -> None:
    for n in range(1, 8):
        contact(store, n, "same words")
        ticket(store, n, subject="same words")
    for kind in Kind:
        keys, before = [], ""
        with store.read() as session:
            while some := hits(session, kind, terms("same"), before=before, limit=3):
                keys += [h.key for h in some]
                before = some[-1].position
        assert keys == sorted(keys, reverse=True)
        assert len(set(keys)) == 7


def test_rows_of_an_older_schema_are_found_after_the_migration(database_url: str) -> None:
    with opened(database_url) as store:
        ticket(store, 1, subject="old subject")
        contact(store, 1, "old text", subject="old head", ticket_id="INC-2026-000001")
        command.downgrade(_alembic(store.engine), "0010")
        migrate(store)
        ensure_schema(store)
        assert found(store, Kind.CONTACT, "old text head ada@x.example") == ["1"]
        assert found(store, Kind.TICKET, "old") == ["INC-2026-000001"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40) | st.text(alphabet="ab\"*()-+:^{}\\'&|!<> \n~@", max_size=40))
def test_nothing_that_is_typed_is_an_error(store: Store, typed: str) -> None:
    typed = typed.replace("\x00", "")
    for kind in Kind:
        found(store, kind, typed)
    snippets([("1", typed)], terms(typed))


def test_a_word_that_is_found_is_marked_and_the_texts_own_marks_are_not() -> None:
    text = "before \ue000evil\ue001 <b>Links</b> went down " + "x " * 200
    parts = snippets([("1", text), ("2", "nothing")], terms("link"))
    assert list(parts) == ["1"]
    assert [p.text for p in parts["1"] if p.hit] == ["Links"]
    assert "evil" in "".join(p.text for p in parts["1"] if not p.hit)
