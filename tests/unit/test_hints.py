"""The queue of hints over SQLite: who waits is woken by the hint, also from another process, and by nothing else."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from queue import Queue

import pytest

from app.hints import Bell, open_queue
from tests.running import ROOT

# Who looks by himself so seldom only ends a test by a ring.
NEVER = 3600.0
_RINGS = "from app.hints import open_queue; open_queue({url!r}).storage.enqueue(b'7')"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/queue.db"


def _waiting(url: str, most: int, found: Queue[int]) -> list[threading.Thread]:
    """Two who take hints until `most` are found, each over a queue opened by itself, as two processes do."""

    def take() -> None:
        queue = open_queue(url, looks_every_s=NEVER)
        while found.qsize() < most:
            if hint := queue.storage.dequeue():
                found.put(int(hint))

    threads = [threading.Thread(target=take, daemon=True) for _ in range(2)]
    for t in threads:
        t.start()
    return threads


def test_a_hint_of_another_process_wakes_who_waits(url: str) -> None:
    found: Queue[int] = Queue()
    _waiting(url, 1, found)
    subprocess.run([sys.executable, "-c", _RINGS.format(url=url)], cwd=ROOT, check=True)
    assert found.get(timeout=60) == 7


def test_of_many_hints_each_is_taken_once(url: str) -> None:
    found: Queue[int] = Queue()
    _waiting(url, 300, found)
    queue = open_queue(url)
    for n in range(300):
        queue.storage.enqueue(b"%d" % n)
    assert sorted(found.get(timeout=60) for _ in range(300)) == list(range(300))
    assert queue.pending_count() == 0


def test_rings_that_are_stale_cost_one_look_and_are_gone(tmp_path: Path) -> None:
    bell, other = Bell(tmp_path / "bell", NEVER), Bell(tmp_path / "bell")
    for _ in range(100_000):
        other.ring()
    assert bell.wait()
    bell.hush()
    bell.wake()
    assert not bell.wait(), "only the waking was left"


def test_without_a_pipe_one_looks_by_oneself(tmp_path: Path) -> None:
    (tmp_path / "bell").mkdir()
    bell = Bell(tmp_path / "bell", NEVER)
    bell.ring()
    assert not bell.wait()
