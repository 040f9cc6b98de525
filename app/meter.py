"""What a process counts: Prometheus counters of its own, told to all through the database (models/beats.py)."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from app.liveness import process_name
from models.beats import Beat, beat, farewell
from models.clock import Clock
from models.store import Store
from models.words import OutboxState

_READ_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)


class Meter:
    """The counters; each is a Prometheus metric of docs/operations/monitoring.md."""

    def __init__(self) -> None:
        self.registry = r = CollectorRegistry()
        self._accepted = Counter("intake_accepted", "Contacts taken in and kept.", ["channel"], registry=r)
        self._filed = Counter("intake_processed", "Contacts filed, by what they turned out to be.", ["verdict"], registry=r)
        self._failed = Counter("intake_processing_failed", "Tries of filing that failed and are repeated.", registry=r)
        self._sent = Counter("intake_outbox", "Mails of ours by what became of a try.", ["state"], registry=r)
        self._read = Histogram("intake_read_seconds", "Reading of one mail.", buckets=_READ_BUCKETS, registry=r)
        self._late = Gauge("intake_clock_pass_seconds", "How long the clock's last pass took.", registry=r)
        self._refused = Counter("intake_refused", "Mails put off by the listener because too many wait.", registry=r)

    def accepted(self, channel: str) -> None:
        self._accepted.labels(channel).inc()

    def filed(self, verdict: str) -> None:
        self._filed.labels(verdict).inc()

    def failed(self) -> None:
        self._failed.inc()

    def marked(self, states: Iterable[OutboxState]) -> None:
        for state in states:
            self._sent.labels(state.value).inc()

    def read(self, seconds: float) -> None:
        self._read.observe(seconds)

    def clock_pass(self, seconds: float) -> None:
        self._late.set(seconds)

    def refused(self) -> None:
        self._refused.inc()

    def samples(self) -> list[tuple[str, dict[str, str], float]]:
        """All values; the stamps of when a counter was made are left out."""
        return [
            (s.name, dict(s.labels), s.value)
            for metric in self.registry.collect()
            for s in metric.samples
            if not s.name.endswith("_created")
        ]


class Pulse:
    """Says every few seconds that this process lives, and what it has counted."""

    def __init__(self, store: Store, clock: Clock, meter: Meter, parts: Iterable[str]) -> None:
        self._store, self._clock, self._meter = store, clock, meter
        self._parts, self._started, self._name = tuple(parts), clock(), process_name()

    def tell(self) -> None:
        host = f"{socket.gethostname()}:{os.getpid()}"
        mine = Beat(self._name, host, own_version(), self._parts, self._started, self._meter.samples())
        beat(self._store, mine, self._clock())

    def end(self) -> None:
        farewell(self._store, self._name)


def own_version() -> str:
    try:
        return version("interspace-intake")
    except PackageNotFoundError:
        return "unknown"
