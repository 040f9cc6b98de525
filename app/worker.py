"""What a worker does with one stored contact, and with one mail of the outbox."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

import structlog

from app.house import House
from app.liveness import process_name
from app.other_ways import other_ways
from app.reader import Job, Reader
from app.settings import split
from models.directory import Directory
from models.errors import LeaseLost, ParseTimeout
from models.mail import MailFacts
from models.questions import headers_only, question_of
from models.reading import Reading
from models.rule_store import ActiveRules, active_rules
from models.tables import Contact
from models.words import Action, Intent
from outbound.deliver import Delivery
from outbound.sms import deliver_text
from tickets.filing import Filed, ToFile, file_contacts
from tickets.ids import Numbers, year_of
from tickets.policy import load_policy
from tickets.work import MAX_TRIES, give_back, lease_contacts, release_contact, still_to_do

log = structlog.get_logger("intake.worker")
# Of contacts that are leased together no more are read after this: what was read must be filed within the lease.
_READS_FOR_S = 6.0
# A contact takes some 10 ms to file, and SQLite has one writer at a time.
_FILED_AT_ONCE = 4


class Worker:
    """Leases, reads and files; `delivery` sends. Not for use by two threads at once."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._reader = Reader()
        self._directory = house.directory
        # SQLite has one writer anyway, so its numbers can be without gaps.
        self._numbers = None if house.store.is_sqlite else Numbers()
        self.owner = process_name()
        self.delivery = Delivery(
            house.store,
            self.owner,
            house.clock,
            house.sender,
            house.composing,
            other_ways(house, self._directory),
            own_texts=lambda session: load_policy(session).mail_texts,
        )

    def start(self) -> None:
        self._reader.start()

    def stop(self) -> None:
        self._reader.stop()

    def send_texts(self, ids: list[int]) -> None:
        """Sends those of the rows that are text messages."""
        h = self._house
        for row_id in ids:
            try:
                deliver_text(h.store, row_id, owner=self.owner, clock=h.clock, sender=h.texts, settings=h.texting)
            except Exception:  # the loop goes on: the row stays as it is, the sweep or the reconciliation brings it again
                log.exception("text_failed", outbox=row_id)

    def file(self, contact_id: int) -> Filed | None:
        """Files one contact, or None when it is not to be had now. Failures give it back; the third sets it aside."""
        return next(iter(self.file_all([contact_id])), None)

    def file_all(self, ids: Sequence[int]) -> list[Filed]:
        """Files what is to be had of the contacts, those that were never tried together.

        One that was tried before goes by itself: should it bring the process down, it does so alone.
        """
        waiting = still_to_do(self._house.store, ids)
        fresh = [i for i, tries in waiting.items() if not tries]
        filed = self._file_together(fresh) if fresh else []
        for i in (i for i, tries in waiting.items() if tries):
            filed += self._file_together([i])
        return filed

    def _file_together(self, ids: Sequence[int]) -> list[Filed]:
        house = self._house
        contacts = lease_contacts(house.store, ids, owner=self.owner, now=house.clock())
        if not contacts:
            return []
        directory, rules = self._directory.get(), self._rules()
        enough = time.monotonic() + _READS_FOR_S
        read: list[ToFile] = []
        for n, contact in enumerate(contacts):
            if read and time.monotonic() > enough:
                rest = [c.id or 0 for c in contacts[n:]]
                give_back(house.store, rest, owner=self.owner)
                return self._settle(read, directory) + self._file_together(rest)
            try:
                with house.traces.span("read", contact.id or 0, bytes=len(contact.raw), tries=contact.tries):
                    read.append(ToFile(contact.id or 0, *self._read(contact, directory, rules)))
            except Exception as e:  # the worker's loop: log, give back, go on
                self._failed(contact.id or 0, e)
        return self._settle(read, directory)

    def _settle(self, read: list[ToFile], directory: Directory) -> list[Filed]:
        """Files what was read, a few in a transaction, so that no caller or customer waits long for his turn to write."""
        few = (read[n : n + _FILED_AT_ONCE] for n in range(0, len(read), _FILED_AT_ONCE))
        return [f for part in few for f in self._settle_few(part, directory)]

    def _settle_few(self, read: list[ToFile], directory: Directory) -> list[Filed]:
        """Files in one transaction; where that fails, each by itself, so that a bad one costs only itself."""
        if len(read) > 1:
            try:
                return self._file(read, directory)
            except Exception as e:
                log.info("filed_singly", contacts=len(read), error=f"{type(e).__name__}: {e}"[:300])
        filed: list[Filed] = []
        for one in read:
            try:
                filed += self._file([one], directory)
            except LeaseLost:
                log.info("lease_lost", contact=one.contact_id)
            except Exception as e:  # the worker's loop: log, give back, go on
                self._failed(one.contact_id, e)
        return filed

    def _file(self, read: list[ToFile], directory: Directory) -> list[Filed]:
        h = self._house
        if self._numbers is not None:
            self._numbers.take_ahead(h.store, year_of(h.clock()), len(read))
        with ExitStack() as spans:
            told = {r.contact_id: spans.enter_context(h.traces.span("file", r.contact_id, together=len(read))) for r in read}
            filed = file_contacts(
                h.store,
                read,
                owner=self.owner,
                directory=directory,
                clock=h.clock,
                settings=h.filing,
                numbers=self._numbers,
            )
            for one in filed:
                told[one.contact_id](**{"intake.ticket": one.ticket_id or "", "intake.verdict": one.verdict.value})
        for one in filed:
            h.meter.filed(one.verdict.value)
            log.info("filed", contact=one.contact_id, ticket=one.ticket_id, verdict=one.verdict.value, mail=one.outbox_id)
        return filed

    def _failed(self, contact_id: int, error: Exception) -> None:
        self._house.meter.failed()
        log.error("filing_failed", contact=contact_id, exc_info=error)
        release_contact(self._house.store, contact_id, owner=self.owner, error=f"{type(error).__name__}: {error}")

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

    def _rules(self) -> ActiveRules:
        with self._house.store.read() as session:
            return active_rules(session)

    def _question(self, contact: Contact) -> str | None:
        with self._house.store.read() as session:
            return question_of(session, contact.raw)
