"""Whole calls through the real application with real signatures: what the caller hears, and what stands in the store."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.calls.phone import (
    ADA,
    STRANGER,
    CallBack,
    Contact,
    Outbox,
    Phone,
    PhoneCall,
    PhoneStep,
    ReadingRecord,
    Recording,
    Ticket,
)
from tests.calls.whole import KEYPAD, do, heard, phone, walked

__all__ = ["phone"]


def test_a_report_by_keypad_becomes_a_complete_ticket_and_a_text_message(phone: Phone) -> None:
    walk = phone.walk()
    stop = walked(walk, KEYPAD)
    ticket = phone.ticket
    spoken = "I, N, C. 2, 0, 2, 6. " + ", ".join(ticket.id[9:12]) + ". " + ", ".join(ticket.id[12:]) + "."
    assert heard(stop).count(spoken) == 2
    walk.hang_up(seconds=95)
    assert (ticket.company, ticket.requester, ticket.missing) == ("Ferry Lines", "ada@ferry.example", [])
    ticket = phone.ticket
    assert ticket.report["service_id"]["values"] == ["SVC-104233"]
    assert ticket.report["start_time"]["values"] == ["2026-05-06T07:15:30Z"]
    assert (ticket.impact, ticket.priority) == ("service_affecting", "critical")
    assert ticket.report["fault_pattern"]["values"] == ["constant"]
    assert ticket.report["description"]["values"][0].startswith("The link to Hamburg is down"), "the transcript took its place"
    assert ticket.report["ip_address"]["values"] == ["192.0.2.7"], "its words went through the parser"
    (text,) = phone.rows(Outbox)
    assert (text.channel, text.to_address, text.event) == ("sms", ADA, "ticket-opened")
    (call,) = phone.rows(PhoneCall)
    assert (call.ticket_id, call.outcome, call.seconds, call.carrier_status) == (ticket.id, "filed", 95, "completed")
    report = next(c for c in phone.rows(Contact) if c.id == call.contact_id)
    assert (report.channel, report.verdict, report.state) == ("phone", "person", "filed")
    read = next(r for r in phone.rows(ReadingRecord) if r.contact_id == report.id)
    (service,) = [f for f in read.data["evidence"]["service_id"] if f["status"] == "filled"]
    start, end = service["spans"][0]
    assert read.data["text"][start:end] == "SVC-104233"
    assert not phone.rows(CallBack)


SPEECH: tuple[tuple[str, dict[str, Any]], ...] = (
    ("To report a problem", {"speech": "I'd like to report a fault please"}),
    ("service ID", {"speech": "it's sierra victor charlie one oh four two double three"}),
    ("S, V, C.", {"speech": "yeah that's right"}),
    ("When did it start", {"speech": "about twenty minutes ago"}),
    ("today at 11:00", {"speech": "yes"}),
    ("is down", {"speech": "it's really slow since then"}),
    ("circuit ID", {"speech": "I don't know it"}),
    ("comes and goes", {"speech": "it comes and goes"}),
    ("describe the problem", {"speech": "packet loss of ten percent to all sites in the north"}),
    ("text message", {"speech": "by e-mail please"}),
    ("To file this", {"speech": "yes please file it"}),
)


def test_a_report_by_speech_needs_no_key_and_no_confidence(tmp_path: Path) -> None:
    phone = Phone(tmp_path, phone_description="speech")
    stop = walked(phone.walk(), SPEECH)
    ticket = phone.ticket
    assert "ticket number is" in heard(stop)
    assert (ticket.missing, ticket.impact) == ([], "degradation")
    assert ticket.report["fault_pattern"]["values"] == ["intermittent"]
    assert ticket.report["description"]["values"] == ["packet loss of ten percent to all sites in the north"]
    (mail,) = phone.rows(Outbox)
    assert (mail.channel, mail.to_address, mail.event) == ("email", "ada@ferry.example", "ticket-opened")
    phone.close()


def test_silence_only_ends_with_a_person_and_no_ticket(phone: Phone) -> None:
    walk = phone.walk(STRANGER)
    stop = walk.start()
    for _ in range(2):
        stop = walk.answer()
        assert "did not hear" in heard(stop)
    stop = walk.answer()
    assert stop.kind == "dial"
    assert [t for t, _ in stop.targets] == ["+493055500", "sip:noc@desk.example"]
    walk.hang_up()
    assert not phone.rows(Ticket)


@pytest.mark.parametrize("steps", range(len(KEYPAD)))
def test_a_caller_who_hangs_up_at_any_step_leaves_what_he_said_in_one_ticket(phone: Phone, steps: int) -> None:
    walk = phone.walk()
    stop = walk.start()
    for _expected, what in KEYPAD[:steps]:
        stop = do(walk, what)
    assert stop.kind in ("gather", "record")
    walk.hang_up(seconds=10 + steps)
    (call,) = phone.rows(PhoneCall)
    assert call.ended_at is not None
    if steps < 2:
        assert not phone.rows(Ticket)
        assert call.outcome == "hung up"
        return
    ticket = phone.ticket
    assert ticket.report["service_id"]["values"] == ["SVC-104233"]
    assert call.ticket_id == ticket.id
    assert any("incomplete phone report" in r for r in ticket.review_reasons)
    (back,) = phone.rows(CallBack)
    assert (back.number, back.ticket_id) == (ADA, ticket.id)
    assert back.due_at == phone.now + timedelta(minutes=30)
    (asked,) = phone.rows(Outbox)
    assert asked.event == ("information-needed" if ticket.missing else "ticket-opened")
    assert bool(ticket.missing) is (steps < 10)


def test_every_webhook_delivered_twice_gets_the_same_answer_and_one_ticket(phone: Phone) -> None:
    walk = phone.walk()
    once = walk._post

    def twice(url: str, fields: Any) -> str:
        first, second = once(url, fields), once(url, fields)
        assert first == second
        return first

    walk._post = twice
    walked(walk, KEYPAD)
    walk.hang_up(seconds=60)
    (call,) = phone.rows(PhoneCall)
    assert call.steps == len(KEYPAD) + 1
    assert len(phone.rows(PhoneStep)) == call.steps
    assert phone.ticket.id == call.ticket_id
    assert len(phone.rows(Outbox)) == 1
    assert len([c for c in phone.rows(Contact) if c.dedupe_key == walk.sid]) == 1
    assert len(phone.rows(Contact)) == 1


def test_callbacks_that_come_in_another_order_end_in_the_same_ticket(phone: Phone) -> None:
    """The transcript before the ticket, an old status after the last, the recording after the end."""
    walk = phone.walk()
    late: list[tuple[str, dict[str, str]]] = []
    send = walk._post

    def holding(url: str, fields: Any) -> str:
        if url.endswith(("/recording", "/transcription")):
            late.append((url, dict(fields)))
            return "<Response/>"
        return send(url, fields)

    walk._post = holding
    walked(walk, KEYPAD[:10])
    recording, transcript = late
    send(*transcript)
    assert not phone.rows(Ticket)
    for _expected, what in KEYPAD[10:]:
        do(walk, what)
    walk.hang_up(seconds=70)
    send(*recording)
    send(*transcript)
    old = {
        "CallSid": walk.sid,
        "AccountSid": phone.settings.twilio_account_sid,
        "CallStatus": "in-progress",
        "SequenceNumber": "0",
    }
    assert phone.post("/voice/status", old).status_code == 200
    (call,) = phone.rows(PhoneCall)
    assert (call.carrier_status, call.seconds) == ("completed", 70)
    assert phone.ticket.report["description"]["values"][0].startswith("The link to Hamburg")
    assert phone.ticket.report["ip_address"]["values"] == ["192.0.2.7"]
    (kept,) = phone.rows(Recording)
    assert (kept.ticket_id, kept.transcript_filed) == (call.ticket_id, True)


def test_a_recording_that_is_told_only_after_the_caller_hung_up_in_it_is_not_lost(phone: Phone) -> None:
    walk = phone.walk(STRANGER)
    walk.start()
    walk.answer(keys="1")
    for _ in range(3):
        walk.answer(keys="999#")
    walk.hang_up()
    assert not phone.rows(Ticket), "he told nothing"
    facts = {"CallSid": walk.sid, "AccountSid": phone.settings.twilio_account_sid, "RecordingSid": "RE" + "a" * 32,
             "RecordingStatus": "completed", "RecordingDuration": "14"}  # fmt: skip
    for _ in range(2):
        assert phone.post("/voice/recording", facts).status_code == 200
    ticket = phone.ticket
    assert ticket.report["description"]["values"] == ["recorded message of 14 seconds"]
    assert ticket.review


def test_a_call_without_an_end_is_closed_by_the_sweep(phone: Phone) -> None:
    walk = phone.walk()
    walk.start()
    walk.answer(keys="1")
    walk.answer(keys="104233#")
    phone.later(minutes=14)
    phone.ends.sweep()
    assert not phone.rows(Ticket)
    phone.later(minutes=2)
    for _ in range(2):
        phone.ends.sweep()
    (call,) = phone.rows(PhoneCall)
    assert call.outcome == "no end reported"
    assert phone.ticket.missing == ["start_time", "description", "impact"]
    assert walk.answer(keys="1").kind == "hangup", "the call is over"


def test_the_same_caller_goes_on_where_his_call_broke_off(phone: Phone) -> None:
    first = phone.walk()
    walked(first, KEYPAD[:6])
    first.hang_up()
    ticket = phone.ticket
    assert "impact" in ticket.missing
    phone.later(minutes=3)
    second = phone.walk()
    assert "To go on where we stopped, press 1" in heard(second.start())
    assert "is down" in heard(second.answer(keys="1"))
    for _expected, what in KEYPAD[6:]:
        do(second, what)
    assert phone.ticket.id == ticket.id, "still the one ticket"
    assert phone.ticket.missing == []


def test_a_stranger_gets_a_ticket_in_review_and_hears_nothing_of_the_customer(phone: Phone) -> None:
    walk = phone.walk(STRANGER)
    stop = walked(walk, (*KEYPAD[:10], ("as a text message", {"keys": "1"}), *KEYPAD[11:]))
    ticket = phone.ticket
    assert (ticket.customer_id, ticket.review) == (None, True)
    assert not any("Ferry" in a for a in phone.answers)
    assert "ticket number" in heard(stop)
    (text,) = phone.rows(Outbox)
    assert (text.channel, text.to_address) == ("sms", STRANGER)


@pytest.mark.parametrize("number", ["", "+266696687", "Anonymous", "+7378742833"])
def test_a_withheld_number_is_neither_kept_nor_written_to(phone: Phone, number: str) -> None:
    walk = phone.walk(number)
    walk.start()
    walk.answer(keys="1")
    walk.answer(keys="104233#")
    walk.hang_up()
    (call,) = phone.rows(PhoneCall)
    assert call.number == ""
    assert phone.ticket.review
    assert not phone.rows(Outbox)
    assert not phone.rows(CallBack)


def test_the_only_service_of_the_number_called_from_is_suggested(phone: Phone) -> None:
    walk = phone.walk("+442079460102")
    assert "Are you calling about service D, I, A." in heard(walk.start())
    assert "To report a problem" in heard(walk.answer(keys="1"))
    assert "When did it start" in heard(walk.answer(keys="1"))
