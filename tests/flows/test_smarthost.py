"""Smarthosts on real sockets: each fault at each command, failover, TLS, sign-in, and connections kept open."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.errors import DeliveryDeferred, DeliveryRefused, NoSmarthost, SettingError
from models.store import Store
from models.words import OutboxState
from outbound.compose import ComposeSettings
from outbound.deliver import Delivery, deliver_one
from outbound.smarthost import IDLE, MAILS_PER_CONNECTION, SmarthostPool
from outbound.smarthost_url import Tls, parse_url, parse_urls
from tests.flows.smarthost_helpers import (
    HANG,
    HASTY,
    PATIENCE,
    PIPELINING,
    STAGES,
    START,
    FakeClock,
    FakeSmarthost,
    certificate,
    events,
    load,
    open_store,
    pool,
    queue,
    smarthost,
)

SETTINGS = ComposeSettings("support@interspace.example", "Interspace")
A, B, RAW = "a@x.example", "b@y.example", b"Subject: x\r\n\r\n.dot\r\n"
WITH_TLS = "250-fake\r\n250 STARTTLS"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path)
    yield made
    made.close()


def go(store: Store, row_id: int, sender: SmarthostPool, clock: FakeClock) -> OutboxState:
    return deliver_one(Delivery(store, "w1", clock, sender, SETTINGS), row_id)


@pytest.mark.parametrize("pipelining", [False, True])
@pytest.mark.parametrize("fault", ["451 4.3.0 later", "550 5.7.1 never", "421 4.3.2 closing", None, HANG])
@pytest.mark.parametrize("stage", STAGES)
def test_a_mail_is_sent_once_or_queued_or_shown_whatever_happens_where(
    store: Store, stage: str, fault: str | None, pipelining: bool
) -> None:
    server, clock = FakeSmarthost(stage, fault), FakeClock()
    url = server.url + ("?tls=starttls" if stage == "STARTTLS" else "")
    if stage != "EHLO":
        server.replies["EHLO"] = WITH_TLS if stage == "STARTTLS" else PIPELINING if pipelining else "250 fake"
    sender = pool(url, patience=HASTY if fault == HANG else PATIENCE, clock=clock)
    try:
        row_id = queue(store)
        state = go(store, row_id, sender, clock)
        refused = str(fault).startswith("5") and stage in ("MAIL", "RCPT", "DATA", ".")
        assert state == (OutboxState.FAILED if refused else OutboxState.QUEUED)
        row = load(store, row_id)
        assert (row.tries, row.lease_owner, row.lease_until, bool(row.last_error)) == (1, "", None, True)
        assert events(store) == (["mail_failed"] if refused else [])
        assert server.accepted == []
        if refused or stage == "STARTTLS":
            return
        assert row.due_at == START + timedelta(minutes=1)
        server.replies |= {stage: {"CONNECT": "220 hi", "DATA": "354 go"}.get(stage, "250 ok")}
        clock.now = row.due_at
        assert go(store, row_id, sender, clock) == OutboxState.SENT
        # Only silence after the last byte leaves it open whether the mail was taken; then the same bytes come again.
        unsure = stage == "." and fault in (None, HANG)
        assert len(server.accepted) == 1
        assert len(server.mails) == (2 if unsure or stage == "." else 1)
        assert len(set(server.mails)) == 1
    finally:
        sender.close()
        server.close()


def test_a_mail_goes_to_the_next_smarthost_and_the_first_is_left_alone_for_a_while() -> None:
    first, second, clock = FakeSmarthost("CONNECT", "554 go away"), FakeSmarthost(), FakeClock()
    sender = pool(first.url, second.url, clock=clock)
    sender.send(A, B, RAW)
    sender.send(A, B, RAW)
    assert (first.connections, second.connections, len(second.accepted)) == (1, 1, 2)
    first.replies["CONNECT"] = "220 hi"
    clock.now += timedelta(seconds=2)
    sender.send(A, B, RAW)
    assert len(first.accepted) == 1
    sender.close()
    for server in (first, second):
        server.close()


@pytest.mark.parametrize(
    ("stage", "reply", "taken"), [("RCPT", "450 greylisted", 1), ("RCPT", "550 5.1.1 no", 0), (".", None, 0)]
)
def test_only_what_the_first_surely_did_not_take_is_offered_to_the_second(stage: str, reply: str | None, taken: int) -> None:
    first, second = FakeSmarthost(stage, reply), FakeSmarthost()
    sender = pool(first.url, second.url)
    if taken:
        sender.send(A, B, RAW)
    else:
        with pytest.raises((DeliveryDeferred, DeliveryRefused)):
            sender.send(A, B, RAW)
    assert len(second.accepted) == taken
    sender.close()
    for server in (first, second):
        server.close()


def test_while_no_smarthost_answers_mails_wait_without_using_up_their_tries(store: Store) -> None:
    server, clock = FakeSmarthost(), FakeClock()
    server.close()
    sender, rows = pool(server.url, clock=clock), [queue(store, n) for n in range(3)]
    assert [go(store, row, sender, clock) for row in rows] == [OutboxState.QUEUED] * 3
    assert [load(store, row).tries for row in rows] == [1, 0, 0]
    assert [load(store, row).due_at - START for row in rows] == [timedelta(minutes=1), *[timedelta(seconds=2)] * 2]
    assert "no smarthost answers" in load(store, rows[1]).last_error
    with pytest.raises(NoSmarthost):
        sender.send(A, B, RAW)
    clock.now += timedelta(hours=49)
    for row in rows[1:]:
        go(store, row, sender, clock)
        clock.now += timedelta(seconds=30)
    assert load(store, rows[2]).state == OutboxState.FAILED


def test_five_hundreds_are_told_apart_by_what_they_speak_of() -> None:
    for reply, bad_address in (("550 5.1.1 no such user", True), ("552 5.2.2 full", True), ("550 5.7.1 policy", False)):
        with smarthost("RCPT", reply) as (_, sender), pytest.raises(DeliveryRefused) as refused:
            sender.send(A, B, RAW)
        assert refused.value.bad_address is bad_address
    with smarthost("MAIL", "530 5.7.0 sign in first") as (_, sender), pytest.raises(DeliveryDeferred, match="530"):
        sender.send(A, B, RAW)


def test_a_connection_is_used_again_until_its_limit_or_until_it_has_been_idle() -> None:
    server, clock = FakeSmarthost(), FakeClock()
    sender = pool(server.url, clock=clock)
    for _ in range(MAILS_PER_CONNECTION + 1):
        sender.send(A, B, RAW)
    assert server.connections == 2
    clock.now += IDLE
    sender.idle()
    sender.send(A, B, RAW)
    assert server.connections == 3
    assert server.mails[0] == b"Subject: x\r\n\r\n.dot\r\n"
    sender.close()
    server.close()
    assert server.commands.count("QUIT") == 3


def test_a_connection_closed_at_the_other_end_is_opened_again_at_once() -> None:
    with smarthost() as (server, sender):
        sender.send(A, B, RAW)
        server.replies["MAIL"] = "421 4.4.2 idle too long"
        with pytest.raises(DeliveryDeferred, match="421"):
            sender.send(A, B, RAW)
        assert server.connections == 2


def test_a_mail_after_a_refused_one_goes_out_over_the_same_connection() -> None:
    with smarthost("RCPT", "550 no") as (server, sender):
        server.replies["EHLO"] = PIPELINING
        with pytest.raises(DeliveryRefused):
            sender.send(A, B, RAW)
        server.replies["RCPT"] = "250 ok"
        sender.send(A, B, RAW)
        assert server.connections == 1
        assert len([m for m in server.accepted if m]) == 1


@pytest.mark.parametrize("scheme", ["starttls", "at once"])
def test_tls_is_verified_and_then_the_password_is_sent(tmp_path: Path, scheme: str) -> None:
    tls, ca_file = certificate(tmp_path, "localhost")
    server = FakeSmarthost(tls=tls)
    server.replies |= {"EHLO": "250-fake\r\n250-STARTTLS\r\n250 AUTH PLAIN", "AUTH": "235 welcome"}
    url = server.url.replace("//127.0.0.1", "//us%20er:pa%2Css@localhost")
    if scheme == "at once":
        server.close()
        server = _TlsAtOnce(tls=tls)
        server.replies |= {"EHLO": "250-fake\r\n250 AUTH PLAIN", "AUTH": "235 welcome"}
        url = server.url.replace("smtp://127.0.0.1", "smtps://us%20er:pa%2Css@localhost")
    sender = pool(url, ca_file=ca_file)
    sender.send(A, B, RAW)
    assert len(server.accepted) == 1
    assert "AUTH" in server.commands
    for untrusting in (pool(url), pool(url.replace("localhost", "127.0.0.1"), ca_file=ca_file)):
        with pytest.raises(DeliveryDeferred, match="certificate"):
            untrusting.send(A, B, RAW)
    assert sender.check() == [(url.rpartition("@")[2], "")]
    assert server.commands.count("AUTH") == 2
    sender.close()
    server.close()


class _TlsAtOnce(FakeSmarthost):
    def _talk(self, connection, *, greet=True):  # type: ignore[no-untyped-def]
        return True if greet and not hasattr(connection, "cipher") else super()._talk(connection, greet=True)

    def _answer(self, connection):  # type: ignore[no-untyped-def]
        connection.settimeout(20)
        try:
            with self._tls.wrap_socket(connection, server_side=True) as private:  # type: ignore[union-attr]
                super()._talk(private)
        except OSError:
            connection.close()


def test_a_wrong_password_waits_for_the_operator_and_is_not_told() -> None:
    server = FakeSmarthost("AUTH", "535 5.7.8 wrong")
    server.replies["EHLO"] = "250-fake\r\n250 AUTH PLAIN"
    sender = pool(server.url.replace("//", "//me:secret@") + "?tls=off")
    with pytest.raises(DeliveryDeferred, match="535") as wrong:
        sender.send(A, B, RAW)
    assert "secret" not in str(wrong.value)
    assert base64.b64encode(b"secret").decode() not in str(wrong.value)
    server.close()


def test_neither_mail_nor_password_leaves_the_machine_in_the_clear() -> None:
    with smarthost() as (server, _):
        for url in (server.url.replace("//", "//u:p@"), server.url + "?tls=starttls"):
            with pytest.raises(DeliveryDeferred, match="STARTTLS"):
                pool(url).send(A, B, RAW)
    assert server.mails == []
    assert parse_url("smtp://relay.example").tls is Tls.STARTTLS


def test_an_address_beyond_ascii_needs_smtputf8() -> None:
    with smarthost() as (server, sender):
        with pytest.raises(DeliveryRefused, match="SMTPUTF8"):
            sender.send(A, "ü@y.example", RAW)
        sender.close()
        server.replies["EHLO"] = "250-fake\r\n250-8BITMIME\r\n250 SMTPUTF8"
        sender.send(A, "ü@y.example", RAW)
        assert len(server.accepted) == 1


@pytest.mark.parametrize(
    "url", ["http://x", "smtp://", "smtp://h:99999", "smtp://user@h", "smtp://h/path", "smtp://h?tls=no", "smtps://h?tls=off"]
)
def test_a_wrong_smarthost_url_is_named_without_its_password(url: str) -> None:
    with pytest.raises(SettingError, match="INTAKE_SMARTHOST_URL"):
        parse_url(url)


def test_smarthost_urls_are_read() -> None:
    one, two, three = parse_urls("smtps://us%40er:p%3Aw@mail.example, smtp://u:p@b.example\nsmtp://[::1]:2526?tls=off")
    assert (one.host, one.port, one.tls, one.user, one.password) == ("mail.example", 465, Tls.AT_ONCE, "us@er", "p:w")
    assert (two.port, two.tls) == (587, Tls.STARTTLS)
    assert (three.host, three.port, three.tls) == ("::1", 2526, Tls.OFF)
    assert "p:w" not in repr(one)
