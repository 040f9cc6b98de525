"""What a worker does with one stored contact, and with one mail of the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import structlog

from app.contact_reader import READS_FOR_S, ContactReader
from app.house import House
from app.liveness import process_name
from app.other_ways import other_ways
from models.directory import Directory
from models.errors import LeaseLost
from models.rule_store import ActiveRules, active_rules
from outbound.deliver import Delivery
from outbound.sms import deliver_text
from tickets.filing import Filed, ToFile, file_contacts
from tickets.ids import Numbers, year_of
from tickets.policy import load_policy
from tickets.work import give_back, lease_contacts, release_contact, still_to_do

log = structlog.get_logger("intake.worker")
# So many in a transaction, and one where persons take turns to write with us: a contact takes some milliseconds to file,
# SQLite has one writer at a time, and no caller or customer is to wait long for his turn.
_FILED_AT_ONCE = 4


class Worker:
    """Leases, reads and files; `delivery` sends. Not for use by two threads at once."""

    def __init__(self, house: House, *, reads_for_s: float = READS_FOR_S) -> None:
        self._house = house
        self._reader = ContactReader(house, self._failed, reads_for_s=reads_for_s)
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
        filed: list[Filed] = []
        rest: list[int] = []
        at_once = 1 if house.store.persons_lately() else _FILED_AT_ONCE
        for few in self._reader.ahead(contacts, directory, rules, at_once=at_once):
            filed += self._settle_few(few.read, directory) if few.read else []
            rest += few.unread
        if rest:
            give_back(house.store, rest, owner=self.owner)
            filed += self._file_together(rest)
        return filed

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

    def _rules(self) -> ActiveRules:
        with self._house.store.read() as session:
            return active_rules(session)
