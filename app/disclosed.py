"""Whose report a mail is, and what an answer to it may draw on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.directory import Directory
from models.mail import MailFacts
from models.reading import Reading
from tickets.requester import requester_of

if TYPE_CHECKING:
    from app.reader import Job


def writer_of(facts: MailFacts, job: Job) -> str:
    """The address whose customer the report is about, when it is not the sender's own."""
    who = requester_of(facts, frozenset(job.own_addresses), frozenset(job.trusted_forms))
    return who.address if who.address != facts.from_address else ""


def disclosed(facts: MailFacts, job: Job, reading: Reading, directory: Directory) -> Directory | None:
    """The directory to read the mail with for the answer, or None where the whole one tells nothing that is not his."""
    address = writer_of(facts, job) or facts.from_address
    customers = directory.customers_of_address(address) if address else ()
    if not customers:
        return directory.seen_by(None)
    ids = {c.id for c in customers}
    known = [directory.service_by_id.get(s) for s in reading.service_ids]
    foreign = any(s is not None and s.customer not in ids for s in known)
    return directory.seen_by(customers[0]) if foreign else None
