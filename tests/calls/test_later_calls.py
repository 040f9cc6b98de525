"""Calls after the first: tickets that exist, escalation, persons, call-backs, voicemail, the queue."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ivr.walk import Stop
from tests.calls.phone import (
    ADA,
    STRANGER,
    CallBack,
    Contact,
    Escalation,
    Event,
    Outbox,
    Phone,
    PhoneCall,
    Ticket,
)
from tests.calls.whole import KEYPAD, heard, phone, walked

__all__ = ["phone"]


def existing(phone: Phone) -> Ticket:
    walk = phone.walk()
    walked(walk, KEYPAD)
    walk.hang_up()
    phone.later(minutes=30)
    return phone.ticket


def key(ticket: Ticket) -> str:
    return ticket.id.removeprefix("INC-").replace("-", "")


def test_a_caller_with_ticket_and_service_adds_to_it_and_hears_its_status(phone: Phone) -> None:
    ticket = existing(phone)
    walk = phone.walk(STRANGER)
    walk.start()
    walk.answer(keys="2")
    assert "right company" in heard(walk.answer(keys=f"{key(ticket)}#"))
    stop = walk.answer(keys="104233#")
    assert "To hear the status, 3" in heard(stop)
    assert "priority critical" in heard(walk.answer(keys="3"))
    walk.answer(keys="1")
    stop = walk.record(seconds=9, transcript="the backup is down too")
    assert "is added to ticket" in heard(stop)
    assert phone.ticket.id == ticket.id
    assert sum(c.ticket_id == ticket.id and c.channel == "phone" for c in phone.rows(Contact)) == 3


def test_a_caller_without_the_service_of_the_ticket_writes_into_a_ticket_of_his_own_that_names_it(phone: Phone) -> None:
    ticket = existing(phone)
    walk = phone.walk(STRANGER)
    walk.start()
    walk.answer(keys="2")
    walk.answer(keys=f"{key(ticket)}#")
    stop = walk.answer(keys="#")
    assert "status, 3" not in heard(stop)
    walk.answer(keys="1")
    walk.record(seconds=9)
    first, second = phone.rows(Ticket)
    assert first.id == ticket.id
    assert (second.linked_ticket, second.review) == (ticket.id, True)
    assert first.version == ticket.version


def escalates(phone: Phone, ticket: Ticket, service: str = "104233#") -> Stop:
    walk = phone.walk()
    walk.start()
    walk.answer(keys="2")
    walk.answer(keys=f"{key(ticket)}#")
    walk.answer(keys=service)
    walk.answer(keys="2")
    walk.answer(keys="1")
    return walk.record(seconds=0)


def test_an_escalation_by_telephone_goes_one_level_up_and_tells_who_has_it_and_who_is_next(phone: Phone) -> None:
    ticket = existing(phone)
    stop = escalates(phone, ticket)
    assert stop.kind == "dial"
    assert "is escalated. It is now with level 1" in heard(stop)
    assert phone.ticket.escalation_level == 1
    (row,) = phone.rows(Escalation)
    assert (row.level, row.cause, row.ticket_id) == (1, "customer", ticket.id)
    assert "escalated" in [e.kind for e in phone.rows(Event)]
    (mail,) = [m for m in phone.rows(Outbox) if m.event == "escalated"]
    assert (mail.to_address, mail.context["holder"]) == ("ada@ferry.example", "level 1")


def test_a_second_escalation_by_telephone_within_the_hour_is_told_where_it_stands(phone: Phone) -> None:
    ticket = existing(phone)
    escalates(phone, ticket)
    phone.later(minutes=20)
    stop = escalates(phone, ticket)
    assert "was escalated a short while ago" in heard(stop)
    assert "You can ask again today at 12:50, UTC plus 2" in heard(stop)
    assert (phone.ticket.escalation_level, len(phone.rows(Escalation))) == (1, 1)
    assert "escalation_limited" in [e.kind for e in phone.rows(Event)]
    phone.later(minutes=41)
    assert "It is now with level 2" in heard(escalates(phone, ticket))
    assert phone.ticket.escalation_level == 2


def test_an_escalation_without_the_service_of_the_ticket_moves_nothing_and_waits_for_a_person(phone: Phone) -> None:
    ticket = existing(phone)
    stop = escalates(phone, ticket, "#")
    assert "written down under ticket I, N, C." in heard(stop)
    first, second = phone.rows(Ticket)
    assert (first.id, first.escalation_level, first.version) == (ticket.id, 0, ticket.version)
    assert (second.linked_ticket, second.escalation_level) == (ticket.id, 0)
    assert any("did not show whose the ticket is" in r for r in second.review_reasons)
    assert "escalation_asked" in [e.kind for e in phone.rows(Event)]
    assert not phone.rows(Escalation)


def test_a_person_is_had_at_once_with_a_whispered_summary(phone: Phone) -> None:
    walk = phone.walk()
    walked(walk, KEYPAD[:7])
    stop = walk.answer(keys="*")
    assert stop.kind == "dial"
    assert "Your reference is I, N, C." in heard(stop)
    whispered = walk.whisper()
    assert "service S, V, C. 1, 0, 4. 2, 3, 3." in heard(whispered)
    assert "To take it, press 1" in heard(whispered)
    assert walk.connected("completed").kind == "hangup"
    (call,) = phone.rows(PhoneCall)
    assert call.outcome == "handed over"
    assert not phone.rows(CallBack)


def test_nobody_answers_so_the_overflow_is_tried_and_then_a_call_back_is_due(tmp_path: Path) -> None:
    phone = Phone(tmp_path, phone_overflow="+493055599")
    walk = phone.walk()
    walk.start()
    assert walk.answer(keys="0").targets[0][0] == "+493055500"
    assert walk.connected("no-answer").targets[0][0] == "+493055599"
    assert "Nobody is free" in heard(walk.connected("busy"))
    stop = walk.answer(keys="1")
    assert "We will call you back today at 11:50" in heard(stop)
    (back,) = phone.rows(CallBack)
    assert (back.number, back.state, back.due_at) == (ADA, "open", phone.now + timedelta(minutes=30))
    phone.close()


def test_out_of_hours_the_call_back_is_due_when_somebody_is_in_again(tmp_path: Path) -> None:
    phone = Phone(tmp_path, phone_hours="Mon-Fri 13:00-18:00", phone_timezone="Europe/Berlin")
    walk = phone.walk()
    walk.start()
    assert "Nobody is free" in heard(walk.answer(keys="0"))
    walk.answer(keys="1")
    (back,) = phone.rows(CallBack)
    assert back.due_at.isoformat() == "2026-05-06T11:30:00+00:00"
    phone.close()


def test_a_voicemail_becomes_a_ticket_with_the_recording(tmp_path: Path) -> None:
    phone = Phone(tmp_path, phone_agents="")
    walk = phone.walk(STRANGER)
    walk.start()
    walk.answer(keys="0")
    assert walk.answer(keys="2").kind == "record"
    stop = walk.record(
        seconds=30, transcript="This is Granite Radio, service DIA-771200 is down since 08:00 UTC, no traffic at all"
    )
    assert "Your message is with our engineers" in heard(stop)
    assert phone.ticket.report["service_id"]["values"] == ["DIA-771200"]
    assert phone.ticket.impact == "service_affecting"
    phone.close()


def test_callers_wait_in_a_queue_and_leave_it_after_the_limit(tmp_path: Path) -> None:
    phone = Phone(tmp_path, phone_queue="noc", phone_agents="", phone_queue_seconds=120)
    walk = phone.walk()
    walk.start()
    stop = walk.answer(keys="0")
    assert stop.kind == "enqueue"
    base = {"CallSid": walk.sid, "AccountSid": phone.settings.twilio_account_sid}
    assert "stay on the line" in phone.post("/voice/queue?wait=1", base | {"QueueTime": "60"}).text
    assert "<Leave" in phone.post("/voice/queue?wait=1", base | {"QueueTime": "121"}).text
    assert "Nobody is free" in heard(walk.connected("no-answer"))
    phone.close()
