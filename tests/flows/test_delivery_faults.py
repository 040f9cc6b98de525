"""Delivery as it runs in a worker, while what it stands on fails: smarthost, database, processes."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from app.delivering import BATCH, Deliverer
from app.liveness import is_dead, process_name, release_dead
from models.store import Store
from models.words import OutboxState
from outbound.compose import ComposeSettings
from outbound.deliver import Delivery
from outbound.outbox import LEASE
from outbound.senders import Sender
from tests.flows.smarthost_helpers import START, FakeClock, FakeSmarthost, load, open_store, pool, queue
from tests.soak import either

SETTINGS = ComposeSettings("support@interspace.example", "Interspace")
ROWS = either(2 * BATCH + 5, 2000)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    open_store(tmp_path).close()
    made = Store(f"sqlite:///{tmp_path / 'intake.db'}", busy_timeout_s=0.1)
    yield made
    made.close()


@contextmanager
def delivering(store: Store, sender: Sender, clock: FakeClock) -> Iterator[Deliverer]:
    deliverer = Deliverer(Delivery(store, process_name(), clock, sender, SETTINGS), senders=2)
    deliverer.start()
    try:
        yield deliverer
    finally:
        deliverer.stop()


def until(condition: Callable[[], bool]) -> None:
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came true")


def states(store: Store, rows: list[int]) -> set[str]:
    return {load(store, row).state for row in rows}


def test_a_smarthost_that_is_gone_for_a_while_gets_every_mail_once_when_it_is_back(store: Store) -> None:
    clock, server = FakeClock(), FakeSmarthost()
    port = int(server.url.rpartition(":")[2])
    server.close()
    rows = [queue(store, n) for n in range(ROWS)]
    sender = pool(server.url, clock=clock)
    with delivering(store, sender, clock) as deliverer:
        for row in rows:
            deliverer.give(row)
        until(lambda: all(load(store, row).last_error for row in rows))
        assert states(store, rows) == {OutboxState.QUEUED}
        assert sum(load(store, row).tries for row in rows) <= 4, "more was offered to a dead smarthost than was of use"
        server = FakeSmarthost(port=port)
        clock.now += timedelta(minutes=2)
        for row in rows:
            deliverer.give(row)
        until(lambda: states(store, rows) == {OutboxState.SENT})
    sender.close()
    server.close()
    assert len(server.accepted) == len(set(server.accepted)) == ROWS


def test_a_database_locked_after_the_sending_repeats_nothing(store: Store, tmp_path: Path) -> None:
    clock, server = FakeClock(), FakeSmarthost()
    sender, rows, locked = pool(server.url, clock=clock), [queue(store, n) for n in range(8)], threading.Event()
    lock = sqlite3.connect(tmp_path / "intake.db", isolation_level=None, check_same_thread=False)

    class Locking:
        """The database is locked as soon as the first mail is with the smarthost."""

        def send(self, envelope_from: str, to: str, raw: bytes) -> None:
            sender.send(envelope_from, to, raw)
            if not locked.is_set():
                locked.set()
                lock.execute("BEGIN IMMEDIATE")

    with delivering(store, Locking(), clock) as deliverer:
        for row in rows:
            deliverer.give(row)
        until(locked.is_set)
        time.sleep(0.5)
        assert OutboxState.SENT not in states(store, rows[:1])
        lock.execute("ROLLBACK")
        # What could not be written for lack of the database is brought again by the sweep.
        for _ in range(20):
            for row in rows:
                deliverer.give(row)
            time.sleep(0.1)
        until(lambda: states(store, rows) == {OutboxState.SENT})
    lock.close()
    sender.close()
    server.close()
    assert len(server.accepted) == len(rows)


def test_a_stop_gives_back_what_was_leased_and_not_sent(store: Store) -> None:
    clock, rows, going = FakeClock(), [queue(store, n) for n in range(40)], threading.Event()

    class Slow:
        def send(self, envelope_from: str, to: str, raw: bytes) -> None:
            going.set()
            time.sleep(0.2)

    deliverer = Deliverer(Delivery(store, process_name(), clock, Slow(), SETTINGS), senders=1)
    deliverer.start()
    for row in rows:
        deliverer.give(row)
    assert going.wait(20)
    deliverer.stop()
    found = [load(store, row) for row in rows]
    assert {r.state for r in found} == {OutboxState.SENT, OutboxState.QUEUED}
    assert all(r.lease_until is None for r in found)


def test_the_lease_of_a_dead_process_ends_at_once_and_that_of_a_living_one_does_not(store: Store) -> None:
    child = subprocess.Popen(["sleep", "60"])
    machine = process_name().rpartition(":")[0]
    began = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19]
    theirs = f"{machine}:{child.pid}.{began}/3"
    other_machine = f"elsewhere~0.0:{child.pid}.{began}/3"
    until_then = START + LEASE
    row = queue(store, 1, lease_owner=theirs, lease_until=until_then)
    far = queue(store, 2, lease_owner=other_machine, lease_until=until_then)
    mine = queue(store, 3, lease_owner=process_name() + "/0", lease_until=until_then)
    release_dead(store, START)
    assert load(store, row).lease_owner == theirs
    child.kill()
    child.wait()
    assert is_dead(theirs)
    release_dead(store, START)
    assert load(store, row).lease_until is None
    assert load(store, far).lease_until == load(store, mine).lease_until == until_then
    assert not is_dead(f"{machine}:{os.getpid()}.{process_name().rpartition('.')[2]}")
    assert is_dead(f"{machine}:{os.getpid()}.1"), "the number of a dead process was given to another one"
    assert socket.gethostname() in machine
