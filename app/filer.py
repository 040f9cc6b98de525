"""Filing in one worker: hints are gathered, so that contacts that wait together are filed together."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

import structlog

log = structlog.get_logger("intake.filer")
# Contacts filed in one transaction. More of them would hold up the listener, which writes in turns with the workers.
BATCH = 16


class Filer:
    """A thread that files what it is given; who gives more than it can take waits."""

    def __init__(self, file: Callable[[Sequence[int]], None]) -> None:
        self._file = file
        self._given: queue.Queue[int] = queue.Queue(BATCH)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="filer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends after the contacts under way; the others stay received, and the sweep of any machine finds them."""
        self._stopping.set()
        self._thread.join()

    def give(self, contact_id: int) -> None:
        """Hands over a contact, or drops the hint where the filer stops."""
        while not self._stopping.is_set():
            try:
                return self._given.put(contact_id, timeout=0.5)
            except queue.Full:
                continue

    def _run(self) -> None:
        while not self._stopping.is_set():
            if ids := self._gathered():
                try:
                    self._file(ids)
                except Exception:  # the loop goes on; the contacts stay as they are, and the sweep brings them again
                    log.exception("filing_failed", contacts=len(ids))

    def _gathered(self) -> list[int]:
        ids: dict[int, None] = {}
        try:
            item = self._given.get(timeout=0.5)
            while True:
                ids[item] = None
                if len(ids) >= BATCH:
                    break
                item = self._given.get_nowait()
        except queue.Empty:
            pass
        return list(ids)
