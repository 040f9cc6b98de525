"""Reads leased contacts in a thread of its own, the next few while those before are filed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from app.house import House
from app.reader import Job, Reader
from app.settings import split
from models.directory import Directory
from models.errors import ParseTimeout
from models.mail import MailFacts
from models.questions import headers_only, question_of
from models.reading import Reading
from models.rule_store import ActiveRules
from models.tables import Contact
from models.words import Action, Intent
from tickets.filing import ToFile
from tickets.work import MAX_TRIES

# Of contacts that are leased together no more are read after this: what was read must be filed within the lease.
READS_FOR_S = 6.0


class Child(Protocol):
    """Who reads one mail after the other (app/reader.py)."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def read(self, job: Job, directory: Directory, rules: ActiveRules) -> tuple[MailFacts, Reading, Reading | None]: ...


@dataclass(frozen=True, slots=True)
class Few:
    """A few contacts: what was read, and those for which the time did not suffice."""

    read: list[ToFile]
    unread: list[int]


class ContactReader:
    """Reads by the child; `failed` is told of each contact that could not be read. Not for use by two threads at once."""

    def __init__(
        self,
        house: House,
        failed: Callable[[int, Exception], None],
        *,
        child: Child | None = None,
        reads_for_s: float = READS_FOR_S,
    ) -> None:
        self._house, self._failed, self._reads_for_s = house, failed, reads_for_s
        self._reader = child or Reader()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reading")

    def start(self) -> None:
        self._reader.start()

    def stop(self) -> None:
        self._reader.stop()
        self._thread.shutdown()

    def ahead(self, contacts: Sequence[Contact], directory: Directory, rules: ActiveRules, *, at_once: int) -> Iterator[Few]:
        """So many contacts at a time, in their order; while the caller works on some, the next are read."""
        enough = time.monotonic() + self._reads_for_s
        parts = [contacts[n : n + at_once] for n in range(0, len(contacts), at_once)]
        under_way: Future[Few] | None = None
        for n, part in enumerate(parts):
            done = under_way.result() if under_way else None
            # The first is read in any case, so that each round gets on.
            under_way = self._thread.submit(self._few, part, n == 0, directory, rules, enough)
            if done:
                yield done
        if under_way:
            yield under_way.result()

    def _few(self, contacts: Sequence[Contact], first: bool, directory: Directory, rules: ActiveRules, enough: float) -> Few:
        few = Few([], [])
        for n, contact in enumerate(contacts):
            contact_id = contact.id or 0
            if time.monotonic() > enough and not (first and n == 0):
                few.unread.append(contact_id)
                continue
            try:
                with self._house.traces.span("read", contact_id, bytes=len(contact.raw), tries=contact.tries):
                    few.read.append(ToFile(contact_id, *self._read(contact, directory, rules)))
            except Exception as e:  # the worker's loop: log, give back, go on
                self._failed(contact_id, e)
        return few

    def _read(
        self, contact: Contact, directory: Directory, rules: ActiveRules
    ) -> tuple[MailFacts, Reading, Reading | None, str]:
        own, forms = self._house.settings.addresses, split(self._house.settings.trusted_forms)
        job = Job(
            contact.raw,
            contact.arrived_at,
            contact.envelope_from,
            contact.envelope_to,
            own,
            self._question(contact),
            trusted_forms=forms,
        )
        if contact.tries > MAX_TRIES:
            return *self._unread(contact, job, directory, rules), contact.last_error or "failed three times"
        try:
            begin = time.perf_counter()
            found = self._reader.read(job, directory, rules)
            self._house.meter.read(time.perf_counter() - begin)
            return *found, ""
        except ParseTimeout as e:
            if contact.tries < MAX_TRIES:
                raise
            return *self._unread(contact, job, directory, rules), str(e)

    def _unread(self, contact: Contact, job: Job, directory: Directory, rules: ActiveRules) -> tuple[MailFacts, Reading, None]:
        """What can safely be read: the header lines if the reader still opens them, else the stored columns."""
        try:
            facts, reading, _ = self._reader.read(replace(job, quick=True, raw=headers_only(job.raw)), directory, rules)
        except ParseTimeout:
            facts = MailFacts(
                from_address=contact.from_address.lower(),
                envelope_from=contact.envelope_from.lower(),
                envelope_to=tuple(contact.envelope_to.split(",")),
                subject=contact.subject,
                message_id=contact.message_id,
                received_at=contact.arrived_at,
            )
            reading = Reading("", (), (), "", "unknown", Intent.REPORT, contact.arrived_at, action=Action.ASK)
        return facts, replace(reading, unreadable=("this message could not be read automatically",)), None

    def _question(self, contact: Contact) -> str | None:
        with self._house.store.read() as session:
            return question_of(session, contact.raw)
