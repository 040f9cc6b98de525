"""Calls without a carrier: in the terminal and in the browser, over real sockets, through the signed webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import command_line
from tests.calls.phone import ADA, CallBack, Phone, PhoneCall, Ticket
from tests.calls.served import csrf, hidden, served, visitor

REPORT = (
    "1",
    "104233#",
    "1",
    "twenty minutes ago",
    "1",
    "it is completely down",
    "#",
    "2",
    "no traffic to any site at all",
    "2",
    "1",
)


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Phone]:
    with served(tmp_path) as p:
        yield p


def terminal(phone: Phone, monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str) -> Any:
    s = phone.settings
    for name in ("data_dir", "http_listen", "public_url", "twilio_auth_tokens", "twilio_account_sid", "phone_agents"):
        monkeypatch.setenv(f"INTAKE_{name.upper()}", str(getattr(s, name)))
    monkeypatch.setenv("INTAKE_MAIL_ADDRESSES", "noc@desk.example")
    return CliRunner().invoke(command_line(["call"]), ["call", *arguments], input=typed)


def test_a_report_is_walked_in_the_terminal(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    done = terminal(phone, monkeypatch, "--number", ADA, typed="\n".join(REPORT) + "\n\n")
    assert done.exit_code == 0, done.output
    assert "Your ticket number is I, N, C." in done.output
    assert "The call is over" in done.output
    ticket = phone.ticket
    assert (ticket.company, ticket.impact, ticket.missing) == ("Ferry Lines", "service_affecting", [])
    assert ticket.report["description"]["values"] == ["no traffic to any site at all"]


def test_the_end_of_the_typing_hangs_up_and_what_was_said_is_kept(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    done = terminal(phone, monkeypatch, "--number", ADA, typed="1\n104233#\n1\n")
    assert done.exit_code == 0
    assert "You hung up" in done.output
    assert phone.ticket.report["service_id"]["values"] == ["SVC-104233"]
    done = terminal(phone, monkeypatch, typed="0\nb\n1\n+49 30 5550 100 #\n")
    assert "ringing +493055500" in done.output
    assert "Nobody is free" in done.output


def test_a_number_that_is_none_and_a_line_that_is_not_there_are_told_in_one_line(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = terminal(phone, monkeypatch, "--number", "0170", typed="")
    assert done.exit_code != 0
    assert "is not a number such as" in str(done.exception)
    monkeypatch.setenv("INTAKE_HTTP_LISTEN", "127.0.0.1:9")
    monkeypatch.setattr(phone.settings, "http_listen", "127.0.0.1:9")
    done = terminal(phone, monkeypatch, typed="")
    assert "/voice/incoming: ConnectError" in str(done.exception)


def test_a_report_by_the_simulator_without_javascript(phone: Phone) -> None:
    with visitor(phone) as browser:
        page = browser.post("/phone", data={"csrf": csrf(browser.get("/phone").text), "number": "+49 170 5550101"}).text
        assert "To report a problem" in page
        for given in REPORT:
            assert 'name="sealed"' in page, page
            digits = given.strip("0123456789#*") == ""
            data = {"csrf": csrf(page), "sealed": hidden(page, "sealed"), "keys" if digits else "speech": given, "act": "send"}
            page = browser.post("/phone/next", data=data).text
        assert "Your ticket number is" in page
        again = browser.post("/phone/next", data=data).text
        assert "Your ticket number is" in again, "the same form sent twice is one step"
        page = browser.post("/phone/next", data={"csrf": csrf(page), "sealed": hidden(page, "sealed"), "act": "hang-up"}).text
        assert "The call is over" in page
        (call,) = phone.rows(PhoneCall)
        assert (call.source, call.outcome, call.ticket_id) == ("simulator", "filed", phone.ticket.id)
        record = browser.get(f"/calls/{call.sid}").text
        assert "no traffic to any site at all" in record
        assert "The carrier has no sound of it" in record
        contact = browser.get(f"/contacts/{call.contact_id}").text
        assert "no traffic to any site at all" in contact
        assert f"/calls/{call.sid}" in contact
        assert "<b>0</b> calls" in browser.get("/calls/report").text, "the simulator's calls are not counted"


def test_the_simulator_refuses_what_it_has_not_sealed_and_numbers_that_are_none(phone: Phone) -> None:
    with visitor(phone) as browser:
        token = csrf(browser.get("/phone").text)
        wrong = browser.post("/phone", data={"csrf": token, "number": "12"})
        assert (wrong.status_code, 'value="12"' in wrong.text, "country code" in wrong.text) == (400, True, True)
        forged = browser.post("/phone/next", data={"csrf": token, "sealed": "e30.forged", "keys": "1"})
        assert forged.status_code == 400
        assert "no call of ours" in forged.text
        assert browser.post("/phone", data={"csrf": "x"}).status_code == 403
    with visitor(phone, "auditor") as reader:
        token = csrf(reader.get("/phone").text)
        assert reader.post("/phone", data={"csrf": token}).status_code == 403
    assert not phone.rows(PhoneCall)


def test_live_calls_show_their_fields_as_they_fill_in_and_the_call_back_list_is_worked_off(phone: Phone) -> None:
    walk = phone.walk()
    walk.start()
    walk.answer(keys="1")
    walk.answer(keys="104233#")
    with visitor(phone) as browser:
        page = browser.get("/calls").text
        assert "On the line" in page
        assert "SVC-104233" in page
        assert "service check" in page
        walk.answer(keys="1")
        walk.hang_up(seconds=33)
        page = browser.get("/calls").text
        assert "Nobody is on the line" in page
        assert "1 owed" in page
        for minutes in (25, 20):
            # A session that rests for half an hour is over.
            phone.later(minutes=minutes)
            browser.get("/calls")
        page = browser.get("/call-backs").text
        assert "overdue 15 min" in page
        (back,) = phone.rows(CallBack)

        def act(what: str, note: str = "") -> Any:
            return browser.post(f"/call-backs/{back.id}/{what}", data={"csrf": csrf(page), "note": note})

        assert "taken by agent" in act("take").text
        assert act("take").status_code == 400, "it is taken"
        missed = act("missed", "rang out")
        assert "tried 1x" in missed.text
        assert phone.rows(CallBack)[0].due_at == phone.now + timedelta(minutes=30)
        nothing = act("fail")
        assert (nothing.status_code, "say in the note" in nothing.text) == (400, True)
        act("fail", "the number does not exist")
        (back,) = phone.rows(CallBack)
        assert (back.state, back.tries) == ("failed", 2)
        (ticket,) = phone.rows(Ticket)
        assert any("could not be called back" in r for r in ticket.review_reasons)
        act("reopen")
        act("done", "spoke to Ada")
        assert phone.rows(CallBack)[0].state == "done"
        assert "called back to" in browser.get(f"/tickets/{ticket.id}").text
        report = browser.get("/calls/report").text
        assert "hung up" in report
        assert browser.get("/calls/CAnone").status_code == 404
