"""Loops, floods, strangers, bounces, threads and undo, filed into a real store with a clock that the test turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models.directory import Directory
from models.errors import UserError
from models.mail import Notice, Original, Report
from models.reading import Reading, Zone
from models.tables import Contact, Outbox, Ticket
from models.tables_mail import Alarm, CarrierNotice, NoticeService, ParentProposal, UndeliverableAddress
from models.words import Intent, TicketState, Verdict, ZoneKind
from tests.unit.tickets.makers import DIRECTORY, NOW, reading
from tests.unit.tickets.test_filing import ANSWERS, SETTINGS, Desk
from tickets.caps import BREAKER, Caps
from tickets.carrier_notices import notices_for
from tickets.filing import Filed
from tickets.undo import accept_contact, decide_parent, merge_tickets, split_contact

WRITTEN = {"service_ids": (), "start_time": None, "impact": None, "description": "", "intent": Intent.UPDATE}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    d = Desk(tmp_path)
    yield d
    d.store.close()


def rows(desk: Desk) -> list[Outbox]:
    with desk.store.read() as session:
        return list(session.exec(select(Outbox).order_by("id")))


def words(text: str, **given: Any) -> Reading:
    return reading(**(WRITTEN | {"text": text, "zones": (Zone(ZoneKind.PROSE, 0, len(text)),)} | given))


Peer = Callable[[Desk, Outbox, int], Filed]


def quoting(desk: Desk, mail: Outbox, n: int) -> Filed:
    return desk.file(words("Thank you, we look into it."), from_address=mail.to_address, in_reply_to=mail.message_id)


def new_subject(desk: Desk, mail: Outbox, n: int) -> Filed:
    return desk.file(words(f"We have opened number {n} for you."), from_address=mail.to_address, subject=f"Our case number {n}")


def marked(name: str, value: str) -> Peer:
    return lambda desk, mail, n: desk.file(
        words("Away."), from_address=mail.to_address, in_reply_to=mail.message_id, headers=((name, value),)
    )


def bounce(desk: Desk, mail: Outbox, n: int) -> Filed:
    return desk.file(
        words("Failed."), envelope_from="", from_address="mailer-daemon@x.example", envelope_to=(mail.envelope_from,),
        null_sender=True, report=Report("failed", mail.to_address, "5.1.1", "unknown", (mail.message_id,)),
    )  # fmt: skip


def came_back(desk: Desk, mail: Outbox, n: int) -> Filed:
    mark = ANSWERS.tokens.loop_mark(mail.message_id)
    return desk.file(words("Our own."), from_address=mail.to_address, headers=(("x-intake-loop", mark),))


def spoofed(desk: Desk, mail: Outbox, n: int) -> Filed:
    return desk.file(words("Our own address."), from_address="noc@desk.example")


PEERS: dict[str, Peer] = {
    "quotes our reference, unmarked": quoting,
    "ticket system, unmarked, new subject each time": new_subject,
    "ticket system, marked": marked("auto-submitted", "auto-generated"),
    "vacation": marked("precedence", "bulk"),
    "list": marked("list-id", "<x.example>"),
    "bounce": bounce,
    "our own mail comes back": came_back,
    "our own address as sender": spoofed,
}


@pytest.mark.parametrize("first", ["ada@ostwind.example", "who@nowhere.example"])
@pytest.mark.parametrize("peer", PEERS)
def test_a_loop_of_a_day_ends_after_four_mails(desk: Desk, peer: str, first: str) -> None:
    desk.file(reading(start_time=None), from_address=first)
    end, answered, n = NOW + timedelta(days=1), set[int](), 0
    while waiting := [r for r in rows(desk) if r.id not in answered and r.due_at < end]:
        mail = min(waiting, key=lambda r: r.due_at)
        desk.now, n = max(desk.now, mail.due_at) + timedelta(seconds=30), n + 1
        answered.add(mail.id or 0)
        PEERS[peer](desk, mail, n)
        assert n < 50
    assert len(answered) <= 4


def test_a_customer_who_writes_much_in_a_case_is_answered_each_time(desk: Desk) -> None:
    first = desk.file()
    for n in range(8):
        told = words("still " + "abcdefgh"[n])
        answer = desk.answer(desk.file(told, in_reply_to=desk.answer(first).message_id))
        assert (answer.counted, answer.due_at) == (False, desk.now)


def test_the_breaker_delays_strangers_only_and_raises_an_alarm(desk: Desk) -> None:
    tight = replace(ANSWERS, caps=Caps(domain_per_hour=2))
    settings = replace(SETTINGS, answers=tight)
    filed = [desk.file(from_address=f"p{n}@many.example", settings=settings) for n in range(3)]
    assert [desk.answer(f).due_at > NOW for f in filed] == [False, False, True]
    assert desk.answer(desk.file(settings=settings)).due_at == NOW
    with desk.store.read() as session:
        alarm = session.get(Alarm, BREAKER)
    assert alarm
    assert "many.example" in alarm.detail


def test_many_tickets_of_one_sender_get_one_digest_and_a_proposed_parent(desk: Desk) -> None:
    filed = [desk.file(reading(service_ids=(f"LNK-7{n:03}",))) for n in range(14)]
    assert len({f.ticket_id for f in filed}) == 14
    digest = desk.answer(filed[-1])
    assert [f.outbox_id for f in filed[10:]] == [digest.id] * 4
    assert digest.event == "tickets-opened"
    assert [t["ticket"] for t in digest.context["tickets"]] == [f.ticket_id for f in filed[10:]]
    decide_parent(desk.store, filed[12].ticket_id or "", same_cause=True, actor="ann", now=NOW)
    with desk.store.read() as session:
        proposals = session.exec(select(ParentProposal)).all()
    assert {p.parent_id for p in proposals} == {filed[0].ticket_id}
    assert desk.ticket(filed[12]).linked_ticket == filed[0].ticket_id


def test_a_hard_bounce_ends_automatic_mail_to_the_address_and_tells_an_agent(desk: Desk) -> None:
    first = desk.file(reading(start_time=None))
    bounced = bounce(desk, desk.answer(first), 1)
    assert (bounced.verdict, bounced.ticket_id, bounced.outbox_id) == (Verdict.BOUNCE, first.ticket_id, None)
    with desk.store.read() as session:
        mark = session.get(UndeliverableAddress, "ada@ostwind.example")
    assert mark
    assert mark.until == NOW + timedelta(days=60)
    again = desk.file(reading(service_ids=("LNK-1002",)))
    assert again.ticket_id
    assert again.outbox_id is None
    assert any("does not arrive" in r for r in desk.ticket(again).review_reasons)


def test_a_forged_bounce_marks_nobody(desk: Desk) -> None:
    desk.file()
    report = Report("failed", "ada@ostwind.example", "5.1.1", "x", ("<guess@desk.example>",))
    forged = desk.file(words("x"), from_address="mailer-daemon@x.example", null_sender=True, report=report)
    assert forged.ticket_id is None
    with desk.store.read() as session:
        assert session.get(UndeliverableAddress, "ada@ostwind.example") is None


def test_a_carriers_notice_is_kept_with_our_services_and_opens_no_ticket(desk: Desk) -> None:
    notice = Notice("Nordwick", "N-1", "planned", "", NOW, NOW + timedelta(hours=4), ("LNK-1001", "X/1"), sure=True)
    filed = desk.file(words("Planned work"), from_address="change@nordwick.example", notice=notice)
    assert (filed.verdict, filed.ticket_id, filed.outbox_id) == (Verdict.MAINTENANCE, None, None)
    with desk.store.read() as session:
        assert session.exec(select(CarrierNotice.reference)).all() == ["N-1"]
        assert session.exec(select(NoticeService.service_id)).all() == ["LNK-1001"]
        beside = notices_for(session, ["LNK-1001", "LNK-1002"], NOW)
        assert [(n.notice.reference, n.services) for n in beside] == [("N-1", ("LNK-1001",))]
        assert notices_for(session, ["LNK-1001"], NOW + timedelta(days=9)) == []


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
