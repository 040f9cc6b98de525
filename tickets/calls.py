"""Files what a call has told, through the same steps as a mail: verdict, ticket, report, priority, events, answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from models.directory import Directory
from models.mail import MailFacts
from models.reading import Reading
from models.store import Store
from models.tables import Contact, Outbox, ReadingRecord, Ticket
from models.words import Channel, ContactState, Field, Verdict
from tickets import report as reports
from tickets.clock_pass import load_case
from tickets.escalation import customer_escalates, holder, next_level, not_before
from tickets.filing_base import Filed, FilingSettings
from tickets.filing_steps import CaseFiling
from tickets.mailing import LifeSettings, Work
from tickets.match import Match
from tickets.recipients import Recipients
from tickets.requester import Requester
from tickets.review import for_review
from tickets.states import LIVE

SMS = "sms"
MAILBOX = "phone"
_REASON_CHARS = 300


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call beside its words; `called` is the number of ours that was called.

    `email` is the contact on file who calls from this number, for the customer `customer`; both are empty for a number that
    is not on file. `answer_to` is an address or a number, or empty for no answer. `join` is the ticket that the caller may
    write to, `link` one that he named without proof.
    """

    key: str
    number: str
    subject: str
    words: str
    called: str = ""
    email: str = ""
    customer: str = ""
    answer_to: str = ""
    join: str = ""
    link: str = ""
    quiet: bool = False
    escalates: bool = False
    reviews: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True)
class Escalated:
    """What a caller who asked for an escalation is told; `again` is when he may ask next, if it was too early."""

    holder: str
    next_level: str
    again: datetime | None = None


@dataclass(frozen=True, slots=True)
class FiledCall:
    """`escalated` is None where nothing was, because nobody asked, or the caller did not show whose the ticket is."""

    contact_id: int
    filed: Filed
    escalated: Escalated | None = None


def file_call(
    store: Store,
    session: Session,
    facts: CallFacts,
    reading: Reading,
    *,
    directory: Directory,
    settings: FilingSettings,
    now: datetime,
) -> FiledCall:
    """Keeps the words of a call as a contact and files it, inside the caller's write transaction.

    The contact is unique on `facts.key`, so a call can be filed once only.
    """
    customer = directory.customer_by_id.get(facts.customer)
    store.lock(session, customer.id if customer else facts.number or facts.key)
    contact = Contact(
        channel=Channel.PHONE.value,
        mailbox=MAILBOX,
        dedupe_key=facts.key,
        envelope_from=facts.number,
        raw=facts.words.encode(),
        arrived_at=now,
        state=ContactState.RECEIVED.value,
    )
    session.add(contact)
    session.flush()
    mail = MailFacts(
        from_address=facts.email or facts.number or "number withheld",
        envelope_from=facts.number,
        envelope_to=(facts.called,) if facts.called else (),
        subject=facts.subject,
        message_id="",
        received_at=now,
    )
    record = ReadingRecord(
        contact_id=contact.id or 0,
        rule_set=reading.rule_set,
        data=reading.as_row(),
        zones=[[z.kind.value, z.start, z.end] for z in reading.zones],
        created_at=now,
    )
    asks = Requester(mail.from_address, "")
    with session.no_autoflush:
        filing = _Call(
            session, contact, mail, reading, reading, record, directory, customer, asks, now, settings, "", "", facts
        )
        filed = filing.run()
    session.flush()
    return FiledCall(contact.id or 0, filed, filing.escalated)


@dataclass
class _Call(CaseFiling):
    call: CallFacts
    escalated: Escalated | None = None

    def _judge(self, accepted: Verdict | None, repeat: str) -> tuple[Verdict, str, list[dict[str, object]]]:
        known = self.customer is not None
        reason = (
            f"calls from the number on file of {self.call.email}"
            if known
            else f"the number {self.call.number or '(withheld)'} is not on file for this service"
        )
        rows: list[dict[str, object]] = [{"check": "caller", "hit": not known, "reason": reason}]
        return (Verdict.PERSON if known else Verdict.STRANGER), reason, rows

    def _match(self, verdict: Verdict) -> Match:
        if self.call.join:
            ticket = self.session.get(Ticket, self.call.join)
            if ticket is not None:
                return Match(ticket, why="the caller gave this ticket and its service ID, or goes on with his own call")
        if self.call.link:
            return Match(linked=self.call.link, why=f"names {self.call.link}, but did not give its service ID")
        return super()._match(verdict)

    def _recipients(self, ticket: Ticket) -> Recipients:
        return Recipients(self.call.answer_to)

    def _react(self, ticket: Ticket, opened: bool) -> Outbox | None:
        """A caller on file whose mail address is known gets what a writer gets; others wait for a person."""
        if self.call.escalates:
            return self._escalate(ticket)
        return super()._react(ticket, opened) if "@" in self.call.answer_to else None

    def _escalate(self, ticket: Ticket) -> Outbox | None:
        """One level up, as if the customer had written; only for who gave the ticket and its service."""
        if ticket.id != self.call.join or ticket.state not in {s.value for s in LIVE}:
            return None
        settings = LifeSettings(self.settings.answers, self.settings.public_url)
        # Without an address of the caller's own the mail goes to who is written to in this case.
        to = self.call.answer_to if "@" in self.call.answer_to else ""
        work = Work(self.session, self.now, settings, "customer", self.contact.id, answer_to=to)
        case = load_case(self.session, ticket)
        again = not_before(work, case)
        words = " ".join(self.call.words.split())[:_REASON_CHARS]
        customer_escalates(work, case, f"the customer asks for it by telephone: {words}")
        self.escalated = Escalated(holder(case), next_level(case), again)
        return self.session.get(Outbox, work.queued[0]) if work.queued else None

    def _answer(self, ticket: Ticket, opened: bool, verdict: Verdict, had_missing: bool, answered: bool) -> Outbox | None:
        self._words_for_a_person(ticket)
        if self.call.quiet:
            return None
        if not self.call.answer_to:
            if ticket.missing:
                for_review(ticket, "the caller left open " + ", ".join(ticket.missing) + " and cannot be written to")
            return None
        row = super()._answer(ticket, opened, verdict, had_missing, answered)
        if row is not None and "@" not in row.to_address:
            row.channel = SMS
            row.context = row.context | {"service": ", ".join(reports.service_ids(ticket.report))}
            self.session.add(row)
        return row

    def _words_for_a_person(self, ticket: Ticket) -> None:
        for reason in self.call.reviews:
            for_review(ticket, reason)
        if self.call.escalates and self.escalated is None:
            for_review(ticket, "the caller asks for an escalation, and did not show whose the ticket is")
            self._event(ticket, "escalation_asked", self.call.words[:500])


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of a recording whose call was filed before they came."""

    recording: str
    number: str
    ticket: str
    text: str


def file_transcript(
    store: Store,
    session: Session,
    transcript: Transcript,
    reading: Reading,
    *,
    directory: Directory,
    settings: FilingSettings,
    now: datetime,
) -> None:
    """Adds the words of a recording to its ticket: they take the place of "recorded message", and fill what was open."""
    ticket = session.get(Ticket, transcript.ticket, with_for_update=True)
    if ticket is None:
        return
    entry = ticket.report.get(Field.DESCRIPTION.value)
    if entry and entry.get("raw") == transcript.recording:
        words = reading.description or transcript.text
        ticket.report = ticket.report | {Field.DESCRIPTION.value: entry | {"values": [words], "raw": words}}
        session.add(ticket)
    facts = CallFacts(
        key=f"transcript:{transcript.recording}",
        number=transcript.number,
        subject="Words of a recording",
        words=transcript.text,
        customer=ticket.customer_id or "",
        join=ticket.id,
        quiet=True,
    )
    file_call(store, session, facts, reading, directory=directory, settings=settings, now=now)
