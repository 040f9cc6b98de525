"""Delivery against a real store and a real socket: every reply of a smarthost, a crash, the backoff, the folder."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models.errors import DeliveryDeferred, DeliveryRefused, LeaseLost, SettingError
from models.store import Store, ensure_schema
from models.tables import Event, Outbox, Ticket
from models.words import OutboxState
from outbound.compose import ComposeSettings
from outbound.deliver import claim, deliver_one
from outbound.outbox import LEASE, next_wait
from outbound.senders import FolderSender, Sender
from outbound.smarthost import SmarthostSender, parse_url

START = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)
SETTINGS = ComposeSettings("support@interspace.example", "Interspace")
STAGES = ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."]
OK = {
    "CONNECT": "220 hi",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go",
    ".": "250 taken",
    "EHLO": "250-fake\r\n250 8BITMIME",
}


class FakeClock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Recorder:
    """A sender that keeps what it was given and then does as told."""

    def __init__(self, *problems: BaseException | None) -> None:
        self.problems = list(problems)
        self.mails: list[bytes] = []

    def send(self, envelope_from: str, to: str, raw: bytes) -> None:
        self.mails.append(raw)
        problem = self.problems.pop(0) if self.problems else None
        if problem is not None:
            raise problem


class FakeSmarthost:
    """An SMTP server on loopback that answers one stage with a given reply, or hangs up there if it is None."""

    def __init__(self, stage: str = "", reply: str | None = None) -> None:
        self.replies: dict[str, str | None] = {**OK, stage: reply} if stage else {**OK}
        self.mails: list[bytes] = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection, connection.makefile("rwb") as file:
                try:
                    self._talk(file)
                except OSError:
                    continue

    def _say(self, file: Any, stage: str) -> bool:
        reply = self.replies.get(stage, "250 ok")
        if reply is None:
            return False
        file.write(reply.encode() + b"\r\n")
        file.flush()
        return True

    def _talk(self, file: Any) -> None:
        going = self._say(file, "CONNECT")
        while going and (line := file.readline()):
            verb = line.split()[0].decode().upper()
            verb = "EHLO" if verb == "HELO" else verb
            going = self._say(file, verb) and verb != "QUIT"
            if verb == "DATA" and going and str(self.replies["DATA"]).startswith("354"):
                self.mails.append(b"".join(iter(file.readline, b".\r\n")))
                going = self._say(file, ".")


@contextmanager
def smarthost(stage: str = "", reply: str | None = None) -> Iterator[tuple[FakeSmarthost, SmarthostSender]]:
    server = FakeSmarthost(stage, reply)
    sender = SmarthostSender(server.url, timeout_s=5, helo="test.example")
    try:
        yield server, sender
    finally:
        sender.close()
        server.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path / 'intake.db'}")
    ensure_schema(made)
    with made.write() as session:
        session.add(Ticket(id="INC-2026-000128", opened_at=START, last_contact_at=START))
    yield made
    made.close()


def queue(store: Store, n: int = 1, **values: Any) -> int:
    given: dict[str, Any] = {
        "ticket_id": "INC-2026-000128",
        "event": "ticket-opened",
        "dedupe_key": f"k{n}",
        "message_id": f"<m{n}@interspace.example>",
        "to_address": "anna@customer.example",
        "envelope_from": "bounce+x@interspace.example",
        "created_at": START,
        "due_at": START,
    }
    with store.write() as session:
        row = Outbox(**(given | values))
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id


def load(store: Store, row_id: int) -> Outbox:
    with store.read() as session:
        row = session.get(Outbox, row_id)
        assert row is not None
        return row


def events(store: Store) -> list[str]:
    with store.read() as session:
        return [e.kind for e in session.exec(select(Event)).all()]


def go(store: Store, row_id: int, sender: Sender, clock: FakeClock, owner: str = "w1") -> OutboxState:
    return deliver_one(store, row_id, owner=owner, clock=clock, sender=sender, settings=SETTINGS)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("reply", ["451 later", "550 never", "421 closing", None])
def test_each_reply_at_each_stage_is_sorted_into_later_or_never(store: Store, stage: str, reply: str | None) -> None:
    row_id, clock = queue(store), FakeClock()
    refused = bool(reply and reply.startswith("5") and stage not in ("CONNECT", "EHLO"))
    with smarthost(stage, reply) as (_, sender):
        assert go(store, row_id, sender, clock) == (OutboxState.FAILED if refused else OutboxState.QUEUED)
    row = load(store, row_id)
    assert (row.tries, row.lease_owner, row.lease_until) == (1, "", None)
    assert row.last_error
    assert events(store) == (["mail_failed"] if refused else [])
    assert row.due_at == (START if refused else START + timedelta(minutes=1))


def test_a_sent_mail_arrives_as_stored_and_stands_in_the_history(store: Store) -> None:
    row_id, clock = queue(store), FakeClock()
    with smarthost() as (server, sender):
        assert go(store, row_id, sender, clock) == OutboxState.SENT
        assert go(store, queue(store, 2), sender, clock) == OutboxState.SENT
        assert server.connections == 1
        assert server.mails[0] == load(store, row_id).raw
    assert events(store) == ["mail_sent", "mail_sent"]
    assert load(store, row_id).sent_at == START


def test_a_mail_after_a_refused_one_goes_out_and_a_lost_connection_is_opened_again(store: Store) -> None:
    with smarthost("RCPT", "550 no") as (server, sender):
        assert go(store, queue(store), sender, FakeClock()) == OutboxState.FAILED
        server.replies["RCPT"] = "250 ok"
        assert go(store, queue(store, 2), sender, FakeClock()) == OutboxState.SENT
        server.replies["RSET"] = None
        assert go(store, queue(store, 3), sender, FakeClock()) == OutboxState.SENT
        assert server.connections == 2


def test_a_password_is_not_sent_without_tls() -> None:
    with smarthost() as (server, _):
        sender = SmarthostSender(server.url.replace("//", "//u:p@"), timeout_s=5, helo="test.example")
        with pytest.raises(DeliveryDeferred, match="STARTTLS"):
            sender.send("a@x.example", "b@y.example", b"\r\n")


def test_an_address_beyond_ascii_needs_smtputf8() -> None:
    with smarthost() as (server, sender):
        with pytest.raises(DeliveryRefused, match="SMTPUTF8"):
            sender.send("a@x.example", "ü@y.example", b"\r\n")
        sender.close()
        server.replies["EHLO"] = "250-fake\r\n250-8BITMIME\r\n250 SMTPUTF8"
        sender.send("a@x.example", "ü@y.example", b"X: y\r\n\r\n.dot\r\n")
        assert server.mails == [b"X: y\r\n\r\n..dot\r\n"]


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://h:99999", "smtp://user@h", "smtp://h/path"])
def test_a_wrong_smarthost_url_is_named_without_its_password(url: str) -> None:
    with pytest.raises(SettingError, match="INTAKE_SMARTHOST_URL"):
        parse_url(url)


def test_a_smarthost_url_is_read() -> None:
    url = parse_url("smtps://us%40er:p%3Aw@mail.example")
    assert (url.host, url.port, url.tls_at_once, url.user, url.password) == ("mail.example", 465, True, "us@er", "p:w")
    assert "p:w" not in repr(url)


def test_a_crash_between_send_and_mark_repeats_the_same_bytes(store: Store) -> None:
    row_id, clock, sender = queue(store), FakeClock(), Recorder(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        go(store, row_id, sender, clock)
    with pytest.raises(LeaseLost):
        go(store, row_id, sender, clock, "w2")
    clock.now += LEASE
    assert go(store, row_id, sender, clock, "w2") == OutboxState.SENT
    assert len(sender.mails) == 2
    assert sender.mails[0] == sender.mails[1]
    assert b"Message-ID: <m1@interspace.example>\r\n" in sender.mails[0]
    assert events(store) == ["mail_sent"]


def test_a_worker_that_lost_its_lease_marks_nothing(store: Store) -> None:
    row_id, clock, other = queue(store), FakeClock(), Recorder()

    class Slow:
        def send(self, envelope_from: str, to: str, raw: bytes) -> None:
            clock.now += LEASE
            assert go(store, row_id, other, clock, "w2") == OutboxState.SENT

    with pytest.raises(LeaseLost):
        go(store, row_id, Slow(), clock)
    assert events(store) == ["mail_sent"]


def test_the_backoff_table() -> None:
    minutes = [w.total_seconds() / 60 if (w := next_wait(n)) else None for n in range(1, 17)]
    assert minutes == [1, 5, 15, 60, *[240] * 11, None]


def test_after_48_hours_the_mail_fails_and_the_ticket_goes_to_a_person(store: Store) -> None:
    row_id, clock, sender = queue(store), FakeClock(), Recorder(*[DeliveryDeferred("451 busy")] * 20)
    while go(store, row_id, sender, clock) == OutboxState.QUEUED:
        due = load(store, row_id).due_at
        with pytest.raises(LeaseLost):
            go(store, row_id, sender, clock)
        clock.now = due
    assert timedelta(hours=44) < clock.now - START <= timedelta(hours=48)
    assert len(set(sender.mails)) == 1
    assert len(sender.mails) == load(store, row_id).tries == 16
    with store.read() as session:
        ticket = session.get(Ticket, "INC-2026-000128")
        assert ticket is not None
        assert ticket.review
        assert "451 busy" in ticket.review_reasons[0]
    assert events(store) == ["mail_failed"]


@pytest.mark.parametrize(
    "bad", [{"to_address": "a@b.example, c@d.example"}, {"event": "nothing"}, {"context": {"recorded": 5}}, {"message_id": "x"}]
)
def test_a_mail_that_cannot_be_written_fails_at_once_and_is_shown(store: Store, bad: dict[str, Any]) -> None:
    sender = Recorder()
    assert go(store, queue(store, **bad), sender, FakeClock()) == OutboxState.FAILED
    assert sender.mails == []
    assert events(store) == ["mail_failed"]


def test_an_unforeseen_error_of_the_sender_is_tried_again(store: Store) -> None:
    row_id = queue(store)
    assert go(store, row_id, Recorder(ValueError("odd")), FakeClock()) == OutboxState.QUEUED
    assert load(store, row_id).last_error == "ValueError: odd"


@pytest.mark.parametrize("state", ["held", "sent", "failed"])
def test_a_row_that_is_not_queued_is_left_alone(store: Store, state: str) -> None:
    assert go(store, queue(store, state=state), Recorder(), FakeClock()) == OutboxState(state)


def test_a_row_is_claimed_once_until_its_lease_is_over(store: Store) -> None:
    late, first, held = queue(store, 1), queue(store, 2, due_at=START - timedelta(hours=1)), queue(store, 3, state="held")
    future = queue(store, 4, due_at=START + timedelta(seconds=1))

    def take(now: datetime, owner: str, limit: int) -> list[int]:
        with store.write() as session:
            return claim(session, now, owner, limit)

    assert take(START, "w1", 1) == [first]
    assert take(START, "w2", 9) == [late]
    assert take(START, "w3", 9) == []
    assert take(START + LEASE, "w3", 9) == [first, late, future]
    assert held not in take(START + 2 * LEASE, "w4", 9)


def test_the_folder_gets_one_file_per_mail_however_often_it_is_sent(store: Store, tmp_path: Path) -> None:
    row_id, clock, sender = queue(store), FakeClock(), FolderSender(tmp_path / "outbox")
    assert go(store, row_id, sender, clock) == OutboxState.SENT
    raw = load(store, row_id).raw or b""
    sender.send("bounce+x@interspace.example", "anna@customer.example", raw)
    files = list((tmp_path / "outbox").iterdir())
    assert len(files) == 1
    assert files[0].name.startswith("20261124T031500.")
    assert files[0].name.endswith("-INC-2026-000128-ticket-opened.eml")
    head = b"Return-Path: <bounce+x@interspace.example>\r\nX-Envelope-To: anna@customer.example\r\n"
    assert files[0].read_bytes() == head + raw


def test_a_folder_that_cannot_be_written_defers(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeliveryDeferred):
        FolderSender(tmp_path / "file" / "outbox").send("a@x.example", "b@y.example", b"\r\n")


def test_an_agents_own_text_goes_out_as_plain_text(store: Store) -> None:
    sender = Recorder()
    row_id = queue(store, event="agent-reply", automatic=False, subject="[INC-2026-000128] Hi", body_text="Dear Anna,\n")
    assert go(store, row_id, sender, FakeClock()) == OutboxState.SENT
    assert b"Content-Type: text/plain" in sender.mails[0]
    assert b"Auto-Submitted" not in sender.mails[0]
