"""A contact becomes a ticket, joins one, or neither; each in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from models.errors import LeaseLost
from models.reading import Reading
from models.store import Store, ensure_schema
from models.tables import Contact, Event, Outbox, Ticket
from models.words import Impact, Intent, Verdict
from tests.unit.tickets.makers import DIRECTORY, NOW, facts, reading
from tickets.answers import AnswerSettings
from tickets.filing import Filed, FilingSettings, file_contact
from tickets.reminders import queue_reminders
from tickets.tokens import Tokens
from tickets.work import contacts_to_do, lease_contact

ANSWERS = AnswerSettings("Desk", Tokens(b"k" * 32, "bounce@desk.example"))
SETTINGS = FilingSettings(
    frozenset({"noc@desk.example"}), frozenset(), frozenset(), "", ANSWERS, bounce_address="bounce@desk.example"
)


class Desk:
    """A store and a short way to file into it."""

    def __init__(self, path: Path) -> None:
        self.store = Store(f"sqlite:///{path}/desk.db")
        ensure_schema(self.store)
        self.now = NOW
        self.count = 0

    def file(self, read: Reading | None = None, **given: Any) -> Filed:
        self.count += 1
        given.setdefault("message_id", f"<{self.count}@ostwind.example>")
        contact = Contact(mailbox="noc", dedupe_key=str(self.count), raw=b"", arrived_at=self.now)
        with self.store.write() as session:
            session.add(contact)
        return self.again(read, **given)

    def again(self, read: Reading | None = None, **given: Any) -> Filed:
        """Files the last contact, as a worker does that finds it received."""
        assert lease_contact(self.store, self.count, owner="me", now=self.now)
        told, settings = given.pop("told", None), given.pop("settings", SETTINGS)
        return file_contact(
            self.store, self.count, owner="me", facts=facts(**given), reading=read or reading(), directory=DIRECTORY,
            clock=lambda: self.now, settings=settings, told=told,
        )  # fmt: skip

    def ticket(self, filed: Filed) -> Ticket:
        with self.store.read() as session:
            found = session.get(Ticket, filed.ticket_id)
        assert found
        return found

    def answer(self, filed: Filed) -> Outbox:
        with self.store.read() as session:
            found = session.get(Outbox, filed.outbox_id)
        assert found
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    d = Desk(tmp_path)
    yield d
    d.store.close()


OPEN = {"start_time": None, "impact": None}


def test_a_complete_report_is_acknowledged_and_ranked(desk: Desk) -> None:
    filed = desk.file()
    ticket = desk.ticket(filed)
    assert (ticket.priority, ticket.urgency, ticket.missing) == ("critical", "high", [])
    assert ticket.review, "a service-affecting ticket stands before a person from the first minute"
    answer = desk.answer(filed)
    assert (answer.event, answer.to_address) == ("ticket-opened", "ada@ostwind.example")
    assert answer.in_reply_to == "<1@ostwind.example>"
    assert answer.context["provider"] == "Desk"


def test_what_is_missing_is_asked_twice_and_then_a_person_takes_over(desk: Desk) -> None:
    first = desk.file(reading(**OPEN))
    assert desk.answer(first).event == "information-needed"
    assert desk.ticket(first).missing == ["start_time", "impact"]
    reply = {"in_reply_to": desk.answer(first).message_id}
    told = reading(service_ids=(), description="", start_time=None, intent=Intent.UPDATE)
    second = desk.file(told, **reply)
    assert (second.ticket_id, desk.answer(second).event) == (first.ticket_id, "information-needed")
    third = desk.file(replace(told, impact=None), **reply)
    assert desk.answer(third).event == "follow-up-filed"
    ticket = desk.ticket(first)
    assert (ticket.missing, ticket.asks, ticket.reminder_due_at) == (["start_time"], 2, None)
    assert any("left something open" in r for r in ticket.review_reasons)


def test_an_answer_that_completes_the_report_is_confirmed(desk: Desk) -> None:
    first = desk.file(reading(start_time=None))
    reply = reading(service_ids=(), description="", impact=None, intent=Intent.UPDATE)
    second = desk.file(reply, in_reply_to=desk.answer(first).message_id)
    assert desk.answer(second).event == "information-received"
    assert desk.ticket(first).missing == []


def test_another_companys_reference_never_joins(desk: Desk) -> None:
    first = desk.file()
    other = desk.file(reading(service_ids=("LNK-2001",), ticket_ref=first.ticket_id), from_address="x@meerblick.example")
    assert other.ticket_id != first.ticket_id
    assert desk.ticket(other).linked_ticket == first.ticket_id
    thread = desk.file(reading(service_ids=()), from_address="x@meerblick.example", in_reply_to=desk.answer(first).message_id)
    assert thread.ticket_id not in (first.ticket_id, None)


def test_the_same_fault_reported_anew_joins_and_another_does_not(desk: Desk) -> None:
    first = desk.file()
    again = desk.file(from_address="boss@ostwind.example")
    assert again.ticket_id == first.ticket_id
    assert desk.file(reading(says_new=True)).ticket_id != first.ticket_id
    assert desk.file(reading(service_ids=("LNK-1002",))).ticket_id != first.ticket_id
    unknown_start = desk.file(reading(start_time=None))
    assert unknown_start.ticket_id != first.ticket_id
    assert "same fault?" in " ".join(desk.ticket(unknown_start).review_reasons)


def test_a_worse_impact_raises_the_priority_and_goes_to_review(desk: Desk) -> None:
    first = desk.file(reading(impact=Impact.NON_SERVICE_AFFECTING, service_ids=("LNK-1002",)))
    assert (desk.ticket(first).priority, desk.ticket(first).review) == ("low", False)
    desk.file(reading(intent=Intent.UPDATE, ticket_ref=first.ticket_id, service_ids=("LNK-1002",)))
    assert desk.ticket(first).priority == "major"
    assert any("impact rose" in r for r in desk.ticket(first).review_reasons)


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ({"headers": (("auto-submitted", "auto-replied"),)}, Verdict.AUTO_REPLY),
        ({"headers": (("list-id", "<news.example>"),)}, Verdict.BULK),
        ({"report_type": "delivery-status"}, Verdict.BOUNCE),
    ],
)
def test_robots_get_no_answer_and_no_ticket(desk: Desk, given: dict[str, Any], verdict: Verdict) -> None:
    filed = desk.file(reading(intent=Intent.AUTOMATIC), **given)
    assert (filed.verdict, filed.ticket_id, filed.outbox_id) == (verdict, None, None)


def test_a_bounce_of_our_answer_joins_its_ticket_and_tells_an_agent(desk: Desk) -> None:
    first = desk.file(reading(impact=Impact.NON_SERVICE_AFFECTING, service_ids=("LNK-1002",)))
    sent_to = desk.answer(first).envelope_from
    bounce = desk.file(
        reading(intent=Intent.AUTOMATIC), report_type="delivery-status", envelope_to=(sent_to,), envelope_from=""
    )
    assert (bounce.ticket_id, bounce.outbox_id) == (first.ticket_id, None)
    assert any("was not delivered" in r for r in desk.ticket(first).review_reasons)


def test_a_strangers_report_is_answered_once_and_waits_in_review(desk: Desk) -> None:
    filed = desk.file(from_address="who@nowhere.example")
    assert filed.verdict is Verdict.STRANGER
    assert desk.ticket(filed).review
    assert desk.answer(filed).context["priority"] == ""


def test_a_reply_to_of_another_company_is_not_answered(desk: Desk) -> None:
    assert desk.answer(desk.file(reply_to="x@elsewhere.example")).to_address == "ada@ostwind.example"
    assert desk.answer(desk.file(reply_to="noc@ostwind.example")).to_address == "noc@ostwind.example"


def test_caps_delay_but_never_drop(desk: Desk) -> None:
    rows = [desk.answer(desk.file(from_address="who@nowhere.example")) for _ in range(6)]
    assert [r.due_at > NOW for r in rows] == [False] * 4 + [True] * 2
    assert all(r.state == "queued" for r in rows)


def test_filing_twice_or_without_the_lease_changes_nothing(desk: Desk) -> None:
    desk.file()
    with pytest.raises(LeaseLost):
        file_contact(
            desk.store,
            1,
            owner="me",
            facts=facts(),
            reading=reading(),
            directory=DIRECTORY,
            clock=lambda: NOW,
            settings=SETTINGS,
        )
    with desk.store.read() as session:
        assert len(session.exec(select(Ticket)).all()) == 1
        assert len(session.exec(select(Outbox)).all()) == 1


def test_a_lease_is_one_workers_until_it_runs_out(desk: Desk) -> None:
    with desk.store.write() as session:
        session.add(Contact(mailbox="noc", dedupe_key="x", raw=b"", arrived_at=NOW))
    assert lease_contact(desk.store, 1, owner="a", now=NOW)
    assert lease_contact(desk.store, 1, owner="b", now=NOW) is None
    later = NOW + timedelta(minutes=1)
    with desk.store.read() as session:
        assert contacts_to_do(session, now=NOW, limit=9, arrived_before=later) == []
        assert contacts_to_do(session, now=later, limit=9, arrived_before=later) == [1]
    assert lease_contact(desk.store, 1, owner="b", now=later)


def test_one_reminder_when_no_answer_comes_and_none_after_one_did(desk: Desk) -> None:
    asked = desk.file(reading(start_time=None))
    assert queue_reminders(desk.store, now=NOW + timedelta(minutes=29), settings=ANSWERS) == []
    assert len(queue_reminders(desk.store, now=NOW + timedelta(minutes=31), settings=ANSWERS)) == 1
    assert queue_reminders(desk.store, now=NOW + timedelta(days=3), settings=ANSWERS) == []
    answered = desk.file(reading(start_time=None, service_ids=("LNK-1002",)))
    desk.file(reading(intent=Intent.UPDATE), in_reply_to=desk.answer(answered).message_id)
    assert queue_reminders(desk.store, now=NOW + timedelta(days=3), settings=ANSWERS) == []
    with desk.store.read() as session:
        mails = session.exec(select(Outbox.event).where(col(Outbox.ticket_id) == asked.ticket_id)).all()
        assert mails == ["information-needed", "reminder"]
        assert "reminder: no answer came" in session.exec(select(Event.why)).all()
