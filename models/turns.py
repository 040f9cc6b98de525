"""Writers of one SQLite file take turns by a lock that wakes the next one at once.

SQLite has one writer. Its own busy handler sleeps and looks again, so that with several busy processes the file
stands idle between two looks; a queue of the kernel's (flock) has no such gaps, and a process that dies leaves it.
SQLite's own lock stays what keeps the file whole: this one only orders the waiting.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Turns:
    """The queue of the writers of one file, across threads and processes."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + "-turns")
        self._threads = threading.Lock()
        self._file: int | None = None

    @contextmanager
    def take(self) -> Iterator[None]:
        """Waits for this writer's turn and keeps it until the end of the block."""
        with self._threads:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
