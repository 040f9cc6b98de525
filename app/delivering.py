"""Delivery beside filing in one worker: a slow smarthost must not hold up the reading of mail."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

_MOST_WAITING = 500


class Deliverer:
    """A thread that delivers the outbox rows it is given; what it has no room for is left to the sweep."""

    def __init__(self, deliver: Callable[[int], None]) -> None:
        self._deliver = deliver
        self._waiting: queue.Queue[int | None] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._run, daemon=True, name="deliverer")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends after the mail under way; rows not yet sent stay queued in the database."""
        try:
            while True:
                self._waiting.get_nowait()
        except queue.Empty:
            pass
        self._waiting.put(None)
        self._thread.join()

    def give(self, outbox_id: int) -> None:
        try:
            self._waiting.put_nowait(outbox_id)
        except queue.Full:
            return

    def _run(self) -> None:
        while (row := self._waiting.get()) is not None:
            self._deliver(row)
