"""What filing a contact needs and gives, and what all its steps share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from models.directory import Customer, Directory
from models.mail import MailFacts
from models.reading import Reading
from models.tables import Contact, ReadingRecord, Ticket
from models.tables_mail import Acceptance
from models.words import TicketEvent, Verdict
from models.write_session import add_event
from tickets.answers import AnswerSettings
from tickets.other_refs import OtherNumber, numbers_of
from tickets.recipients import Recipients, recipients
from tickets.requester import Requester
from tickets.states import transition


@dataclass(frozen=True, slots=True)
class FilingSettings:
    own_addresses: frozenset[str]
    own_lists: frozenset[str]
    trusted_forms: frozenset[str]
    authserv_id: str
    answers: AnswerSettings
    bounce_address: str = ""
    reopen_days: int = 7
    flood_tickets: int = 10
    public_url: str = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Filed:
    verdict: Verdict
    ticket_id: str | None
    outbox_id: int | None
    contact_id: int = 0


@dataclass(frozen=True, slots=True)
class ToFile:
    """A leased contact and what was read from it.

    `failed` says why it is set aside as unprocessable. `told` is the reading that report and answer go by where the
    sender may not know all that the directory told the other one.
    """

    contact_id: int
    facts: MailFacts
    reading: Reading
    told: Reading | None = None
    failed: str = ""


@dataclass
class FilingBase:
    """One contact while it is filed: what came, what was read, who sent it, and the transaction."""

    session: Session
    contact: Contact
    facts: MailFacts
    reading: Reading
    whole: Reading
    record: ReadingRecord
    directory: Directory
    customer: Customer | None
    requester: Requester
    now: datetime
    settings: FilingSettings
    failed: str
    doubt: str
    accepted: Acceptance | None = field(default=None, kw_only=True)

    def _recipients(self, ticket: Ticket) -> Recipients:
        s = self.settings
        return recipients(self.facts, self.requester, ticket, self.directory, own=s.own_addresses, lists=s.own_lists)

    def _numbers(self) -> tuple[OtherNumber, ...]:
        return numbers_of(self.facts, self.reading, self.customer, self.requester.address)

    def _move(self, ticket: Ticket, event: TicketEvent, why: str) -> None:
        transition(self.session, ticket, event, now=self.now, actor="intake", why=why, contact_id=self.contact.id)

    def _event(self, ticket: Ticket, kind: str, why: str) -> None:
        add_event(self.session, ticket.id, kind, at=self.now, actor="intake", why=why, contact_id=self.contact.id)
