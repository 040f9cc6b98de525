"""The work engine: Huey carries hints from one process to another; the truth stands in the database.

Only this module and `app/hints.py` know which engine it is. A hint that is lost, doubled or late changes nothing: the sweep
finds every row that was not worked on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_
from sqlmodel import Session, col, select

from app.delivering import Deliverer
from app.delivery_watch import DeliveryWatch
from app.duties import DUTIES
from app.filer import Filer
from app.hints import HintConsumer, open_queue
from app.house import House
from app.liveness import release_dead
from app.worker import Worker
from models.glance import Glance
from models.tables import Contact, Outbox
from models.tables_imap import ImapMailbox
from models.turns import write_in_bulk
from models.words import ContactState, OutboxState
from outbound.smarthost import SmarthostPool
from tickets.work import contacts_to_do

log = structlog.get_logger("intake.engine")
SWEEP_EVERY_S = 3.0
CLOCK_EVERY_S = 60.0
# A fresh row has a hint under way; the sweep leaves it to that hint for so long.
HINT_GRACE = timedelta(seconds=5)
_SWEEP_BATCH = 500
_OLDEST = 50
# Without one of these there is nothing to sweep, and no lease of the dead to free.
_ANY = Glance(
    select(Contact.id).where(Contact.state == ContactState.RECEIVED.value),
    select(Outbox.id).where(Outbox.state == OutboxState.QUEUED.value),
    select(ImapMailbox.name).where(col(ImapMailbox.lease_until).is_not(None)),
)


class Engine:
    """Sends hints, and runs them where a worker was given."""

    def __init__(self, house: House, worker: Worker | None = None) -> None:
        self._house = house
        self._worker = worker
        self._watch = DeliveryWatch(house.meter, house.traces)
        self._deliverer = deliverer(house, worker, self._watch) if worker else None
        self._filer = Filer(self._file_all)
        self.queue = open_queue(house.settings.queue)
        self._file = self.queue.task(name="file_contact")(self._file_contact)
        self._deliver = self.queue.task(name="deliver")(self._deliver_mail)

    def hint_contact(self, contact_id: int) -> None:
        self._hint(self._file, contact_id)

    def hint_outbox(self, outbox_id: int) -> None:
        self._hint(self._deliver, outbox_id)

    def run(self) -> None:
        """Works until SIGINT or SIGTERM; for the main thread of a process."""
        consumer = HintConsumer(self.queue)
        assert self._deliverer is not None
        self._deliverer.start()
        self._filer.start()
        try:
            consumer.run()
        finally:
            self._filer.stop()
            self._deliverer.stop()

    def sweep(self) -> None:
        """Hints at every row that is due and not under way."""
        if not _ANY(self._house.store):
            return
        now = self._house.clock()
        release_dead(self._house.store, now)
        with self._house.store.read() as session:
            contacts = contacts_to_do(session, now=now, limit=_SWEEP_BATCH, arrived_before=now - HINT_GRACE)
            mails = _mails_to_send(session, now)
        # Hints that wait are about these same rows most likely: a doubled one costs work, and only the oldest get one more.
        most = _OLDEST if self.queue.pending_count() > _OLDEST else _SWEEP_BATCH
        for contact_id in contacts[:most]:
            self.hint_contact(contact_id)
        for outbox_id in mails[:most]:
            self.hint_outbox(outbox_id)

    def clock(self) -> None:
        """Work that is due by time."""
        begin = time.perf_counter()
        for duty in DUTIES:
            try:
                for row in duty(self._house):
                    self.hint_outbox(row)
            except Exception:  # one duty that fails does not keep the others waiting
                log.exception("duty_failed", duty=duty.__name__)
        self._house.meter.clock_pass(time.perf_counter() - begin)

    def _file_contact(self, contact_id: int) -> None:
        self._filer.give(contact_id)

    def _file_all(self, ids: Sequence[int]) -> None:
        assert self._worker is not None
        assert self._deliverer is not None
        for filed in self._worker.file_all(ids):
            if filed.outbox_id:
                self._watch.note(filed.outbox_id, filed.contact_id)
                self._deliverer.give(filed.outbox_id)

    def _deliver_mail(self, outbox_id: int) -> None:
        assert self._deliverer is not None
        self._deliverer.give(outbox_id)

    def _hint(self, task: Callable[[int], object], row: int) -> None:
        try:
            task(row)
        except Exception:  # a lost hint costs one sweep; the row is safe
            log.warning("hint_lost", row=row, exc_info=True)


def deliverer(house: House, worker: Worker, watch: DeliveryWatch | None = None) -> Deliverer:
    """The delivery of one worker, with as many connections as the settings allow it."""
    pool = house.sender if isinstance(house.sender, SmarthostPool) else None
    senders = house.settings.smarthost_connections if pool else 1
    return Deliverer(worker.delivery, senders=senders, lines=pool, texts=worker.send_texts, watch=watch)


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
        write_in_bulk()
        while not self._stop.wait(self._every):
            try:
                self._job()
            except Exception:  # the loop goes on
                log.exception("periodic_job_failed", job=self._job.__name__)
