"""The SMTP listener over real sockets, with a real database behind it."""

from __future__ import annotations

import smtplib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.smtp_helpers import MAIL, OWN, Running, Talk, running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as started:
        yield started


def _send(server: Running, raw: bytes, rcpt: str | list[str] = OWN, sender: str = "anna@kunde.example") -> bytes:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=20) as client:
        client.ehlo("client.example")
        code, text = client.mail(sender)
        assert code == 250, text
        for one in [rcpt] if isinstance(rcpt, str) else rcpt:
            assert client.rcpt(one)[0] == 250
        code, text = client.data(raw)
        assert code == 250, text
        return text


def test_after_250_the_mail_is_in_the_database_byte_for_byte(server: Running) -> None:
    raw = MAIL + b"..dots\r\n.\x00\xff bytes\r\n" + b"x" * 5000 + b"\r\n"
    answer = _send(server, raw)
    (contact,) = server.contacts()
    assert answer == b"2.0.0 %d" % (contact.id or 0)
    assert contact.raw == raw
    assert (contact.state, contact.mailbox, contact.envelope_to) == ("received", OWN, OWN)
    assert (contact.envelope_from, contact.peer) == ("anna@kunde.example", "127.0.0.1")
    assert (contact.message_id, contact.from_address) == ("<m1@kunde.example>", "anna@kunde.example")
    assert contact.subject == "LNK 77/1234 down"
    server.settle(lambda: server.kept == [contact.id])


def test_a_redelivery_with_other_trace_headers_is_the_same_contact(server: Running) -> None:
    first = _send(server, b"Received: from a by b; Mon\r\n" + MAIL)
    again = _send(server, b"Received: from c by d;\r\n\tTue\r\nDelivered-To: x@y\r\n" + MAIL)
    assert first == again
    (contact,) = server.contacts()
    assert contact.repeats == 1
    server.settle(lambda: server.kept == [contact.id])


def test_the_same_id_with_another_text_is_another_mail(server: Running) -> None:
    assert _send(server, MAIL) != _send(server, MAIL + b"And now B too.\r\n")


def test_a_bounce_comes_in_at_the_bounce_address_with_its_token(server: Running) -> None:
    _send(server, MAIL, "bounce+INC-2026-000128.ab12cd34@isp.example", sender="")
    _send(server, MAIL, ["bounce@isp.example", "NOC+x@ISP.example"])
    one, two = server.contacts()
    assert (one.mailbox, one.envelope_from) == ("bounce@isp.example", "")
    assert one.envelope_to == "bounce+INC-2026-000128.ab12cd34@isp.example"
    assert two.mailbox == "noc@isp.example"


@pytest.mark.parametrize(
    "recipient",
    [
        "anna@kunde.example",
        "nobody@isp.example",
        "v%gmail.example@isp.example",
        "support%isp.example@isp.example",
        "isp.example!support@isp.example",
        "@relay.example:support@isp.example",
        "support@isp.example@kunde.example",
        "support@kunde.example@isp.example",
        '"support"@isp.example',
        '"a@b"@isp.example',
        "support@isp.example,anna@kunde.example",
        "+x@isp.example",
        "support",
    ],
)
def test_only_our_own_addresses_are_taken(server: Running, recipient: str) -> None:
    with Talk(server.port) as talk:
        talk.say(b"EHLO client.example")
        talk.say(b"MAIL FROM:<anna@kunde.example>")
        assert talk.say(b"RCPT TO:<" + recipient.encode() + b">").startswith(b"550 5.1.1 ")
        assert talk.say(b"DATA").startswith(b"503 ")
    assert server.contacts() == []


@pytest.mark.parametrize("line", [b"VRFY support", b"EXPN support", b"AUTH PLAIN AHgAeQ==", b"VRFY \xff\xfe"])
def test_what_is_not_offered_is_refused(server: Running, line: bytes) -> None:
    with Talk(server.port) as talk:
        talk.say(b"EHLO client.example")
        assert talk.say(line).startswith(b"502 ")


def test_a_malformed_sender_is_refused_for_good_and_a_strange_one_taken(server: Running) -> None:
    with Talk(server.port) as talk:
        assert b"aiosmtpd" not in talk.greeting
        assert b"Python" not in talk.greeting
        talk.say(b"EHLO client.example")
        assert talk.say(b"MAIL FROM:<a b@c>").startswith(b"553 ")
        assert talk.say(b"MAIL FROM:<a@c").startswith(b"553 ")
        assert talk.say(b"MAIL FROM:<\xff@c.example>") == b"250 OK"
        assert talk.say(b"RCPT TO:<support@isp.example>") == b"250 OK"
        talk.say(b"DATA")
        assert talk.say(MAIL + b".").startswith(b"250 2.0.0 ")
    assert server.contacts()[0].envelope_from == "?@c.example"


def test_a_utf8_session_is_taken(server: Running) -> None:
    raw = MAIL.replace(b"LNK", "Störung LNK".encode())
    with smtplib.SMTP("127.0.0.1", server.port) as client:
        client.sendmail("jörg@kunde.example", [OWN], raw, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    assert server.contacts()[0].envelope_from == "jörg@kunde.example"
    assert server.contacts()[0].subject == "Störung LNK 77/1234 down"


def test_a_locked_database_gives_451_and_later_the_mail_is_taken(tmp_path: Path) -> None:
    with running(tmp_path, busy_timeout_s=0.05) as server, Talk(server.port) as talk:
        other = sqlite3.connect(tmp_path / "intake.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert talk.mail().startswith(b"451 4.3.0 ")
        assert server.keeper.trouble is not None
        other.execute("ROLLBACK")
        other.close()
        assert talk.mail().startswith(b"250 2.0.0 ")
        assert server.keeper.trouble is None
        assert len(server.contacts()) == 1


def test_a_client_that_vanishes_within_data_leaves_nothing(server: Running) -> None:
    with Talk(server.port) as talk:
        assert talk.begin_data().startswith(b"354")
        talk.send(MAIL)
    server.settle(lambda: not server.listener.sessions)
    assert server.contacts() == []
    assert _send(server, MAIL).startswith(b"2.0.0 ")


def _pour(talk: Talk, chunk: bytes, times: int) -> None:
    try:
        for _ in range(times):
            talk.send(chunk)
    except (ConnectionError, TimeoutError):
        return


@pytest.mark.parametrize("in_data", [True, False])
def test_a_line_without_end_is_cut(server: Running, in_data: bool) -> None:
    with Talk(server.port) as talk:
        if in_data:
            talk.begin_data()
        _pour(talk, b"x" * 65536, 400)
        assert talk.reply()[:3] in (b"421", b"")
    server.settle(lambda: not server.listener.sessions)
    assert server.contacts() == []


def test_a_message_is_limited_as_announced_as_sent_and_for_good(tmp_path: Path) -> None:
    with running(tmp_path, max_bytes=100_000) as server:
        with Talk(server.port) as talk:
            talk.say(b"EHLO client.example")
            assert talk.say(b"MAIL FROM:<anna@kunde.example> SIZE=100001").startswith(b"552 ")
            talk.begin_data()
            talk.send(b"x" * 998 + b"\r\n")
            talk.send((b"y" * 998 + b"\r\n") * 110)
            assert talk.say(b".").startswith(b"552 ")
            talk.begin_data()
            _pour(talk, (b"z" * 998 + b"\r\n") * 100, 100)
            assert talk.reply()[:3] in (b"421", b"")
        assert server.contacts() == []
        assert _send(server, MAIL + (b"y" * 900 + b"\r\n") * 100).startswith(b"2.0.0 ")


def test_one_address_gets_ten_connections_and_a_front_more(tmp_path: Path) -> None:
    with running(tmp_path, trusted=()) as server:
        talks = [Talk(server.port) for _ in range(15)]
        assert sorted(t.greeting[:3] for t in talks) == [b"220"] * 10 + [b"421"] * 5
        for talk in talks:
            talk.__exit__()
        server.settle(lambda: not server.listener.sessions)
        with Talk(server.port) as talk:
            assert talk.greeting.startswith(b"220 ")
    (tmp_path / "front").mkdir()
    with running(tmp_path / "front", max_connections=15) as server:
        talks = [Talk(server.port) for _ in range(16)]
        assert sorted(t.greeting[:3] for t in talks) == [b"220"] * 15 + [b"421"]
        for talk in talks:
            talk.__exit__()


def test_an_error_of_ours_is_451_and_the_session_goes_on(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("on purpose")

    with Talk(server.port) as talk:
        monkeypatch.setattr(server.keeper, "keep", broken)
        assert talk.mail().startswith(b"451 4.3.0 ")
        monkeypatch.undo()
        server.backlog = broken
        assert talk.say(b"MAIL FROM:<anna@kunde.example>").startswith(b"451 4.3.0 ")
        server.backlog = lambda: 0
        monkeypatch.setattr("intake.smtp.peer_host", broken)
        assert talk.mail().startswith(b"451 4.3.0 ")
        monkeypatch.undo()
        assert talk.mail().startswith(b"250 2.0.0 ")


def test_a_backlog_or_a_full_disk_refuses_at_mail_from(tmp_path: Path) -> None:
    with running(tmp_path, max_backlog=5) as server, Talk(server.port) as talk:
        talk.say(b"EHLO client.example")
        server.backlog = lambda: 6
        assert talk.say(b"MAIL FROM:<anna@kunde.example>").startswith(b"452 4.3.1 ")
        server.backlog = lambda: 5
        assert talk.say(b"MAIL FROM:<anna@kunde.example>") == b"250 OK"
    with running(tmp_path, min_free_disk=10**18) as server, Talk(server.port) as talk:
        talk.say(b"EHLO client.example")
        assert talk.say(b"MAIL FROM:<anna@kunde.example>").startswith(b"452 4.3.1 ")


def test_a_flood_of_noops_ends_the_session(server: Running) -> None:
    with Talk(server.port) as talk:
        assert [talk.say(b"NOOP") for _ in range(20)] == [b"250 OK"] * 20
        assert talk.say(b"NOOP").startswith(b"421 4.7.0 ")
        assert talk.reply() == b""


def test_a_session_that_waits_or_lasts_too_long_is_ended(tmp_path: Path) -> None:
    with running(tmp_path, timeout=0.05) as server, Talk(server.port) as talk:
        assert talk.reply().startswith(b"421 4.4.2 ")
    with running(tmp_path, session_cap=0.05) as server, Talk(server.port) as talk:
        assert talk.reply().startswith(b"421 4.4.2 ")


def test_stopping_lets_the_mail_in_transfer_finish(server: Running) -> None:
    port = server.port
    with Talk(port) as busy, Talk(port) as idle:
        assert busy.begin_data().startswith(b"354")
        busy.send(MAIL)
        stopped = server.begin(server.listener.stop(grace=20))
        assert idle.reply().startswith(b"421 4.3.2 ")
        assert busy.say(b".").startswith(b"250 2.0.0 ")
        assert busy.reply().startswith(b"421 4.3.2 ")
        stopped.result(20)
        with pytest.raises(ConnectionError):
            Talk(port)
    assert len(server.contacts()) == 1


def test_stopping_cuts_what_does_not_finish_in_time(server: Running) -> None:
    with Talk(server.port) as busy:
        busy.begin_data()
        server.call(server.listener.stop(grace=0.05))
        assert busy.reply() == b""
    assert server.contacts() == []


def test_data_waits_for_its_slot(tmp_path: Path) -> None:
    with running(tmp_path, data_slots=1) as server, Talk(server.port) as one, Talk(server.port) as two:
        assert one.begin_data().startswith(b"354")
        two.say(b"EHLO client.example")
        two.say(b"MAIL FROM:<b@kunde.example>")
        two.say(b"RCPT TO:<support@isp.example>")
        two.send(b"DATA\r\n")
        assert one.say(MAIL + b".").startswith(b"250 ")
        assert two.reply().startswith(b"354")
        assert two.say(MAIL + b".").startswith(b"250 ")
    assert [c.repeats for c in server.contacts()] == [1]


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n"])
def test_only_crlf_dot_crlf_ends_a_mail(server: Running, end: bytes) -> None:
    smuggled = b"MAIL FROM:<ceo@isp.example>\r\nRCPT TO:<support@isp.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n"
    with Talk(server.port) as talk:
        talk.begin_data()
        talk.send(MAIL + b"text" + end + smuggled)
        assert talk.say(b".").startswith(b"250 2.0.0 ")
        assert talk.say(b"QUIT").startswith(b"221 ")
    (contact,) = server.contacts()
    assert b"smuggled" in contact.raw
    assert contact.envelope_from == "anna@kunde.example"
