"""Delivery against a real store and a real socket: every reply of a smarthost, a crash, the backoff, the folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from models.errors import DeliveryDeferred, LeaseLost
from models.store import Store
from models.tables import Ticket
from models.words import OutboxState
from outbound.compose import ComposeSettings
from outbound.deliver import Delivery, Parcel, deliver_one
from outbound.outbox import LEASE, next_wait
from outbound.senders import FolderSender, Sender
from tests.flows.smarthost_helpers import START, TICKET, FakeClock, Recorder, events, load, open_store, queue, smarthost

SETTINGS = ComposeSettings("support@interspace.example", "Interspace")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path)
    yield made
    made.close()


def go(store: Store, row_id: int, sender: Sender, clock: FakeClock, owner: str = "w1") -> OutboxState:
    return deliver_one(Delivery(store, owner, clock, sender, SETTINGS), row_id)


def test_a_sent_mail_arrives_as_stored_and_stands_in_the_history(store: Store) -> None:
    row_id, clock = queue(store), FakeClock()
    with smarthost() as (server, sender):
        assert go(store, row_id, sender, clock) == OutboxState.SENT
        assert go(store, queue(store, 2), sender, clock) == OutboxState.SENT
        assert server.connections == 1
        assert server.mails[0] == load(store, row_id).raw
    assert events(store) == ["mail_sent", "mail_sent"]
    assert load(store, row_id).sent_at == START


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
        ticket = session.get(Ticket, TICKET)
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


def test_a_row_is_leased_once_until_its_lease_is_over(store: Store) -> None:
    first, second, held = queue(store, 1), queue(store, 2), queue(store, 3, state="held")
    future, clock = queue(store, 4, due_at=START + timedelta(seconds=1)), FakeClock()
    w1, w2 = (Delivery(store, name, clock, Recorder(), SETTINGS) for name in ("w1", "w2"))

    def ids(parcels: list[Parcel]) -> list[int]:
        return [p.lease.row_id for p in parcels]

    taken = w1.prepare([first, held, future])
    assert ids(taken) == [first]
    assert ids(w2.prepare([first, second])) == [second]
    assert ids(w1.prepare([first, second])) == []
    clock.now += LEASE / 2
    w1.renew(taken)
    clock.now += LEASE / 2
    assert ids(w1.prepare([first, second, held, future])) == [second, future]
    w1.release(taken)
    again = w2.prepare([first])
    assert ids(again) == [first]
    assert again[0].raw == taken[0].raw
    assert w1.mark([w1.send(taken[0])]) == {}
    assert w2.mark([w2.send(again[0])]) == {first: OutboxState.SENT}


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
