"""Forged, replayed, truncated, oversized and senseless posts, and a store that fails: 403 or an apology, never a traceback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from twilio.request_validator import RequestValidator

from app.phone import line_settings
from ivr.carrier import Fields, answer, caller_number, sign, signed
from ivr.line import Line
from ivr.web import ANSWER_WITHIN_S, Webhooks
from ivr.words import Listen
from models.store import Store
from tests.calls.phone import ACCOUNT, PUBLIC, TOKEN, Phone, PhoneCall, Ticket, check_twiml

SID = "CA" + "1" * 32
BASE = {"CallSid": SID, "AccountSid": ACCOUNT, "From": "+12025550143", "To": "+1", "CallStatus": "ringing"}
VECTOR = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Phone]:
    p = Phone(tmp_path)
    yield p
    p.close()


def form(fields: dict[str, str]) -> Fields:
    from urllib.parse import urlencode

    return Fields(urlencode(fields).encode())


def test_the_librarys_own_vector_and_the_sixteen_ways_to_miss_it() -> None:
    url, right = "https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert signed(("12345",), url, form(VECTOR), right)
    assert signed(("old", "12345"), url, form(VECTOR), right), "one of several tokens"
    assert signed(("12345",), url + "#rc=2&rp=ct,rt,5xx", form(VECTOR), right), "the fragment is never signed"
    assert signed(("12345",), url.replace(".com/", ".com:443/"), form(VECTOR), right)
    for wrong_url in (
        url.replace("https", "http"),
        url.replace("foo=1&bar=2", "bar=2&foo=1"),
        url.replace("?", "/?"),
        url + "%20",
    ):
        assert not signed(("12345",), wrong_url, form(VECTOR), right)
    for wrong in (None, "", "x", right[:-1], right.lower(), "é"):
        assert not signed(("12345",), url, form(VECTOR), wrong)
    assert not signed((), url, form(VECTOR), right), "no token: nothing is believed"
    assert not signed(("12345",), url, form(VECTOR | {"Digits": "1235"}), right)
    assert not signed(("12345",), url, form(VECTOR | {"Extra": ""}), right)


@pytest.mark.parametrize("value", ["", "  spaced  ", "100%", "plus+and&", "çé☎"])
def test_blank_spaced_and_strange_values_are_signed_as_they_came(phone: Phone, value: str) -> None:
    assert phone.post("/voice/incoming", BASE | {"CallerName": value}).status_code == 200


@pytest.mark.parametrize("given", [{"signature": "forged"}, {"token": "another"}])
@pytest.mark.parametrize("path", ["incoming", "step", "recording", "transcription", "status", "dial", "queue", "fallback"])
def test_a_forged_post_is_refused_at_every_webhook(phone: Phone, path: str, given: dict[str, Any]) -> None:
    assert phone.post(f"/voice/{path}", BASE, **given).status_code == 403
    assert not phone.rows(PhoneCall)


def test_posts_without_signature_of_another_account_too_long_or_no_form_are_refused(phone: Phone) -> None:
    assert phone.client.post("/voice/incoming", data=BASE).status_code == 403
    assert phone.post("/voice/incoming", BASE | {"AccountSid": "AC" + "6" * 32}).status_code == 403
    assert phone.post("/voice/incoming", BASE | {"Pad": "x" * 70_000}).status_code == 403
    assert phone.client.post("/voice/incoming", content=b"\xff\xfe=\xff").status_code == 403
    assert phone.client.post("/voice/incoming", content=b"&".join(b"a=1" for _ in range(500))).status_code == 403
    assert phone.post("/voice/incoming", BASE | {"CallSid": "CA1'; drop table"}).status_code == 403
    assert phone.post("/voice/incoming", {k: v for k, v in BASE.items() if k != "CallSid"}).status_code == 403
    assert phone.client.get("/voice/incoming").status_code == 405
    assert phone.client.post("/voice/unknown", data=BASE).status_code in (404, 405)


def test_two_tokens_count_while_one_takes_the_place_of_the_other(tmp_path: Path) -> None:
    phone = Phone(tmp_path, twilio_auth_tokens=f"{'9' * 32},{TOKEN}")
    assert phone.post("/voice/incoming", BASE, token=TOKEN).status_code == 200
    assert phone.post("/voice/incoming", BASE, token="9" * 32).status_code == 200
    phone.close()


def test_without_a_token_only_the_simulators_own_counts_and_a_warning_says_so(tmp_path: Path, capsys: Any) -> None:
    phone = Phone(tmp_path, twilio_auth_tokens="", twilio_account_sid="")
    assert "INTAKE_TWILIO_AUTH_TOKENS is not set" in "".join(capsys.readouterr())
    assert phone.post("/voice/incoming", BASE).status_code == 403
    (own,) = line_settings(phone.settings).tokens
    phone.token = own
    assert phone.walk().start().kind == "gather"
    assert (tmp_path / "data" / "simulator.token").stat().st_mode & 0o077 == 0
    phone.close()


def test_a_replayed_step_gets_its_stored_answer_and_moves_nothing(phone: Phone) -> None:
    walk = phone.walk()
    walk.start()
    action, fields = walk.stop.attributes["action"], walk._standard | {"Digits": "1"}
    first = phone.post(action.removeprefix(PUBLIC), fields).text
    replay = phone.post(action.removeprefix(PUBLIC), fields | {"Digits": "2"}).text
    assert first == replay
    (call,) = phone.rows(PhoneCall)
    assert (call.state, call.steps) == ("service", 2)


@pytest.mark.parametrize(
    "path", ["/voice/step?token=invented", "/voice/step", "/voice/dial?token=x", "/voice/queue", "/voice/step?token=%ff"]
)
def test_an_unknown_step_says_the_question_again(phone: Phone, path: str) -> None:
    walk = phone.walk()
    walk.start()
    answer = phone.post(path, walk._standard | {"Digits": "1"})
    assert answer.status_code == 200
    assert "To report a problem" in check_twiml(answer.text)
    (call,) = phone.rows(PhoneCall)
    assert (call.state, call.steps) == ("menu", 1)


def test_a_step_of_a_call_that_we_never_saw_begin_begins_it(phone: Phone) -> None:
    answer = phone.post("/voice/step?token=lost", BASE | {"Digits": "1"})
    assert "To report a problem" in check_twiml(answer.text)
    (call,) = phone.rows(PhoneCall)
    assert call.steps == 1


@pytest.mark.parametrize("fields", [
    {"Digits": "9" * 5000}, {"Digits": "ABCD'\"<>"}, {"SpeechResult": "x " * 20_000}, {"SpeechResult": "\x00\x01<Say>"},
    {"Confidence": "NaN", "SpeechResult": "yes"}, {"RecordingUrl": "http://169.254.169.254/", "RecordingDuration": "-5"},
    {"RecordingUrl": "file:///etc/passwd"}, {"RecordingDuration": "99999999999999999999"}, {"RecordingSid": "RE" + "f" * 32, "RecordingDuration": "٣"},
])  # fmt: skip
def test_senseless_fields_are_only_not_understood(phone: Phone, fields: dict[str, str]) -> None:
    walk = phone.walk()
    walk.start()
    for _ in range(3):
        answer = phone.post(walk.stop.attributes["action"].removeprefix(PUBLIC), walk._standard | fields)
        assert answer.status_code == 200
        walk.stop = walk._read(check_twiml(answer.text), PUBLIC)
    for path in ("recording", "transcription", "status"):
        assert phone.post(f"/voice/{path}", walk._standard | fields).status_code == 200
    assert not phone.rows(Ticket)


def test_a_locked_store_costs_an_apology_within_the_carriers_patience_and_no_report(phone: Phone) -> None:
    walk = phone.walk()
    walk.start()
    walk.answer(keys="1")
    walk.answer(keys="104233#")
    phone.app.state.voice.within_s = ANSWER_WITHIN_S
    release = threading.Event()
    held = threading.Event()

    def hold() -> None:
        with phone.house.store.write():
            held.set()
            release.wait(30)

    locker = threading.Thread(target=hold)
    locker.start()
    held.wait()
    try:
        stop = walk.answer(keys="1")
        assert "something is wrong on our side" in " ".join(stop.says)
        assert (stop.kind, stop.targets[0][0]) == ("dial", "+493055500")
    finally:
        release.set()
        locker.join()
    walk.hang_up()
    assert phone.ticket.report["service_id"]["values"] == ["SVC-104233"]


class _Away(Store):
    """A store whose database is gone."""

    def read(self) -> Any:
        raise OperationalError("select", {}, Exception("away"))

    write = read


def test_a_store_that_is_away_from_the_begin_still_gets_the_caller_a_person_or_a_recording(
    phone: Phone, tmp_path: Path
) -> None:
    from fastapi import FastAPI

    from app.phone import phone_ends, phone_line
    from ivr.web import add_voice
    from tests.calls.phone import AppClient

    line: Line = phone_line(phone.house)
    line.store = _Away(f"sqlite:///{tmp_path}/none.db")
    ends = phone_ends(phone.house)
    app = FastAPI()
    add_voice(app, Webhooks(line, ends))
    client, phone.client = phone.client, AppClient(app)
    document = check_twiml(phone.post("/voice/incoming", BASE).text)
    assert "<Dial" in document
    nobody = check_twiml(phone.post("/voice/fallback?tried=1", BASE | {"DialCallStatus": "no-answer"}).text)
    assert "<Record" in nobody
    assert "<Hangup" in check_twiml(phone.post("/voice/fallback?recorded=1", BASE).text)
    ends.store = line.store
    for callback in ("status", "recording", "transcription"):
        words = {"RecordingSid": "RE" + "c" * 32, "TranscriptionText": "down", "TranscriptionStatus": "completed"}
        assert phone.post(f"/voice/{callback}", BASE | words).status_code == 503, "not kept, so not acknowledged"
    phone.client.close()
    phone.client = client
    recording = BASE | {"RecordingSid": "RE" + "b" * 32, "RecordingStatus": "completed", "RecordingDuration": "20"}
    assert phone.post("/voice/recording", recording).status_code == 200
    assert phone.ticket.report["description"]["values"] == ["recorded message of 20 seconds"], "the message is not lost"


def test_the_checker_finds_what_the_library_takes_in_silence() -> None:
    for wrong in ('<Gather numDigit="1"/>', '<Gather speachTimeout="1"/>', "<Dial><Say>x</Say></Dial>", '<Redirects url="x"/>'):
        with pytest.raises((AssertionError, KeyError)):
            check_twiml(f"<Response>{wrong}</Response>")


def test_an_answer_longer_than_the_carrier_takes_is_never_sent(phone: Phone) -> None:
    s = line_settings(phone.settings).speech
    urls = phone_line_of(phone).replies.urls("t", SID)
    with pytest.raises(ValueError, match="more than the carrier takes"):
        answer(["long " * 20_000], Listen(), urls, s)


def phone_line_of(phone: Phone) -> Line:
    from app.phone import phone_line

    return phone_line(phone.house)


@pytest.mark.parametrize(("given", "number"), [
    ("+491705550101", "+491705550101"), ("anonymous", ""), ("+266696687", ""), ("client:bob", ""), ("+0123", ""), ("", ""), ("+1'--", ""),
])  # fmt: skip
def test_only_a_number_counts_as_a_number(given: str, number: str) -> None:
    assert caller_number(given) == number


def test_our_own_signature_is_the_librarys() -> None:
    assert sign("12345", "https://x.example/voice/step?token=a%2Bb", VECTOR) == RequestValidator("12345").compute_signature(
        "https://x.example/voice/step?token=a%2Bb", VECTOR
    )
