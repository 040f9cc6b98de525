"""What a worker does with one stored contact, and with one mail of the outbox."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import replace
from email.parser import BytesHeaderParser

import structlog
from sqlmodel import col, select

from app.house import DirectoryCache, House
from app.reader import Job, Reader
from models.errors import LeaseLost, ParseTimeout
from models.mail import MailFacts
from models.reading import Reading
from models.rule_store import ActiveRules, active_rules
from models.tables import Contact, Outbox, ThreadRef
from models.words import Action, Intent
from outbound.deliver import deliver_one
from tickets.filing import Filed, file_contact
from tickets.work import MAX_TRIES, lease_contact, release_contact

log = structlog.get_logger("intake.worker")
_MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_MAX_HEADER_BYTES = 65536


class Worker:
    """Leases, reads, files, delivers. Not for use by two threads at once."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._reader = Reader()
        self._directory = DirectoryCache(house.store)
        self.owner = f"{socket.gethostname()}:{os.getpid()}"

    def start(self) -> None:
        self._reader.start()

    def stop(self) -> None:
        self._reader.stop()

    def file(self, contact_id: int) -> Filed | None:
        """Files one contact, or None when it is not to be had now. Failures give it back; the third sets it aside."""
        house = self._house
        contact = lease_contact(house.store, contact_id, owner=self.owner, now=house.clock())
        if contact is None:
            return None
        try:
            facts, reading, failed = self._read(contact)
            return file_contact(
                house.store,
                contact_id,
                owner=self.owner,
                facts=facts,
                reading=reading,
                directory=self._directory.get(),
                clock=house.clock,
                settings=house.filing,
                failed=failed,
            )
        except LeaseLost:
            log.info("lease_lost", contact=contact_id)
            return None
        except Exception as e:  # the worker's loop: log, give back, go on
            log.exception("filing_failed", contact=contact_id, tries=contact.tries)
            release_contact(house.store, contact_id, owner=self.owner, error=f"{type(e).__name__}: {e}")
            return None

    def deliver(self, outbox_id: int) -> None:
        """Sends one mail of the outbox if it is due and nobody else has it."""
        h = self._house
        try:
            deliver_one(h.store, outbox_id, owner=self.owner, clock=h.clock, sender=h.sender, settings=h.composing)
        except LeaseLost:
            log.info("lease_lost", outbox=outbox_id)
        except Exception:  # the deliverer's loop: the row stays queued, the sweep brings it again
            log.exception("delivery_failed", outbox=outbox_id)

    def _read(self, contact: Contact) -> tuple[MailFacts, Reading, str]:
        own = self._house.settings.addresses
        job = Job(contact.raw, contact.arrived_at, contact.envelope_from, contact.envelope_to, own, self._question(contact))
        if contact.tries > MAX_TRIES:
            return self._unread(contact, job, contact.last_error or "failed three times")
        try:
            facts, reading = self._reader.read(job, self._directory.get(), self._rules())
            return facts, reading, ""
        except ParseTimeout as e:
            if contact.tries < MAX_TRIES:
                raise
            return self._unread(contact, job, str(e))

    def _unread(self, contact: Contact, job: Job, why: str) -> tuple[MailFacts, Reading, str]:
        """What can safely be read: the header lines if the reader still opens them, else the stored columns."""
        try:
            facts, reading = self._reader.read(
                replace(job, quick=True, raw=_headers_only(job.raw)), self._directory.get(), self._rules()
            )
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
        return facts, replace(reading, unreadable=("this message could not be read automatically",)), why

    def _rules(self) -> ActiveRules:
        with self._house.store.read() as session:
            return active_rules(session)

    def _question(self, contact: Contact) -> str | None:
        """Our own text that this mail answers, so that words between its lines are told from it."""
        headers = BytesHeaderParser().parsebytes(_headers_only(contact.raw))
        text = " ".join(str(headers.get(n, "")) for n in ("In-Reply-To", "References"))
        ids = _MESSAGE_ID.findall(text[:10_000])[-20:]
        if not ids:
            return None
        with self._house.store.read() as session:
            refs = select(ThreadRef.ticket_id).where(col(ThreadRef.message_id).in_(ids))
            return session.exec(
                select(Outbox.body_text).where(col(Outbox.ticket_id).in_(refs)).order_by(col(Outbox.id).desc()).limit(1)
            ).first()


def _headers_only(raw: bytes) -> bytes:
    head = raw[:_MAX_HEADER_BYTES]
    end = re.search(rb"\r?\n\r?\n", head)
    return head[: end.end()] if end else head
