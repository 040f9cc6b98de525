"""Files one contact: verdict, ticket, report, priority, events and answer, together in one short write transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.clock import Clock
from models.directory import Customer, Directory
from models.errors import LeaseLost
from models.fresh import fresh
from models.mail import MailFacts
from models.reading import Reading
from models.statements import many
from models.store import Store
from models.tables import Contact, ReadingRecord
from models.tables_mail import Acceptance
from models.words import ContactState
from tickets.filing_base import Filed, FilingSettings, ToFile
from tickets.filing_steps import CaseFiling
from tickets.ids import NUMBERS, Numbers
from tickets.limits import filing_in_force
from tickets.requester import Requester, customer_for, requester_of

__all__ = ["Filed", "FilingSettings", "ToFile", "file_contact", "file_contacts"]


def file_contact(
    store: Store,
    contact_id: int,
    *,
    owner: str,
    facts: MailFacts,
    reading: Reading,
    directory: Directory,
    clock: Clock,
    settings: FilingSettings,
    failed: str = "",
    told: Reading | None = None,
) -> Filed:
    """Files one leased contact. Raises LeaseLost when another has it."""
    one = ToFile(contact_id, facts, reading, told, failed)
    return file_contacts(store, [one], owner=owner, directory=directory, clock=clock, settings=settings)[0]


def file_contacts(
    store: Store,
    waiting: Sequence[ToFile],
    *,
    owner: str,
    directory: Directory,
    clock: Clock,
    settings: FilingSettings,
    numbers: Numbers | None = None,
) -> list[Filed]:
    """Files leased contacts in one transaction, all or none; the results come in any order.

    Raises LeaseLost when another has one of them.
    """
    now = clock()
    cases = [_Ready.of(w, directory, settings) for w in waiting]
    # Whoever locks several cases locks them in the same order, so that two never wait for each other.
    cases.sort(key=lambda c: (c.key, c.what.contact_id))
    with store.write() as session:
        if numbers is not None:
            session.info[NUMBERS] = numbers
        # Nothing below asks for rows that this transaction adds before they are flushed on purpose.
        session.autoflush = False
        contacts = _held(session, [w.contact_id for w in waiting], owner)
        accepted = {a.contact_id: a for a in session.exec(_ACCEPTED, params={"ids": list(contacts)})}
        filed, limits = [], filing_in_force(session, settings)
        for c in cases:
            store.lock(session, c.key)
            i = c.what.contact_id
            filed.append(_filing(session, c, contacts[i], accepted.get(i), directory, limits, now).run())
            session.flush()
        return filed


@dataclass(frozen=True, slots=True)
class _Ready:
    what: ToFile
    requester: Requester
    customer: Customer | None
    doubt: str
    key: str

    @classmethod
    def of(cls, what: ToFile, directory: Directory, settings: FilingSettings) -> _Ready:
        requester = requester_of(what.facts, settings.own_addresses, settings.trusted_forms)
        customer, doubt = customer_for(requester.address, what.reading, directory)
        return cls(what, requester, customer, doubt, customer.id if customer else what.facts.from_address)


_CONTACTS = select(Contact).where(col(Contact.id).in_(many("ids"))).order_by(col(Contact.id)).with_for_update()
_ACCEPTED = select(Acceptance).where(col(Acceptance.contact_id).in_(many("ids")))


def _held(session: Session, ids: Sequence[int], owner: str) -> dict[int, Contact]:
    """The contacts, locked; they are ours only while the lease names us."""
    rows = session.exec(_CONTACTS, params={"ids": list(ids)})
    held = {c.id or 0: c for c in rows if c.state == ContactState.RECEIVED.value and c.lease_owner == owner}
    if lost := [i for i in ids if i not in held]:
        raise LeaseLost(f"contact {lost[0]} is another worker's or filed already")
    return held


def _filing(
    session: Session,
    ready: _Ready,
    contact: Contact,
    accepted: Acceptance | None,
    directory: Directory,
    settings: FilingSettings,
    now: datetime,
) -> CaseFiling:
    what = ready.what
    record = fresh(
        ReadingRecord,
        contact_id=what.contact_id,
        rule_set=what.reading.rule_set,
        data=what.reading.as_row() | _read_as(ready.requester, what.facts),
        zones=[[z.kind.value, z.start, z.end] for z in what.reading.zones],
        created_at=now,
    )
    return CaseFiling(
        session, contact, what.facts, what.told or what.reading, what.reading, record, directory, ready.customer,
        ready.requester, now, settings, what.failed, ready.doubt, accepted=accepted,
    )  # fmt: skip


def _read_as(requester: Requester, facts: MailFacts) -> dict[str, str]:
    """Whose customer it was read for, where that is not the sender's: reading it again needs to know."""
    return {} if requester.address == facts.from_address else {"customer_address": requester.address}
