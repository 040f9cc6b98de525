"""Loops, floods, strangers, bounces, threads and undo, filed into a real store with a clock that the test turns."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from models.mail import Notice, Report
from models.tables_mail import Alarm, CarrierNotice, NoticeService, ParentProposal, UndeliverableAddress
from models.words import Verdict
from tests.unit.tickets.makers import NOW, reading
from tests.unit.tickets.manners_desk import (
    PEERS,
    bounce,
    desk,
    rows,
    words,
)
from tests.unit.tickets.test_filing import ANSWERS, SETTINGS, Desk
from tickets.caps import BREAKER, Caps
from tickets.carrier_notices import notices_for
from tickets.undo import decide_parent

__all__ = ["desk"]


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
