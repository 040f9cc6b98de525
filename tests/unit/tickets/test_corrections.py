"""An agent's word on a report: what follows from it for the case, the customer, the labels, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from models.directory import Customer, Directory, Service
from models.errors import RefusedError, StaleError, UserError
from models.label_store import label_of
from models.store import Store, ensure_schema
from models.tables import Contact, CustomerRecord, Event, Outbox, ReadingRecord, ServiceRecord, Ticket, TicketService
from models.words import Field, TicketState
from tests.unit.tickets.life import LIFE
from tickets.corrections import Change, accept, accept_case, check_version, correct, last_batch, undo
from tickets.mailing import Work

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
KNOWN = Directory((Customer("K1", "Ostwind"), Customer("K2", "Other")), (
    Service("LNK-1001", "K1"), Service("LNK-1002", "K1", redundant=True), Service("LNK-9000", "K2")))  # fmt: skip
TICKET = "INC-2026-000018"


def entry(*values: str, confirm: bool = False) -> dict[str, Any]:
    return {"values": list(values), "raw": values[0], "confirm": confirm, "contact": 1}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(f"sqlite:///{tmp_path}/c.db")
    ensure_schema(found)
    with found.write() as session:
        session.add_all([CustomerRecord(id="K1", name="Ostwind"), CustomerRecord(id="K2", name="Other")])
        session.flush()
        session.add_all([ServiceRecord(id=s.id, customer=s.customer) for s in KNOWN.services])
        report = {
            "asked_for": True, "service_id": entry("LNK-1001", confirm=True), "impact": entry("degradation"),
            "description": entry("loss"),
        }  # fmt: skip
        session.add(Ticket(
            id=TICKET, customer_id="K1", requester="ada@ost.example", state="awaiting_customer", report=report, missing=["start_time"],
            impact="degradation", review=True, review_reasons=["to confirm: service_id"], opened_at=NOW, last_contact_at=NOW,
            reminder_due_at=NOW + timedelta(hours=4),
        ))  # fmt: skip
        session.flush()
        session.add(Contact(id=1, mailbox="m", dedupe_key="1", raw=b"x", arrived_at=NOW, state="filed", ticket_id=TICKET))
        session.add(TicketService(ticket_id=TICKET, service_id="LNK-1001"))
        session.flush()
        data = {"service_ids": ["LNK-1001"], "impact": "degradation", "description": "loss", "text": "LNK-1001 loss"}
        session.add(ReadingRecord(contact_id=1, rule_set="r", data=data, created_at=NOW))
        session.add(mail("information-needed", "sent", 1))
    return found


def mail(event: str, state: str, number: int) -> Outbox:
    return Outbox(
        ticket_id=TICKET, contact_id=1, event=event, dedupe_key=f"k{number}", message_id=f"<{number}@x>", to_address="ada@ost.example",
        envelope_from="b@x", state=state, context={"recorded": [], "greeting_name": "Ada"}, created_at=NOW, due_at=NOW,
        raw=b"sent" if state == "sent" else None,
    )  # fmt: skip


def work(session: Session, later: int = 0) -> tuple[Work, Ticket]:
    ticket = session.get(Ticket, TICKET)
    assert ticket
    return Work(session, NOW + timedelta(minutes=later), LIFE, "ana"), ticket


def queued(session: Session) -> list[Outbox]:
    return list(session.exec(select(Outbox).where(Outbox.state == "queued")).all())


def test_filling_in_what_was_missing_completes_the_case_and_confirms_it_to_the_customer(store: Store) -> None:
    with store.write() as session:
        w, ticket = work(session)
        done = correct(w, ticket, KNOWN, [Change(Field.START_TIME, ("2026-05-04T08:00:00Z",), "eight")], contact_id=1)
        assert "told" in done.told
    with store.read() as session:
        _, ticket = work(session)
        assert ticket.missing == []
        assert ticket.state == TicketState.OPEN.value
        assert ticket.reminder_due_at is None
        assert ticket.version == 2
        assert ticket.review_reasons == ["to confirm: service_id"]
        (row,) = queued(session)
        assert row.event == "information-received"
        assert row.due_at > NOW
        assert [r["field"] for r in row.context["recorded"]] == ["service_id", "start_time", "description", "impact"]
        assert label_of(session, 1, "start_time") == ["2026-05-04T08:00:00Z"]
        assert "corrected" in [e.kind for e in session.exec(select(Event))]


def test_a_corrected_service_moves_priority_services_reasons_and_label_and_the_customer_is_told(store: Store) -> None:
    with store.write() as session:
        w, ticket = work(session)
        correct(w, ticket, KNOWN, [Change(Field.SERVICE_ID, ("LNK-1002",), "LNK-1002")], contact_id=1)
    with store.read() as session:
        _, ticket = work(session)
        assert ticket.report["service_id"]["by"] == "ana"
        assert ticket.review is False
        assert session.exec(select(TicketService.service_id)).all() == ["LNK-1002"]
        assert label_of(session, 1, "service_ids") == [["LNK-1002"]]
        assert [r.event for r in queued(session)] == ["record-corrected"]


def test_a_service_of_another_customer_is_taken_and_named_as_a_conflict(store: Store) -> None:
    with store.write() as session:
        w, ticket = work(session)
        correct(w, ticket, KNOWN, [Change(Field.SERVICE_ID, ("LNK-9000", "LNK-0"), "x")], contact_id=1)
        assert ticket.review_reasons == ["service LNK-9000 is another customer's", "service LNK-0 is not in the directory"]
        correct(w, ticket, KNOWN, [Change(Field.SERVICE_ID, ("LNK-1001",), "x")], contact_id=1)
        assert ticket.review_reasons == []


def test_two_corrections_in_a_row_are_one_mail_and_taking_both_back_stops_it(store: Store) -> None:
    with store.write() as session:
        w, ticket = work(session)
        sent = session.get(Outbox, 1)
        assert sent
        from tickets.report import recorded

        sent.context = {"recorded": recorded(ticket.report)}
        correct(w, ticket, KNOWN, [Change(Field.IMPACT, ("non_service_affecting",))], contact_id=1)
        correct(w, ticket, KNOWN, [Change(Field.FAULT_PATTERN, ("constant",))], contact_id=1)
        session.flush()
        assert len(queued(session)) == 1
        for _ in range(2):
            undo(w, ticket, KNOWN, last_batch(session, TICKET, "ana", NOW - timedelta(hours=1)))
            session.flush()
        assert queued(session) == []
        assert label_of(session, 1, "impact") == []
        assert ticket.report["impact"] == entry("degradation")
        assert "fault_pattern" not in ticket.report
        with pytest.raises(RefusedError):
            undo(w, ticket, KNOWN, "nothing")


def test_an_answer_that_waits_is_brought_up_to_date_instead_of_a_second_one(store: Store) -> None:
    with store.write() as session:
        session.add(mail("information-needed", "held", 2))
        session.flush()
        w, ticket = work(session)
        done = correct(w, ticket, KNOWN, [Change(Field.START_TIME, ("2026-05-04T08:00:00Z",))], contact_id=1)
        assert "waits for you" in done.told
        held = session.exec(select(Outbox).where(Outbox.state == "held")).one()
        assert held.event == "ticket-opened"
        assert held.context["missing"] == []
        assert queued(session) == []


def test_accepting_labels_what_was_read_and_takes_the_case_from_the_queue(store: Store) -> None:
    with store.write() as session:
        w, ticket = work(session)
        accept(w, ticket, KNOWN, [Field.SERVICE_ID], contact_id=1)
        assert ticket.report["service_id"]["confirm"] is False
        assert ticket.review_reasons == []
        accept_case(w, ticket, KNOWN, contact_id=1)
        assert (ticket.review, ticket.accepted) == (False, True)
        assert label_of(session, 1, "impact") == ["degradation"]
        assert label_of(session, 1, "start_time") == []
        assert queued(session) == []
        undo(w, ticket, KNOWN, last_batch(session, TICKET, "ana", NOW - timedelta(hours=1)))
        assert label_of(session, 1, "impact") == []


def test_a_field_that_was_changed_again_cannot_be_taken_back(store: Store) -> None:
    with store.write() as session:
        w, ticket = work(session)
        first = correct(w, ticket, KNOWN, [Change(Field.IMPACT, ("service_affecting",))], contact_id=1)
        correct(w, ticket, KNOWN, [Change(Field.IMPACT, ("non_service_affecting",))], contact_id=None)
        with pytest.raises(RefusedError, match="changed again"):
            undo(w, ticket, KNOWN, first.batch)
        with pytest.raises(UserError, match="already"):
            correct(w, ticket, KNOWN, [Change(Field.IMPACT, ("non_service_affecting",))], contact_id=1)


def test_whoever_saves_second_is_told_who_was_first(store: Store) -> None:
    with store.write() as session:
        w, ticket = work(session)
        check_version(ticket, 1, w)
        session.add(Event(ticket_id=TICKET, at=NOW, actor="ben", kind="corrected", why="impact"))
        ticket.version = 2
        session.flush()
        with pytest.raises(StaleError, match="ben, 09:00 UTC, corrected impact"):
            check_version(ticket, 1, w)


def test_putting_a_report_together_again_leaves_the_agents_word_alone(store: Store) -> None:
    from tickets.undo import _put_together

    with store.write() as session:
        w, ticket = work(session)
        correct(w, ticket, KNOWN, [Change(Field.IMPACT, ("service_affecting",))], contact_id=1)
        session.get(ReadingRecord, 1).data = {  # type: ignore[union-attr]
            "received_at": "2026-05-04T09:00:00Z", "impact": "degradation", "service_ids": ["LNK-1001"],
        }  # fmt: skip
        session.flush()
        _put_together(session, ticket)
        assert ticket.report["impact"]["values"] == ["service_affecting"]
        assert ticket.impact == "service_affecting"
