"""Delivery beside filing in one worker: one thread writes and leases, some send, one marks; a slow smarthost holds up none."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

import structlog

from models.words import OutboxState
from outbound.deliver import Delivery, Outcome, Parcel
from outbound.outbox import LEASE

log = structlog.get_logger("intake.delivering")
_MOST_WAITING = 2000
# Rows written and leased together, and outcomes marked together: each costs one write transaction.
BATCH = 32
_IDLE_S = 5.0
T = TypeVar("T")
_RENEW_S = 7.0
# What was leased or renewed longer ago than this may be another worker's soon, and is no longer offered to anybody.
_HELD_S = LEASE.total_seconds() - 5.0
_LEAVE_S = 15.0
# Between two tries to write down what was sent.
_PATIENCE_S = (0.2, 1.0, *([2.0] * 25))
# What is sent but not yet marked is what a crash repeats; so it is marked as soon as nothing more is done at once.
_GATHER_S = 0.01


class Lines(Protocol):
    """A sender that keeps connections open, and closes those that have nothing to do."""

    def idle(self) -> None: ...

    def close(self) -> None: ...


class Watch(Protocol):
    """Who looks on: counts and traces."""

    def sending(self, row: int) -> AbstractContextManager[object]: ...

    def marked(self, states: Iterable[OutboxState]) -> None: ...


class Deliverer:
    """Delivers the outbox rows it is given; what it has no room for is left to the sweep."""

    def __init__(
        self,
        delivery: Delivery,
        *,
        senders: int = 1,
        lines: Lines | None = None,
        texts: Callable[[list[int]], None] | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._watch = watch
        # Text messages among the rows go to `texts`, in a thread of their own: the carrier may take seconds.
        self._texts = texts
        self._texting = ThreadPoolExecutor(1, thread_name_prefix="texts")
        self._delivery, self._lines = delivery, lines
        self._given: queue.Queue[int | None] = queue.Queue(_MOST_WAITING)
        self._ready: queue.Queue[Parcel | None] = queue.Queue(2 * BATCH)
        self._done: queue.Queue[Outcome | None] = queue.Queue()
        self._under_way: dict[int, Parcel] = {}
        self._held_until: dict[int, float] = {}
        self._stopping = threading.Event()
        self._senders = [self._thread(self._send, f"sender-{n}") for n in range(senders)]
        self._writer, self._marker = self._thread(self._write, "writer"), self._thread(self._mark, "marker")
        self._renewer = self._thread(self._renew, "renewer")

    def start(self) -> None:
        for thread in (self._writer, *self._senders, self._marker, self._renewer):
            thread.start()

    def stop(self) -> None:
        """Ends after the mails under way; those only leased are given back, those not sent stay queued."""
        self._stopping.set()
        _drained(self._given)
        self._given.put(None)
        self._writer.join()
        unsent = [p for p in _drained(self._ready) if p]
        for _ in self._senders:
            self._ready.put(None)
        for thread in self._senders:
            thread.join(_LEAVE_S)
        self._done.put(None)
        self._marker.join()
        self._renewer.join()
        self._release(unsent)
        self._texting.shutdown(cancel_futures=True)
        if self._lines:
            self._lines.close()

    def give(self, outbox_id: int) -> None:
        try:
            self._given.put_nowait(outbox_id)
        except queue.Full:
            return

    def _write(self) -> None:
        while (ids := self._next_ids()) is not None:
            asked = time.monotonic()
            try:
                parcels = self._delivery.prepare([i for i in ids if i not in self._under_way]) if ids else []
            except Exception:  # the loop goes on: the rows stay queued, the sweep brings them again
                log.exception("writing_failed", rows=len(ids))
                continue
            left = [i for i in ids if i not in {p.lease.row_id for p in parcels} and i not in self._under_way]
            if left and self._texts:
                self._texting.submit(self._texts, left)
            for parcel in parcels:
                self._under_way[parcel.lease.row_id] = parcel
                self._held_until[parcel.lease.row_id] = asked + _HELD_S
                self._ready.put(parcel)
            if not ids and self._lines:
                self._lines.idle()

    def _next_ids(self) -> list[int] | None:
        """The rows that wait, none after a while without any, or None at the end."""
        ids: dict[int, None] = {}
        try:
            item = self._given.get(timeout=_IDLE_S)
            while item is not None:
                ids[item] = None
                if len(ids) >= BATCH:
                    break
                item = self._given.get_nowait()
        except queue.Empty:
            return list(ids)
        return None if item is None else list(ids)

    def _send(self) -> None:
        while (parcel := self._ready.get()) is not None:
            row = parcel.lease.row_id
            if self._stopping.is_set() or time.monotonic() > self._held_until.get(row, 0.0):
                self._release([parcel])
                self._forget(row)
            elif self._watch:
                with self._watch.sending(row):
                    self._done.put(self._delivery.send(parcel))
            else:
                self._done.put(self._delivery.send(parcel))

    def _forget(self, row: int) -> None:
        self._under_way.pop(row, None)
        self._held_until.pop(row, None)

    def _mark(self) -> None:
        going = True
        while going:
            outcomes, going = self._next_outcomes()
            self._settle(outcomes)
            for outcome in outcomes:
                self._forget(outcome.parcel.lease.row_id)

    def _settle(self, outcomes: list[Outcome]) -> None:
        """Writes the outcomes down, however long the database refuses: what is not marked is sent once more."""
        for pause in (*_PATIENCE_S, None):
            try:
                states = self._delivery.mark(outcomes)
                if self._watch:
                    self._watch.marked(states.values())
                return
            except Exception:  # the loop goes on
                log.exception("marking_failed", rows=len(outcomes))
            if pause is None or self._stopping.wait(pause):
                break
        for outcome in outcomes if len(outcomes) > 1 else ():
            self._settle_alone(outcome)

    def _settle_alone(self, outcome: Outcome) -> None:
        """So that one outcome that cannot be written costs only itself: its lease ends and the same bytes go out again."""
        try:
            self._delivery.mark([outcome])
        except Exception:
            log.exception("marking_failed", outbox=outcome.parcel.lease.row_id)

    def _renew(self) -> None:
        while not self._stopping.wait(_RENEW_S):
            if parcels := list(self._under_way.copy().values()):
                asked = time.monotonic()
                try:
                    self._delivery.renew(parcels)
                    for row in (p.lease.row_id for p in parcels if p.lease.row_id in self._under_way):
                        self._held_until[row] = asked + _HELD_S
                except Exception:  # the next round tries again
                    log.exception("renewing_failed", rows=len(parcels))

    def _next_outcomes(self) -> tuple[list[Outcome], bool]:
        outcomes: list[Outcome] = []
        try:
            item = self._done.get()
            while item is not None:
                outcomes.append(item)
                if len(outcomes) >= BATCH:
                    return outcomes, True
                item = self._done.get(timeout=_GATHER_S)
        except queue.Empty:
            return outcomes, True
        return outcomes, False

    def _release(self, parcels: Iterable[Parcel]) -> None:
        try:
            self._delivery.release(parcels)
        except Exception:  # the leases end by themselves
            log.exception("release_failed")

    @staticmethod
    def _thread(job: Callable[[], None], name: str) -> threading.Thread:
        return threading.Thread(target=job, daemon=True, name=name)


def _drained(waiting: queue.Queue[T]) -> list[T]:
    items: list[T] = []
    try:
        while True:
            items.append(waiting.get_nowait())
    except queue.Empty:
        return items
