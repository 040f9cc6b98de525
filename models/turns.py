"""Writers of one SQLite file take turns by locks that wake the next one at once, and whoever serves a person goes first.

SQLite has one writer. Its own busy handler sleeps and looks again, so that with several busy processes the file
stands idle between two looks; a queue of the kernel's (flock) has no such gaps, and a process that dies leaves it.
SQLite's own lock stays what keeps the file whole: these only order the waiting.

A caller, an agent or a customer waits for the answer to what he did; filing, delivery and the clock can wait. So these
bulk writers queue among themselves first, and the one that is next lets others go first for a while: whoever waits for a
turn for a person holds a shared lock that says so.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

# So long at most a bulk writer lets others go first: it may be late, and it is never left out.
GIVES_WAY_S = 0.05
_LOOKS_EVERY_S = 0.001
# So long after a person's last turn the next one is expected.
LATELY_S = 5.0
_BULK: ContextVar[bool] = ContextVar("bulk_writer", default=False)


def write_in_bulk() -> None:
    """From now on this thread's turns are those of a bulk writer."""
    _BULK.set(True)


class Turns:
    """The queue of the writers of one file, across threads and processes; `bulk`: all of this process can wait."""

    def __init__(self, database: Path, *, bulk: bool = False, gives_way_s: float = GIVES_WAY_S) -> None:
        def beside(name: str) -> Path:
            return database.with_name(f"{database.name}-{name}")

        self._bulk, self._gives_way_s = bulk, gives_way_s
        self._turn, self._queue = _Lock(beside("turns")), _Lock(beside("turns-bulk"))
        self._persons = _Persons(beside("turns-persons"))

    @contextmanager
    def take(self) -> Iterator[None]:
        """Waits for this writer's turn and keeps it until the end of the block."""
        if self._bulk or _BULK.get():
            with self._queue.held():
                self._give_way()
                with self._turn.held():
                    yield
        else:
            with self._persons.waiting(), self._turn.held():
                yield

    def persons_lately(self) -> bool:
        """Whether turns were taken for persons within LATELY_S, so that more will be."""
        return self._persons.lately()

    def close(self) -> None:
        for part in (self._turn, self._queue, self._persons):
            part.close()

    def _give_way(self) -> None:
        enough = time.monotonic() + self._gives_way_s
        while self._persons.wait() and time.monotonic() < enough:
            time.sleep(_LOOKS_EVERY_S)


class _Locking:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._opened: dict[str, int] = {}

    def _file(self, name: str = "") -> int:
        """A file opened twice has two locks that know of each other, as those of two processes do."""
        if name not in self._opened:
            self._opened[name] = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._opened[name]

    def close(self) -> None:
        while self._opened:
            os.close(self._opened.popitem()[1])


class _Lock(_Locking):
    """One at a time."""

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._threads:
            file = self._file()
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)


class _Persons(_Locking):
    """Who writes for a person says so here, from when he waits for his turn until it is over."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._count = 0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        self._add(1)
        try:
            yield
        finally:
            self._add(-1)

    def wait(self) -> bool:
        """Whether anybody does; to be asked by one at a time."""
        asking = self._file("asking")
        try:
            fcntl.flock(asking, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(asking, fcntl.LOCK_UN)
        return False

    def lately(self) -> bool:
        written = os.fstat(self._file("asking"))
        return written.st_size > 0 and time.time() - written.st_mtime < LATELY_S

    def _add(self, one: int) -> None:
        with self._threads:
            self._count += one
            if self._count == 1 and one > 0:
                fcntl.flock(self._file(), fcntl.LOCK_SH)
                os.pwrite(self._file(), b"!", 0)
            elif self._count == 0:
                fcntl.flock(self._file(), fcntl.LOCK_UN)
