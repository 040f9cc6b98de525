"""A row made at once is the row that its class makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session, SQLModel, col, select

from models.clock import utc_now
from models.fresh import fresh
from models.statements import ask, bindparam
from models.store import Store, ensure_schema
from models.tables import Event, Outbox, ReadingRecord, Ticket
from models.write_session import add_event

NOW = utc_now()
TICKET = {"id": "INC-2026-000018", "opened_at": NOW, "last_contact_at": NOW}
MAIL = {"event": "e", "dedupe_key": "d", "message_id": "m", "to_address": "t", "envelope_from": "f"}


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Ticket, TICKET | {"missing": ["impact"]}),
        (Outbox, MAIL | {"created_at": NOW, "due_at": NOW}),
        (ReadingRecord, {"contact_id": 1, "rule_set": "r", "created_at": NOW}),
    ],
)
def test_it_equals_the_one_that_its_class_makes(model: type[SQLModel], values: dict[str, object]) -> None:
    made, other = fresh(model, **values), model(**values)
    assert made.model_dump() == other.model_dump()
    assert made is not fresh(model, **values)


def test_what_stands_in_one_is_its_own() -> None:
    one, two = fresh(Ticket, **TICKET), fresh(Ticket, **TICKET)
    one.report["x"] = 1
    assert two.report == {}


def test_a_field_that_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError, match="Ticket has no colour"):
        fresh(Ticket, **TICKET, colour="red")


def test_it_is_written_and_changed_like_any_other(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/f.db")
    ensure_schema(store)
    with store.write() as session:
        ticket = fresh(Ticket, **TICKET)
        session.add(ticket)
        session.flush()
        assert session.get(Ticket, ticket.id) is ticket
        ticket.subject = "changed"
    subject = select(Ticket.subject).where(Ticket.id == bindparam("id"))
    with store.read() as session:
        assert ask(session, subject, id=TICKET["id"]) == [("changed",)]
    with store.write() as session:
        ticket.state = "open"
        session.add(ticket)
        ticket.subject = "seen before it is committed"
        assert ask(session, subject, id=TICKET["id"]) == [("seen before it is committed",)]
        session.autoflush = False
        ticket.subject = "not yet"
        assert ask(session, subject, id=TICKET["id"]) == [("seen before it is committed",)]
    with Session(store.engine) as session:
        add_event(session, ticket.id, "by another session", at=NOW, actor="ana")
        session.commit()
        assert session.exec(select(Event.kind).where(col(Event.ticket_id) == ticket.id)).all() == ["by another session"]
    store.close()
