"""Turns to write: one at a time, persons before bulk writers, none left out, and a killed writer leaves its place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.store import Store, ensure_schema
from models.turns import Turns, write_in_bulk

_HOLDS = """
import sys, time
from pathlib import Path
from models.turns import Turns
with Turns(Path(sys.argv[1]), bulk=sys.argv[2] == "bulk").take():
    print("has it", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "intake.db"


@pytest.fixture
def opened() -> Iterator[Callable[[Turns], Turns]]:
    made: list[Turns] = []

    def open_(turns: Turns) -> Turns:
        made.append(turns)
        return turns

    yield open_
    for turns in made:
        turns.close()


def taking(turns: Turns, name: str, order: list[str], *, bulk: bool = False) -> threading.Thread:
    def run() -> None:
        if bulk:
            write_in_bulk()
        with turns.take():
            order.append(name)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_persons_that_wait_go_before_bulk_writers_of_this_process_and_others(
    database: Path, opened: Callable[[Turns], Turns]
) -> None:
    mine, workers = opened(Turns(database, gives_way_s=60)), opened(Turns(database, bulk=True, gives_way_s=60))
    order: list[str] = []
    with mine.take():
        bulk = [taking(workers, "worker", order), taking(mine, "clock", order, bulk=True)]
        # Both have come before the caller, and still he is served first.
        bulk[0].join(0.1)
        caller = taking(mine, "caller", order)
        caller.join(0.05)
        assert order == []
    for thread in (caller, *bulk):
        thread.join(10)
    assert order[0] == "caller"
    assert sorted(order[1:]) == ["clock", "worker"]


def test_a_bulk_writer_is_late_and_not_left_out_where_persons_never_cease(
    database: Path, opened: Callable[[Turns], Turns]
) -> None:
    mine, worker = opened(Turns(database)), opened(Turns(database, bulk=True))
    ceased = threading.Event()

    def calls() -> None:
        while not ceased.is_set():
            with mine.take():
                pass

    callers = [threading.Thread(target=calls, daemon=True) for _ in range(3)]
    for caller in callers:
        caller.start()
    order: list[str] = []
    taking(worker, "worker", order).join(30)
    ceased.set()
    for caller in callers:
        caller.join()
    assert order == ["worker"]


@pytest.mark.parametrize("kind", ["person", "bulk"])
def test_a_killed_writer_leaves_its_turn_and_its_place(kind: str, database: Path, opened: Callable[[Turns], Turns]) -> None:
    holder = subprocess.Popen([sys.executable, "-c", _HOLDS, str(database), kind], stdout=subprocess.PIPE)
    assert holder.stdout
    assert holder.stdout.readline() == b"has it\n"
    order: list[str] = []
    waits = taking(opened(Turns(database, bulk=True)), "worker", order)
    waits.join(0.2)
    assert order == []
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    waits.join(10)
    assert order == ["worker"]


def test_persons_are_expected_for_a_while_after_one_was_there(database: Path) -> None:
    store, bulk = Store(f"sqlite:///{database}"), Store(f"sqlite:///{database}", bulk=True)
    assert not bulk.persons_lately()
    ensure_schema(store)
    assert bulk.persons_lately()
    mark = database.with_name("intake.db-turns-persons")
    os.utime(mark, (1, 1))
    with bulk.write():
        assert not bulk.persons_lately()
    with store.write():
        assert bulk.persons_lately()
    store.close()
    bulk.close()


def test_where_writers_take_no_turns_no_persons_are_seen(database_url: str) -> None:
    store = Store(database_url)
    ensure_schema(store)
    assert store.persons_lately() == store.is_sqlite
    store.close()


def test_who_serves_persons_leaves_the_checkpoints_to_bulk_writers(tmp_path: Path) -> None:
    pages = []
    for bulk in (True, False):
        store = Store(f"sqlite:///{tmp_path}/c.db", bulk=bulk)
        with store.read() as session:
            pages.append(session.connection().exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one())
        store.close()
    assert pages == [1000, 8000]
