"""Lines of a history are written whatever else the transaction does: beside other rows, alone, and beside what did not change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from models.clock import utc_now
from models.store import Store, ensure_schema
from models.tables import Event, Ticket

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
