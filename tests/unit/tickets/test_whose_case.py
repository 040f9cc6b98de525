"""Whose case a mail belongs to: strangers, forwards, copies, threads, numbers of theirs, replies after the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from models.directory import Directory
from models.errors import UserError
from models.mail import Original
from models.tables import Contact, Ticket
from models.words import Intent, TicketState
from tests.unit.tickets.makers import DIRECTORY, NOW, reading
from tests.unit.tickets.manners_desk import (
    desk,
    words,
)
from tests.unit.tickets.test_filing import Desk
from tickets.filing import Filed
from tickets.undo import accept_contact, merge_tickets, split_contact

__all__ = ["desk"]


def test_what_a_stranger_gets_depends_on_his_words_alone(desk: Desk) -> None:
    known, unknown = reading(service_ids=("LNK-2001",)), reading(service_ids=("LNK-2999",))
    blind = reading(service_ids=(), start_time=None)
    answers = [
        desk.answer(desk.file(whole, told=blind, from_address=f"{n}@nowhere.example"))
        for n, whole in enumerate((known, unknown))
    ]
    told = [{k: v for k, v in a.context.items() if k != "ticket"} for a in answers]
    assert told[0] == told[1]
    assert answers[0].due_at == answers[1].due_at
    with desk.store.read() as session:
        reasons = [t.review_reasons for t in session.exec(select(Ticket).order_by("id"))]
    assert any("Meerblick" in r for r in reasons[0])


def test_the_directory_seen_by_a_stranger_knows_shapes_and_no_ids() -> None:
    seen: Directory = DIRECTORY.seen_by(None)
    assert [s.id for s in seen.services] == ["LNK-0000"]
    assert "LNK-2001" not in DIRECTORY.seen_by(DIRECTORY.customers[0]).service_by_id


def test_an_agents_forward_belongs_to_the_original_sender(desk: Desk) -> None:
    original = Original("ada@ostwind.example", "Ada", "No light")
    filed = desk.file(from_address="bob@desk.example", forwarded=True, subject="Fwd: No light", original=original)
    ticket = desk.ticket(filed)
    assert (ticket.requester, ticket.customer_id, ticket.subject) == ("ada@ostwind.example", "K1", "No light")
    assert desk.answer(filed).to_address == "ada@ostwind.example"
    nobody = replace(original, address="who@nowhere.example")
    assert desk.file(from_address="bob@desk.example", original=nobody).outbox_id is None


def test_copies_go_to_the_same_customer_only(desk: Desk) -> None:
    cc = ("boss@ostwind.example", "x@meerblick.example", "noc@desk.example", "no-reply@ostwind.example")
    assert desk.answer(desk.file(cc=cc)).context["cc"] == ["boss@ostwind.example"]


def test_two_mails_before_our_answer_are_one_ticket_in_any_order(desk: Desk) -> None:
    second = desk.file(words("and it got worse"), in_reply_to="<first@ostwind.example>", from_address="boss@ostwind.example")
    first = desk.file(message_id="<first@ostwind.example>")
    assert first.ticket_id == second.ticket_id


def test_a_forward_is_no_answer_and_a_subject_without_thread_is_one(desk: Desk) -> None:
    first = desk.file(subject="No light in Duisburg")
    thread = {"in_reply_to": desk.answer(first).message_id, "forwarded": True, "subject": "WG: No light in Duisburg"}
    assert desk.file(words("another one"), **thread).ticket_id != first.ticket_id
    other = desk.file(
        subject="Loss on the Riga ring", **{"message_id": "<9@ostwind.example>"}, read=reading(service_ids=("LNK-1002",))
    )
    assert desk.file(words("any news?"), subject="AW: Loss on the Riga ring").ticket_id == other.ticket_id


def test_their_number_joins_and_is_quoted_back(desk: Desk) -> None:
    first = desk.file(subject="[PL-24417] line down")
    assert desk.answer(first).context["their_ref"] == "PL-24417"
    again = desk.file(words("more"), subject="[PL-24417] update 2", from_address="desk@ostwind.example")
    assert again.ticket_id == first.ticket_id
    other = desk.file(words("more"), subject="[PL-24417] x", from_address="x@meerblick.example")
    assert other.ticket_id != first.ticket_id


def test_a_reply_reopens_within_days_and_later_opens_a_linked_ticket(desk: Desk) -> None:
    first = desk.file()
    reply = {"in_reply_to": desk.answer(first).message_id}
    _end(desk, first)
    assert desk.file(words("again down"), **reply).ticket_id == first.ticket_id
    assert desk.ticket(first).state == TicketState.REOPENED.value
    _end(desk, first)
    desk.now += timedelta(days=8)
    late = desk.file(words("down once more"), **reply)
    assert late.ticket_id != first.ticket_id
    assert desk.ticket(late).linked_ticket == first.ticket_id


def test_what_a_customer_answers_to_a_resolved_ticket_decides_what_becomes_of_it(desk: Desk) -> None:
    cases = {
        "works again, thanks": TicketState.CLOSED,
        "Confirmed, all good from our side.": TicketState.CLOSED,
        "thanks, but it is still slow": TicketState.REOPENED,
        "it does not work": TicketState.REOPENED,
        "is it fixed?": TicketState.REOPENED,
    }
    for text, state in cases.items():
        first = desk.file()
        reply = {"in_reply_to": desk.answer(first).message_id}
        _end(desk, first)
        desk.file(words(text), **reply)
        assert desk.ticket(first).state == state.value, text


def _end(desk: Desk, filed: Filed) -> None:
    with desk.store.write() as session:
        ticket = session.get(Ticket, filed.ticket_id)
        assert ticket
        ticket.state = TicketState.RESOLVED.value
        session.add(ticket)


def test_accepted_spam_is_filed_and_answered_and_an_accepted_robot_is_not(desk: Desk) -> None:
    for intent, headers, answered in (
        (Intent.UNWANTED, (), True),
        (Intent.AUTOMATIC, (("auto-submitted", "auto-replied"),), False),
    ):
        held = desk.file(reading(intent=intent, service_ids=()), headers=headers)
        assert held.ticket_id is None
        accept_contact(desk.store, desk.count, actor="ann", now=NOW)
        filed = desk.again(reading(intent=intent, service_ids=()), headers=headers)
        assert filed.ticket_id
        assert bool(filed.outbox_id) is answered
        with pytest.raises(UserError):
            accept_contact(desk.store, desk.count, actor="ann", now=NOW)


def test_split_and_merge_move_contacts_reports_and_threads(desk: Desk) -> None:
    first = desk.file()
    joined = desk.file(reading(service_ids=("LNK-1002",), ticket_ref=first.ticket_id, intent=Intent.UPDATE))
    assert joined.ticket_id == first.ticket_id
    new = split_contact(desk.store, desk.count, actor="ann", now=NOW)
    with desk.store.read() as session:
        split = session.get(Ticket, new)
        assert split
        assert split.report["service_id"]["values"] == ["LNK-1002"]
    assert desk.ticket(first).report["service_id"]["values"] == ["LNK-1001"]
    merge_tickets(desk.store, new, first.ticket_id or "", actor="ann", now=NOW)
    assert desk.ticket(first).report["service_id"]["values"] == ["LNK-1001", "LNK-1002"]
    assert desk.file(words("more", ticket_ref=new)).ticket_id == first.ticket_id
    with pytest.raises(UserError):
        merge_tickets(desk.store, new, first.ticket_id or "", actor="ann", now=NOW)
    with desk.store.read() as session:
        assert {c.ticket_id for c in session.exec(select(Contact))} == {first.ticket_id}
