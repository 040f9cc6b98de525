"""Keeping mail: what is kept is durable, and mails that wait together are kept in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from intake.raw import Glance, RawMail, glance, short
from models.clock import Clock
from models.errors import OwnError
from models.store import Store
from models.tables import Contact
from models.words import Channel, ContactState

BATCH = 64
BATCH_BYTES = 32 * 1024 * 1024

log = logging.getLogger("intake.keep")


@dataclass(frozen=True)
class Kept:
    """A mail that is in the database: under which number, and whether it was there before."""

    contact_id: int
    repeated: bool


@dataclass
class _Waiting:
    mail: RawMail
    done: Future[Kept] = field(default_factory=Future)


class Keeper:
    """One thread that writes waiting mails to the store, many per commit."""

    def __init__(self, store: Store, clock: Clock, on_kept: Callable[[int], None]) -> None:
        self.trouble: tuple[datetime, str] | None = None  # since when and why the store refuses; None when well
        self._store = store
        self._clock = clock
        self._on_kept = on_kept
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._lock = Lock()
        self._stopped = False
        self._thread = Thread(target=self._run, name="keeper", daemon=True)
        self._thread.start()

    def keep(self, mail: RawMail) -> Future[Kept]:
        """Its result is there once the mail is durable; its exception says the mail is not kept."""
        waiting = _Waiting(mail)
        with self._lock:
            if self._stopped:
                raise OwnError("mail is no longer taken: the keeper is stopped")
            self._queue.put(waiting)
        return waiting.done

    def stop(self) -> None:
        """Takes no more and returns when everything taken is settled."""
        with self._lock:
            if not self._stopped:
                self._stopped = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch, going = self._collect()
            batch = [w for w in batch if w.done.set_running_or_notify_cancel()]
            if batch:
                self._settle(batch)

    def _collect(self) -> tuple[list[_Waiting], bool]:
        """The next batch, and whether more may come after it."""
        batch: list[_Waiting] = []
        size = 0
        try:
            item = self._queue.get()
            while item is not None:
                batch.append(item)
                size += len(item.mail.raw)
                if len(batch) >= BATCH or size >= BATCH_BYTES:
                    return batch, True
                item = self._queue.get_nowait()
        except Empty:
            return batch, True
        return batch, False

    def _settle(self, batch: list[_Waiting]) -> None:
        try:
            kept = self._insert(batch)
        except Exception as error:
            if len(batch) > 1:
                self._one_by_one(batch)
            else:
                self._fail(batch[0], error)
            return
        self._succeed(batch, kept)

    def _one_by_one(self, batch: list[_Waiting]) -> None:
        """So that one bad row costs only itself; where the store itself refuses, the rest is not tried again."""
        refused: OperationalError | None = None
        for waiting in batch:
            if refused is not None:
                self._fail(waiting, refused)
                continue
            try:
                kept = self._insert([waiting])
            except OperationalError as error:
                refused = error
                self._fail(waiting, error)
            except Exception as error:
                self._fail(waiting, error)
            else:
                self._succeed([waiting], kept)

    def _insert(self, batch: Sequence[_Waiting]) -> list[Kept]:
        rows = [contact_row(w.mail) for w in batch]
        with self._store.write() as session:
            return [insert_contact(session, row) for row in rows]

    def _succeed(self, batch: list[_Waiting], kept: list[Kept]) -> None:
        self.trouble = None
        for waiting, result in zip(batch, kept, strict=True):
            waiting.done.set_result(result)
        for result in kept:
            if not result.repeated:
                self._tell(result.contact_id)

    def _fail(self, waiting: _Waiting, error: Exception) -> None:
        if self.trouble is None:
            self.trouble = (self._clock(), type(error).__name__)
        log.error("mail for %s from %s not kept: %s", waiting.mail.mailbox, waiting.mail.peer, _reason(error))
        waiting.done.set_exception(error)

    def _tell(self, contact_id: int) -> None:
        try:
            self._on_kept(contact_id)
        except Exception:  # only a hint: the sweep finds the contact anyway
            log.exception("contact %d is kept, but the hint about it failed", contact_id)


def contact_row(mail: RawMail) -> dict[str, Any]:
    """The mail as a row of the table `contact`."""
    seen = glance(mail.raw)
    contact = Contact(
        channel=Channel.EMAIL.value,
        mailbox=short(mail.mailbox),
        dedupe_key=_row_key(mail, seen),
        message_id=seen.message_id,
        envelope_from=short(mail.envelope_from),
        envelope_to=",".join(short(a) for a in mail.envelope_to),
        peer=short(mail.peer),
        raw=mail.raw,
        arrived_at=mail.arrived_at,
        state=ContactState.RECEIVED.value,
        from_address=seen.from_address,
        subject=seen.subject,
    )
    return {c.key: getattr(contact, c.key) for c in inspect(Contact).column_attrs if c.key != "id"}


def _row_key(mail: RawMail, seen: Glance) -> str:
    """A mail without Message-ID repeats another only on the same day: a machine's alarm may come again, word for word."""
    if seen.message_id:
        return seen.key
    return sha256(f"{seen.key} {mail.arrived_at.date().isoformat()}".encode()).hexdigest()


def insert_contact(session: Session, row: dict[str, Any]) -> Kept:
    """Inserts the row, or counts a repeat of the one that has its key."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert(Contact) if dialect == "postgresql" else sqlite.insert(Contact)
    table: Any = Contact
    statement = (
        insert.values(**row)
        .on_conflict_do_update(index_elements=["mailbox", "dedupe_key"], set_={"repeats": table.repeats + 1})
        .returning(table.id, table.repeats)
    )
    contact_id, repeats = session.connection().execute(statement).one()
    return Kept(contact_id=contact_id, repeated=repeats > 0)


def _reason(error: Exception) -> str:
    """Without the statement's parameters: they hold the mail."""
    return str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
