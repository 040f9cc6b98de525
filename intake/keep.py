"""Keeping mail: what is kept is durable, and mails that wait together are kept in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import chain
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from intake.raw import Glance, RawMail, glance, short
from models.clock import Clock
from models.errors import LeaseLost, OwnError
from models.store import Store
from models.tables import Contact
from models.turns import write_in_bulk
from models.words import Channel, ContactState
from tickets.work import MAX_TRIES

BATCH = 64
BATCH_BYTES = 32 * 1024 * 1024

log = logging.getLogger("intake.keep")


@dataclass(frozen=True)
class Kept:
    """A mail that is in the database: under which number, and whether it was there before."""

    contact_id: int
    repeated: bool


# What is written in the same transaction as the mails: the session, and how they were kept, in their order.
Together = Callable[[Session, Sequence[Kept]], None]


@dataclass
class _Waiting:
    """Mails that are kept together or not at all, and what else belongs to them."""

    mails: Sequence[RawMail]
    finish: Callable[[list[Kept]], None]
    done: Future[Any]
    together: Together | None = None
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = sum(len(m.raw) for m in self.mails)


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
        done: Future[Kept] = Future()
        self._put(_Waiting((mail,), lambda kept: done.set_result(kept[0]), done))
        return done

    def keep_together(self, mails: Sequence[RawMail], together: Together) -> Future[list[Kept]]:
        """Keeps all of them and what `together` writes in one transaction, or nothing of it."""
        done: Future[list[Kept]] = Future()
        self._put(_Waiting(mails, done.set_result, done, together))
        return done

    def stop(self) -> None:
        """Takes no more and returns when everything taken is settled."""
        with self._lock:
            if not self._stopped:
                self._stopped = True
                self._queue.put(None)
        self._thread.join()

    def _put(self, waiting: _Waiting) -> None:
        with self._lock:
            if self._stopped:
                raise OwnError("mail is no longer taken: the keeper is stopped")
            self._queue.put(waiting)

    def _run(self) -> None:
        write_in_bulk()
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
                size += item.size
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

    def _insert(self, batch: Sequence[_Waiting]) -> list[list[Kept]]:
        rows = [[contact_row(m) for m in w.mails] for w in batch]
        with self._store.write() as session:
            kept = []
            for waiting, its_rows in zip(batch, rows, strict=True):
                kept.append([insert_contact(session, row) for row in its_rows])
                if waiting.together is not None:
                    waiting.together(session, kept[-1])
            return kept

    def _succeed(self, batch: list[_Waiting], kept: list[list[Kept]]) -> None:
        self.trouble = None
        for waiting, results in zip(batch, kept, strict=True):
            waiting.finish(results)
        for result in chain.from_iterable(kept):
            if not result.repeated:
                self._tell(result.contact_id)

    def _fail(self, waiting: _Waiting, error: Exception) -> None:
        if self.trouble is None and not isinstance(error, LeaseLost):
            self.trouble = (self._clock(), type(error).__name__)
        for mail in waiting.mails:
            log.error("mail for %s from %s not kept: %s", mail.mailbox, mail.peer, _reason(error))
        waiting.done.set_exception(error)

    def _tell(self, contact_id: int) -> None:
        try:
            self._on_kept(contact_id)
        except Exception:  # only a hint: the sweep finds the contact anyway
            log.exception("contact %d is kept, but the hint about it failed", contact_id)


def contact_row(mail: RawMail) -> dict[str, Any]:
    """The mail as a row of the table `contact`.

    One with a defect counts as tried often enough: no reader can find in it what was never fetched, and so it becomes a
    ticket with that reason at once.
    """
    seen = glance(mail.raw)
    return _defaults() | {
        "channel": Channel.EMAIL.value,
        "mailbox": short(mail.mailbox),
        "dedupe_key": _row_key(mail, seen),
        "message_id": seen.message_id,
        "envelope_from": short(mail.envelope_from),
        "envelope_to": ",".join(short(a) for a in mail.envelope_to),
        "peer": short(mail.peer),
        "raw": mail.raw,
        "arrived_at": mail.arrived_at,
        "state": ContactState.RECEIVED.value,
        "tries": MAX_TRIES if mail.defect else 0,
        "last_error": mail.defect,
        "from_address": seen.from_address,
        "subject": seen.subject,
    }


@cache
def _defaults() -> dict[str, Any]:
    """What a fresh contact holds in all other columns; made once, for building an object costs more than the insert."""
    empty = Contact(mailbox="", dedupe_key="", raw=b"")
    return {c.key: getattr(empty, c.key, None) for c in inspect(Contact).column_attrs if c.key != "id"}


def _row_key(mail: RawMail, seen: Glance) -> str:
    """A mail without Message-ID repeats another only on the same day: a machine's alarm may come again, word for word."""
    if mail.key:
        return sha256(mail.key.encode()).hexdigest()
    if seen.message_id:
        return seen.key
    return sha256(f"{seen.key} {mail.arrived_at.date().isoformat()}".encode()).hexdigest()


def insert_contact(session: Session, row: dict[str, Any]) -> Kept:
    """Inserts the row, or counts a repeat of the one that has its key."""
    connection = session.connection()
    contact_id, repeats = connection.execute(_statement(connection.dialect.name), row).one()
    return Kept(contact_id=contact_id, repeated=repeats > 0)


@cache
def _statement(dialect: str) -> Any:
    """Made once for each kind of database: its text is the same for every mail."""
    table: Any = Contact.__table__  # type: ignore[attr-defined]
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    counted = insert.on_conflict_do_update(index_elements=["mailbox", "dedupe_key"], set_={"repeats": table.c.repeats + 1})
    return counted.returning(table.c.id, table.c.repeats)


def _reason(error: Exception) -> str:
    """Without the statement's parameters: they hold the mail."""
    return str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
