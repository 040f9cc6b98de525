"""Lines of a history are written whatever else the transaction does: beside other rows, alone, and beside what did not change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.clock import utc_now
from models.store import Store, ensure_schema
from models.tables import Event, Outbox, ThreadRef, Ticket, TicketService
from models.write_session import add_event, add_row

ID = "INC-2026-000018"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    s = Store(f"sqlite:///{tmp_path}/e.db")
    ensure_schema(s)
    yield s
    s.close()


def line(session: Session, kind: str) -> None:
    session.add(Event(ticket_id=ID, at=utc_now(), actor="ana", kind=kind))


def kinds(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.exec(select(Event.kind).order_by(Event.id)).all())  # type: ignore[arg-type]


def test_a_line_is_kept_beside_other_rows_alone_and_beside_what_did_not_change(store: Store) -> None:
    with store.write() as session:
        session.add(Ticket(id=ID, opened_at=utc_now(), last_contact_at=utc_now()))
        line(session, "with-its-ticket")
        session.flush()
        line(session, "alone-after-a-flush")
    with store.write() as session:
        line(session, "alone")
    with store.write() as session:
        ticket = session.get(Ticket, ID)
        assert ticket
        ticket.subject = ticket.subject + ""
        ticket.state = str(ticket.state)
        line(session, "beside-no-change")
    with store.write() as session:
        ticket = session.get(Ticket, ID)
        assert ticket
        ticket.subject = "another"
        line(session, "beside-a-change")
        assert session.exec(select(Event)).all()[-1].kind == "beside-a-change"
        line(session, "seen-at-once")
        assert session.exec(select(Event)).all()[-1].kind == "seen-at-once"
    wanted = ["with-its-ticket", "alone-after-a-flush", "alone", "beside-no-change", "beside-a-change", "seen-at-once"]
    assert kinds(store) == wanted


def test_a_line_of_a_transaction_that_fails_is_not_kept(store: Store) -> None:
    def fails() -> None:
        with store.write() as session:
            session.add(Ticket(id=ID, opened_at=utc_now(), last_contact_at=utc_now()))
            session.flush()
            line(session, "lost")
            session.flush()
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        fails()
    assert kinds(store) == []


def test_lines_keep_their_order_however_they_are_added_and_the_ticket_goes_in_before_them(store: Store) -> None:
    with store.write() as session:
        add_event(session, ID, "1", at=utc_now(), actor="ana", data={"a": 1})
        line(session, "2")
        add_event(session, ID, "3", at=utc_now(), actor="ana")
        session.add(ThreadRef(message_id="<a@b.example>", ticket_id=ID))
        add_row(session, TicketService, ticket_id=ID, service_id="LNK-1001")
        ticket = Ticket(id=ID, opened_at=utc_now(), last_contact_at=utc_now())
        session.add(ticket)
        session.flush()
        ticket.subject = "changed afterwards"
        assert session.get(ThreadRef, "<a@b.example>")
    assert kinds(store) == ["1", "2", "3"]
    with store.read() as session:
        kept = session.get(Ticket, ID)
        assert kept
        assert kept.subject == "changed afterwards"
        assert session.get(TicketService, (ID, "LNK-1001"))


def test_a_ticket_number_that_is_taken_is_refused(store: Store) -> None:
    def adds() -> None:
        with store.write() as session:
            session.add(Ticket(id=ID, opened_at=utc_now(), last_contact_at=utc_now()))

    adds()
    with pytest.raises(IntegrityError):
        adds()


def test_a_mail_has_its_number_as_soon_as_it_is_written_and_can_be_changed(store: Store) -> None:
    about: dict[str, Any] = {
        "event": "e",
        "to_address": "t",
        "envelope_from": "f",
        "created_at": utc_now(),
        "due_at": utc_now(),
    }
    with store.write() as session:
        one = Outbox(ticket_id=ID, dedupe_key="1", message_id="<1>", **about)
        two = Outbox(id=7, dedupe_key="2", message_id="<2>", **about)
        session.add_all([one, two, Ticket(id=ID, opened_at=utc_now(), last_contact_at=utc_now())])
        session.flush()
        assert (one.id, two.id) == (1, 7)
        assert session.get(Outbox, 7) is two
        one.state = "held"
    with store.read() as session:
        assert [m.state for m in session.exec(select(Outbox).order_by(col(Outbox.dedupe_key)))] == ["held", "queued"]
