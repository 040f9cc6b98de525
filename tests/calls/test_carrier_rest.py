"""Our side of the carrier's REST interface, by its own library, against a carrier with memory: texts, recordings, failures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ivr.carrier import Account
from models.errors import DeliveryDeferred, DeliveryRefused
from models.tables import Outbox
from outbound.sms import TwilioTexts, deliver_text, reconcile_texts
from tests.calls.carrier_double import TAKEN_THEN_SILENT, Carrier, carrier
from tests.calls.phone import ACCOUNT, ADA, TOKEN, Phone, Recording
from tests.calls.whole import KEYPAD, walked
from tests.servers import end_kept_connections

SOUND = b"RIFF" + b"\0" * 2000


@pytest.fixture
def double() -> Iterator[Carrier]:
    with carrier(ACCOUNT, TOKEN) as made:
        yield made
    end_kept_connections()


@pytest.fixture
def phone(tmp_path: Path, double: Carrier) -> Iterator[Phone]:
    p = Phone(tmp_path, twilio_api_url=double.url, phone_number="+4930555010", phone_delete_at_carrier=True)
    yield p
    p.close()


def reported(phone: Phone) -> int:
    """A whole call, and the row of the text message that confirms it."""
    walk = phone.walk()
    walked(walk, KEYPAD)
    walk.hang_up(seconds=60)
    (row,) = phone.rows(Outbox)
    assert row.channel == "sms"
    return int(row.id)


def deliver(phone: Phone, row: int, sender: Any = None) -> Outbox:
    h = phone.house
    deliver_text(h.store, row, owner="test", clock=h.clock, sender=sender or h.texts, settings=h.texting)
    found = next(r for r in phone.rows(Outbox) if r.id == row)
    assert isinstance(found, Outbox)
    return found


def test_the_confirmation_is_sent_once_with_the_ticket_and_its_fate_comes_by_callback(phone: Phone, double: Carrier) -> None:
    row = deliver(phone, reported(phone))
    assert row.state == "sent"
    deliver(phone, int(row.id or 0))
    (message,) = double.messages
    assert (message["to"], message["from"], message["sid"]) == (ADA, "+4930555010", row.carrier_id)
    assert phone.ticket.id in message["body"]
    assert len(message["body"]) <= 480
    assert message["status_callback"] == "https://intake.desk.example/voice/status"
    fields = {"AccountSid": ACCOUNT, "MessageSid": row.carrier_id, "MessageStatus": "undelivered", "ErrorCode": "30006"}
    for _ in range(2):
        assert phone.post("/voice/status", fields).status_code == 200
    (row,) = phone.rows(Outbox)
    assert (row.state, row.last_error) == ("failed", "the carrier says undelivered 30006")


def test_a_carrier_that_is_busy_is_asked_again_later(phone: Phone, double: Carrier) -> None:
    number = reported(phone)
    double.failing = [429]
    row = deliver(phone, number)
    assert (row.state, row.tries, bool(double.messages)) == ("queued", 1, False)
    phone.later(hours=1)
    assert deliver(phone, number).state == "sent"
    assert len(double.messages) == 1


def test_a_number_that_the_carrier_refuses_stands_before_a_person(phone: Phone, double: Carrier) -> None:
    number = reported(phone)
    with phone.house.store.write() as session:
        row = session.get(Outbox, number)
        assert row
        row.to_address = "12"
        session.add(row)
    row = deliver(phone, number)
    assert row.state == "failed"
    assert "error 21211" in row.last_error
    assert any("text message to 12 failed" in r for r in phone.ticket.review_reasons)


@pytest.mark.parametrize("status", [500, 503])
def test_a_carrier_in_trouble_is_asked_what_it_took_before_anything_is_sent_again(
    phone: Phone, double: Carrier, status: int
) -> None:
    number = reported(phone)
    double.failing = [status]
    assert deliver(phone, number).state == "uncertain"
    assert deliver(phone, number).state == "uncertain", "no blind repeat"
    phone.later(minutes=3)
    double.failing = [500]
    assert reconcile_texts(phone.house.store, phone.house.texts, phone.house.clock) == []
    assert reconcile_texts(phone.house.store, phone.house.texts, phone.house.clock) == [number]
    phone.later(hours=1)
    assert deliver(phone, number).state == "sent"
    assert len(double.messages) == 1


def test_a_text_that_was_taken_before_the_time_out_is_never_sent_twice(phone: Phone, double: Carrier) -> None:
    number = reported(phone)
    double.failing = [TAKEN_THEN_SILENT]
    hasty = TwilioTexts(ACCOUNT, TOKEN, double.url, timeout_s=0.5)
    assert deliver(phone, number, hasty).state == "uncertain"
    double.release.set()
    phone.later(minutes=3)
    assert reconcile_texts(phone.house.store, phone.house.texts, phone.house.clock) == []
    (row,) = phone.rows(Outbox)
    assert (row.state, row.carrier_id) == ("sent", double.messages[0]["sid"])
    assert len(double.messages) == 1


def test_a_recording_is_fetched_with_our_name_kept_and_deleted_at_the_carrier(phone: Phone, double: Carrier) -> None:
    walk = phone.walk()
    walked(walk, KEYPAD[:9])
    sid = "RE" + "d" * 32
    walk.record(seconds=9, sid=sid)
    phone.later(minutes=1)
    phone.ends.fetch_due(delete=True)
    (row,) = phone.rows(Recording)
    assert (row.state, bool(row.last_error)) == ("expected", True), "not there yet: asked again later"
    double.recordings[sid] = SOUND
    for _ in range(2):
        phone.later(minutes=10)
        phone.ends.fetch_due(delete=True)
    (row,) = phone.rows(Recording)
    assert (row.state, row.media, row.content_type, row.at_carrier) == ("kept", SOUND, "audio/x-wav", False)
    assert not double.recordings


def test_a_recording_that_never_comes_is_given_up_with_the_reason(phone: Phone, double: Carrier) -> None:
    walk = phone.walk()
    walked(walk, KEYPAD[:9])
    walk.record(seconds=9)
    for _ in range(9):
        phone.later(hours=5)
        phone.ends.fetch_due(delete=False)
    (row,) = phone.rows(Recording)
    assert (row.state, row.last_error) == ("failed", "the carrier answers 404")


@pytest.mark.parametrize(("status", "error"), [(429, DeliveryDeferred), (503, DeliveryDeferred), (400, DeliveryRefused)])
def test_what_a_failing_fetch_means(double: Carrier, status: int, error: type[Exception]) -> None:
    double.failing = [status]
    with pytest.raises(error):
        Account(ACCOUNT, TOKEN, double.url).fetch("RE" + "e" * 32)


def test_our_name_never_goes_to_another_host_and_no_other_place_is_read(double: Carrier) -> None:
    sid = "RE" + "e" * 32
    double.recordings[sid] = SOUND
    account = Account(ACCOUNT, TOKEN, double.url)
    for place in ("http://169.254.169.254/latest", "http://127.0.0.1:1/x.wav", "file:///etc/passwd", "ftp://x.example/x"):
        double.elsewhere = place
        with pytest.raises((DeliveryRefused, DeliveryDeferred)):
            account.fetch(sid)
    for wrong in ("../../Messages", "RE1", "", "https://evil.example/RE" + "e" * 32):
        with pytest.raises(DeliveryRefused):
            account.fetch(wrong)
    double.elsewhere = double.url + "/2010-04-01/loop"
    with pytest.raises((DeliveryRefused, DeliveryDeferred)):
        account.fetch(sid)
    assert all(path.startswith("/2010-04-01/") for _m, path, _a in double.asked)


def test_a_carrier_that_does_not_answer_costs_the_time_that_is_set(double: Carrier) -> None:
    with pytest.raises(DeliveryDeferred):
        Account(ACCOUNT, TOKEN, "http://127.0.0.1:9", timeout_s=0.5).fetch("RE" + "e" * 32)
    with pytest.raises(DeliveryDeferred):
        Account(ACCOUNT, "0" * 32, double.url).delete("RE" + "e" * 32)
