"""Files what a customer sends from his own pages or by a signed link, through the same steps as a mail."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, select

from models.directory import Directory
from models.errors import NotFoundError, RefusedError
from models.mail import MailFacts
from models.reading import Reading
from models.store import Store
from models.tables import Contact, Event, Outbox, ReadingRecord, Ticket
from models.words import Channel, ContactState, TicketEvent, TicketState, Verdict
from tickets.filing_base import Filed, FilingSettings
from tickets.filing_steps import CaseFiling
from tickets.match import Match, living
from tickets.recipients import Recipients
from tickets.reopening import ENDED, too_late
from tickets.requester import Requester
from tickets.review import for_review
from tickets.states import LIVE

MAILBOX = "panel"


class Act(StrEnum):
    """What the customer wants with it; all but a report are about a ticket of his."""

    REPORT = "report"
    ADD = "add"
    ANSWER = "answer"
    ESCALATE = "escalate"
    RFO = "rfo"
    REOPEN = "reopen"
    WORKS = "works"


@dataclass(frozen=True, slots=True)
class Submission:
    """One form as sent. `key` is the form's own number: the same form sent twice is filed once.

    `customer` is whose it is, empty for an address that is not on file (a signed link of ours vouches for it then).
    `join` is the ticket it is about; `is_new` says that the customer calls it another fault than the open ones.
    """

    key: str
    address: str
    customer: str
    subject: str
    raw: bytes
    at: datetime
    act: Act = Act.REPORT
    name: str = ""
    join: str = ""
    is_new: bool = False
    urgency: str = ""
    how: str = "signed in"
    files: Sequence[str] = field(default=())
    # What the reader could not do within its limits.
    unread: str = ""


def submission_key(address: str, number: str) -> str:
    """The dedupe key of a form: its number counts for this address only."""
    return hashlib.sha256(f"{address}\n{number}".encode()).hexdigest()


def filed_before(session: Session, key: str) -> Contact | None:
    """The contact that this form has become already."""
    return session.exec(select(Contact).where(Contact.mailbox == MAILBOX, Contact.dedupe_key == key)).first()


def file_submission(
    store: Store,
    given: Submission,
    reading: Reading,
    *,
    directory: Directory,
    settings: FilingSettings,
) -> Filed:
    """Keeps the form as a contact and files it, in one short write transaction; a repeat gives what the first one gave.

    Raises RefusedError where the ticket's state does not allow the act, NotFoundError where the ticket is gone; nothing
    is kept then.
    """
    customer = directory.customer_by_id.get(given.customer)
    with store.write() as session:
        store.lock(session, customer.id if customer else given.address)
        before = filed_before(session, given.key)
        if before is not None:
            return Filed(Verdict(before.verdict), before.ticket_id, None)
        _check(session, given, settings)
        contact = Contact(
            channel=Channel.PANEL.value,
            mailbox=MAILBOX,
            dedupe_key=given.key,
            envelope_from=given.address,
            raw=given.raw,
            arrived_at=given.at,
            state=ContactState.RECEIVED.value,
        )
        session.add(contact)
        session.flush()
        facts = MailFacts(
            from_address=given.address,
            envelope_from=given.address,
            envelope_to=(),
            subject=given.subject,
            message_id="",
            received_at=given.at,
            from_name=given.name,
        )
        record = ReadingRecord(
            contact_id=contact.id or 0,
            rule_set=reading.rule_set,
            data=reading.as_row(),
            zones=[[z.kind.value, z.start, z.end] for z in reading.zones],
            created_at=given.at,
        )
        asks = Requester(given.address, given.name)
        session.autoflush = False
        filing = _Submitted(
            session, contact, facts, reading, reading, record, directory, customer, asks, given.at, settings, "", "", given
        )
        return filing.run()


def _check(session: Session, given: Submission, settings: FilingSettings) -> None:
    """Whether the act fits the ticket as it is now."""
    if given.act is Act.REPORT and not given.join:
        return
    ticket = living(session, given.join)
    if ticket is None:
        raise NotFoundError(f"there is no ticket {given.join}")
    if given.act is Act.ESCALATE and ticket.state not in {s.value for s in LIVE}:
        raise RefusedError(f"{ticket.id} is {ticket.state}; reopen it before it is escalated")
    if given.act is Act.REOPEN and ticket.state not in ENDED:
        raise RefusedError(f"{ticket.id} is open already")
    if given.act is not Act.RFO and too_late(session, ticket, given.at, settings.reopen_days):
        raise RefusedError(f"{ticket.id} ended more than {settings.reopen_days} days ago; please report a new problem")


@dataclass
class _Submitted(CaseFiling):
    given: Submission

    def run(self) -> Filed:
        filed = super().run()
        if filed.ticket_id and self.given.files:
            names = list(self.given.files)
            data = {"files": names, "contact": self.contact.id}
            why = f"{len(names)} file{'s' if len(names) > 1 else ''}: {', '.join(names)}"
            event = Event(ticket_id=filed.ticket_id, at=self.now, actor="customer", kind="files", why=why, data=data)
            event.contact_id = self.contact.id
            self.session.add(event)
        return filed

    def _judge(self, accepted: Verdict | None, repeat: str) -> tuple[Verdict, str, list[dict[str, object]]]:
        known = self.customer is not None
        who = f"{self.given.how} as {self.given.address}"
        reason = f"{who}, on file for {self.customer.name}" if self.customer else f"{who}, which is not on file"
        return (Verdict.PERSON if known else Verdict.STRANGER), reason, [{"check": "panel", "hit": not known, "reason": reason}]

    def _match(self, verdict: Verdict) -> Match:
        if self.given.join:
            return Match(living(self.session, self.given.join), why=f"{self.given.act.value}: the customer chose this ticket")
        return super()._match(verdict)

    def _recipients(self, ticket: Ticket) -> Recipients:
        return Recipients(self.given.address)

    def _reopen(self, ticket: Ticket) -> None:
        match self.given.act:
            case Act.WORKS:
                self._move(ticket, TicketEvent.CONFIRM, "the customer says that it works")
            case Act.REOPEN:
                self._move(ticket, TicketEvent.REOPEN, "the customer asks for it to be opened again")
                for_review(ticket, "reopened: the customer says that it does not work")
            case _:
                super()._reopen(ticket)

    def _rank(self, ticket: Ticket) -> None:
        ticket.stated_urgency = self.given.urgency or ticket.stated_urgency
        super()._rank(ticket)

    def _for_review(self, ticket: Ticket, opened: bool, verdict: Verdict, match: Match) -> None:
        super()._for_review(ticket, opened, verdict, match)
        if self.given.unread:
            for_review(ticket, f"the words of the form could not be read: {self.given.unread}")

    def _answers_us(self) -> bool:
        return self.given.act is Act.ANSWER

    def _answer(self, ticket: Ticket, opened: bool, verdict: Verdict, had_missing: bool, answered: bool) -> Outbox | None:
        if self.given.act is Act.WORKS:
            # He reads it on the page; a mail more about a closed case would only be noise.
            ticket.reminder_due_at = None
            if ticket.state in {s.value for s in (TicketState.RESOLVED, TicketState.CLOSED)}:
                ticket.review, ticket.review_reasons = False, []
            return None
        return super()._answer(ticket, opened, verdict, had_missing, answered)
