"""The queue of hints behind INTAKE_QUEUE_URL, and how a worker waits for the next one: woken by it, not by looking often.

PostgreSQL (LISTEN) and Redis (BLPOP) wake whoever waits. SQLite cannot, so a named pipe beside its file does: who puts a hint
in writes one byte. A byte that is lost costs a second: for so long a worker waits before it looks by itself.
"""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from huey.consumer import Consumer
from huey.storage import SqliteStorage

from models.errors import SettingError
from models.postgres_url import lasting

# How long a worker waits for a ring before it looks by itself, in seconds; and where there can be no pipe.
LOOKS_EVERY_S, LOOKS_WITHOUT_BELL_S = 1.0, 0.04
_ALL = 65_536


def open_queue(url: str, looks_every_s: float = LOOKS_EVERY_S) -> Huey:
    """The queue behind INTAKE_QUEUE_URL: sqlite:///FILE, postgresql://... or redis://..."""
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return _BellHuey("intake", filename=str(path), results=False, looks_every_s=looks_every_s)
    if url.startswith("postgresql"):
        return PostgresHuey("intake", dsn=lasting(url), results=False)
    if url.startswith("redis"):
        return RedisHuey("intake", url=url, results=False)
    raise SettingError(f"INTAKE_QUEUE_URL: {url!r} is not sqlite:///FILE, postgresql://... or redis://...")


class Bell:
    """A named pipe: each byte in it is a ring, and one of those who wait takes it away."""

    def __init__(self, path: Path, looks_every_s: float = LOOKS_EVERY_S) -> None:
        self._rings: int | None = None
        self._looks_every_ms = 1000 * looks_every_s
        # A file system without pipes: who waits looks more often.
        with suppress(OSError):
            with suppress(FileExistsError):
                os.mkfifo(path, 0o600)
            self._rings = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        if self._rings is None:
            self._looks_every_ms = 1000 * LOOKS_WITHOUT_BELL_S
        self._enough, self._tell = os.pipe()
        self._poll = select.poll()
        for end in (self._rings, self._enough):
            if end is not None:
                self._poll.register(end, select.POLLIN)

    def ring(self) -> None:
        """One who waits wakes; a full pipe rings enough."""
        if self._rings is not None:
            with suppress(BlockingIOError):
                os.write(self._rings, b"!")

    def wait(self) -> bool:
        """Until there is a ring, `wake` or the time is over; whether a ring was taken."""
        self._poll.poll(self._looks_every_ms)
        return self._take(1)

    def hush(self) -> None:
        """Takes all rings away. Look once more afterwards: one of them may have been for what has just come."""
        self._take(_ALL)

    def wake(self) -> None:
        """Nobody of this process waits any more."""
        os.write(self._tell, b"!")

    def _take(self, most: int) -> bool:
        with suppress(BlockingIOError):
            return self._rings is not None and bool(os.read(self._rings, most))
        return False


class _BellStorage(SqliteStorage):
    """Hints in an SQLite file, with a bell."""

    blocking = True

    def __init__(self, name: str, filename: str, looks_every_s: float, **more: Any) -> None:
        self.bell = Bell(Path(filename + "-bell"), looks_every_s)
        super().__init__(name, filename=filename, **more)

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        super().enqueue(data, priority)
        self.bell.ring()

    def dequeue(self) -> Any:
        found = super().dequeue()
        if found is None and self.bell.wait():
            found = super().dequeue()
            if found is None:
                self.bell.hush()
                found = super().dequeue()
        return found

    def _create_connection(self) -> Any:
        connection = super()._create_connection()
        # Whole after a power cut, but without the last hints, which the sweep does not need: no mail waits for a disk here.
        connection.execute("pragma synchronous=normal")
        return connection


class _BellHuey(SqliteHuey):
    storage_class = _BellStorage  # type: ignore[assignment]


class HintConsumer(Consumer):
    """One thread that takes hints, until SIGINT or SIGTERM; the main thread sleeps until one of these comes."""

    def __init__(self, queue: Huey) -> None:
        # The delays count after errors only: a database that is away is asked again within a second. Nothing is scheduled here.
        super().__init__(
            queue,
            workers=1,
            periodic=False,
            initial_delay=0.01,
            max_delay=1.0,
            backoff=1.3,
            scheduler_interval=60,
            check_worker_health=False,
        )
        self._stop_flag_timeout = 0
        self._heard, heard = os.pipe()
        os.set_blocking(heard, False)
        signal.set_wakeup_fd(heard)

    def loop(self, health_check_ts: float | None = None) -> Any:
        # The byte of the signal stays: should its handler not have run yet, the next round comes at once.
        select.select([self._heard], [], [])
        return super().loop(health_check_ts)

    def stop(self, graceful: bool = False) -> None:
        self.stop_flag.set()
        if isinstance(self.huey.storage, _BellStorage):
            self.huey.storage.bell.wake()
        super().stop(graceful)
