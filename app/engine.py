"""The work engine: Huey carries hints from one process to another; the truth stands in the database.

Only this module and `serve` know which engine it is. A hint that is lost, doubled or late changes nothing: the sweep
finds every row that was not worked on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from huey.consumer import Consumer
from sqlalchemy import or_
from sqlmodel import Session, col, select

from app.delivering import Deliverer
from app.house import House
from app.worker import Worker
from models.errors import SettingError
from models.tables import Outbox
from models.words import OutboxState
from tickets.reminders import queue_reminders
from tickets.work import contacts_to_do

log = structlog.get_logger("intake.engine")
SWEEP_EVERY_S = 3.0
CLOCK_EVERY_S = 60.0
# A fresh row has a hint under way; the sweep leaves it to that hint for so long.
HINT_GRACE = timedelta(seconds=5)
_SWEEP_BATCH = 500


def open_queue(url: str) -> Huey:
    """The queue behind INTAKE_QUEUE_URL: sqlite:///FILE, postgresql://... or redis://..."""
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey("intake", filename=str(path), results=False)
    if url.startswith("postgresql"):
        return PostgresHuey("intake", dsn=url, results=False)
    if url.startswith("redis"):
        return RedisHuey("intake", url=url, results=False)
    raise SettingError(f"INTAKE_QUEUE_URL: {url!r} is not sqlite:///FILE, postgresql://... or redis://...")


class Engine:
    """Sends hints, and runs them where a worker was given."""

    def __init__(self, house: House, worker: Worker | None = None) -> None:
        self._house = house
        self._worker = worker
        self._deliverer = Deliverer(worker.deliver) if worker else None
        self.queue = open_queue(house.settings.queue)
        self._file = self.queue.task(name="file_contact")(self._file_contact)
        self._deliver = self.queue.task(name="deliver")(self._deliver_mail)

    def hint_contact(self, contact_id: int) -> None:
        self._hint(self._file, contact_id)

    def hint_outbox(self, outbox_id: int) -> None:
        self._hint(self._deliver, outbox_id)

    def run(self) -> None:
        """Works until SIGINT or SIGTERM; for the main thread of a process."""
        consumer = Consumer(
            self.queue, workers=1, periodic=False, initial_delay=0.01, max_delay=0.04, backoff=1.3, check_worker_health=False
        )
        assert self._deliverer is not None
        self._deliverer.start()
        try:
            consumer.run()
        finally:
            self._deliverer.stop()

    def sweep(self) -> None:
        """Hints at every row that is due and not under way."""
        now = self._house.clock()
        with self._house.store.read() as session:
            contacts = contacts_to_do(session, now=now, limit=_SWEEP_BATCH, arrived_before=now - HINT_GRACE)
            mails = _mails_to_send(session, now)
        if self.queue.pending_count() > 2 * _SWEEP_BATCH:
            return
        for contact_id in contacts:
            self.hint_contact(contact_id)
        for outbox_id in mails:
            self.hint_outbox(outbox_id)

    def clock(self) -> None:
        """Work that is due by time."""
        for row in queue_reminders(self._house.store, now=self._house.clock(), settings=self._house.filing.answers):
            self.hint_outbox(row)

    def _file_contact(self, contact_id: int) -> None:
        assert self._worker is not None
        filed = self._worker.file(contact_id)
        if filed and filed.outbox_id and self._deliverer:
            self._deliverer.give(filed.outbox_id)

    def _deliver_mail(self, outbox_id: int) -> None:
        assert self._deliverer is not None
        self._deliverer.give(outbox_id)

    def _hint(self, task: Callable[[int], object], row: int) -> None:
        try:
            task(row)
        except Exception:  # a lost hint costs one sweep; the row is safe
            log.warning("hint_lost", row=row, exc_info=True)


def _mails_to_send(session: Session, now: datetime) -> list[int]:
    """Queued mails that are due, that nobody holds, and whose own hint had its time."""
    rows = session.exec(
        select(Outbox.id)
        .where(Outbox.state == OutboxState.QUEUED.value, col(Outbox.due_at) <= now)
        .where(or_(col(Outbox.lease_until).is_(None), col(Outbox.lease_until) < now))
        .where(or_(col(Outbox.created_at) < now - HINT_GRACE, col(Outbox.tries) > 0))
        .order_by(col(Outbox.due_at))
        .limit(_SWEEP_BATCH)
    ).all()
    return [r for r in rows if r is not None]


class Ticker:
    """Calls a job every so many seconds in a thread of its own until it is stopped."""

    def __init__(self, job: Callable[[], None], every_s: float) -> None:
        self._job, self._every = job, every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self._job()
            except Exception:  # the loop goes on
                log.exception("periodic_job_failed", job=self._job.__name__)
