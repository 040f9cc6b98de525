"""Files one contact: verdict, ticket, report, priority, events and answer, together in one short write transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.clock import Clock
from models.directory import Customer, Directory
from models.errors import LeaseLost
from models.mail import MailFacts
from models.reading import Reading
from models.store import Store
from models.tables import Contact, Event, Outbox, ReadingRecord, ThreadRef, Ticket, TicketService
from models.words import ContactState, FindingStatus, Impact, Intent, MailEvent, TicketState, Verdict
from tickets import report as reports
from tickets.answers import AnswerSettings, choose, queue_answer
from tickets.checks import ANSWERED, MAY_JOIN, OPENS, Case, judge
from tickets.ids import next_ticket_id
from tickets.match import Match, find_ticket
from tickets.priority import rank

REMIND_AFFECTING = timedelta(minutes=30)
REMIND_OTHERS = timedelta(hours=4)
_FIRST_ACK = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class FilingSettings:
    own_addresses: frozenset[str]
    own_lists: frozenset[str]
    trusted_forms: frozenset[str]
    authserv_id: str
    answers: AnswerSettings


@dataclass(frozen=True, slots=True)
class Filed:
    verdict: Verdict
    ticket_id: str | None
    outbox_id: int | None


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
) -> Filed:
    """Files a leased contact. `failed` says why it is set aside as unprocessable. Raises LeaseLost when another has it."""
    now = clock()
    with store.write() as session:
        contact = session.get(Contact, contact_id, with_for_update=True)
        if contact is None or contact.state != ContactState.RECEIVED.value or contact.lease_owner != owner:
            raise LeaseLost(f"contact {contact_id} is another worker's or filed already")
        customer = directory.customer_of_address(facts.from_address) if facts.from_address else None
        store.lock(session, customer.id if customer else facts.from_address)
        # Nothing below asks for rows that this transaction adds, so it need not flush before each question.
        session.autoflush = False
        return _Filing(session, contact, facts, reading, directory, customer, now, settings, failed).run()


@dataclass
class _Filing:
    session: Session
    contact: Contact
    facts: MailFacts
    reading: Reading
    directory: Directory
    customer: Customer | None
    now: datetime
    settings: FilingSettings
    failed: str

    def run(self) -> Filed:
        verdict, reason, rows = judge(self._case())
        match = Match()
        if verdict in MAY_JOIN:
            robot = verdict not in OPENS
            match = find_ticket(
                self.session, self.facts, self.reading, self.customer, self.settings.answers.tokens, now=self.now, robot=robot
            )
        ticket, opened = match.ticket, False
        if ticket is None and verdict in OPENS:
            ticket, opened = self._open(), True
        self._close_contact(verdict, reason, rows, ticket)
        if ticket is None:
            return Filed(verdict, None, None)
        row = self._work_on(ticket, opened, verdict, reason, match)
        return Filed(verdict, ticket.id, row.id if row else None)

    def _case(self) -> Case:
        mid = self.facts.message_id
        tokens = self.settings.answers.tokens
        marks = self.facts.values("x-intake-loop")
        ours = tokens.is_our_message_id(mid) or any(tokens.loop_mark(mid) == m.strip() for m in marks)
        s = self.settings
        return Case(self.facts, self.reading, self.customer, s.own_addresses, s.own_lists, ours, s.authserv_id)

    def _open(self) -> Ticket:
        ticket = Ticket(
            id=next_ticket_id(self.session, self.contact.arrived_at),
            customer_id=self.customer.id if self.customer else None,
            company=self.customer.name if self.customer else "",
            requester=self.facts.from_address,
            subject=self.facts.subject,
            opened_at=self.contact.arrived_at,
            last_contact_at=self.now,
        )
        self.session.add(ticket)
        self.session.flush()
        return ticket

    def _close_contact(self, verdict: Verdict, reason: str, rows: list[dict[str, object]], ticket: Ticket | None) -> None:
        c = self.contact
        c.state = ContactState.UNPROCESSABLE.value if self.failed else ContactState.FILED.value
        c.verdict, c.reason, c.checks = verdict.value, reason, rows
        c.last_error = self.failed
        c.from_address, c.subject, c.message_id = self.facts.from_address, self.facts.subject, self.facts.message_id
        c.ticket_id = ticket.id if ticket else None
        c.filed_at, c.lease_until, c.lease_owner = self.now, None, ""
        data, zones = self.reading.as_row(), [[z.kind.value, z.start, z.end] for z in self.reading.zones]
        self.session.add(
            ReadingRecord(contact_id=c.id or 0, rule_set=self.reading.rule_set, data=data, zones=zones, created_at=self.now)
        )
        self.session.add(c)

    def _work_on(self, ticket: Ticket, opened: bool, verdict: Verdict, reason: str, match: Match) -> Outbox | None:
        self._event(ticket, "opened" if opened else "joined", match.why or reason)
        if self.facts.message_id and self.session.get(ThreadRef, self.facts.message_id) is None:
            self.session.add(ThreadRef(message_id=self.facts.message_id, ticket_id=ticket.id))
        if verdict not in OPENS:
            self._robot_joined(ticket, verdict)
            return None
        had_missing = bool(ticket.missing)
        filled = self._merge(ticket)
        self._rank(ticket)
        self._for_review(ticket, opened, verdict, match)
        ticket.last_contact_at, ticket.version = self.now, ticket.version + 1
        row = self._answer(ticket, opened, verdict, had_missing, filled, match) if verdict in ANSWERED else None
        self.session.add(ticket)
        return row

    def _robot_joined(self, ticket: Ticket, verdict: Verdict) -> None:
        if verdict is Verdict.BOUNCE:
            who = self.facts.failed_address or ticket.requester
            _review(ticket, f"our mail to {who} was not delivered")
        self.session.add(ticket)

    def _merge(self, ticket: Ticket) -> bool:
        result = reports.merge(ticket.report, self.reading, self.contact.id)
        ticket.report = result.report
        ticket.missing = [f.value for f in reports.missing(result.report)]
        for service in result.new_services:
            self.session.add(TicketService(ticket_id=ticket.id, service_id=service))
        for conflict in result.conflicts:
            _review(ticket, conflict)
        if result.filled:
            self._event(ticket, "report", "read: " + ", ".join(result.filled))
        return bool(result.filled)

    def _rank(self, ticket: Ticket) -> None:
        known = [self.directory.service_by_id.get(s) for s in reports.service_ids(ticket.report)]
        impact = reports.impact_of(ticket.report)
        ranked = rank(impact, redundant=tuple(s.redundant for s in known if s))
        if (ticket.impact, ticket.priority, ticket.provisional) != (impact, ranked.priority.value, ranked.provisional):
            self._event(ticket, "priority", "; ".join(ranked.steps))
        ticket.impact = impact.value if impact else None
        ticket.urgency, ticket.priority = ranked.urgency.value, ranked.priority.value
        ticket.provisional, ticket.priority_steps = ranked.provisional, list(ranked.steps)

    def _for_review(self, ticket: Ticket, opened: bool, verdict: Verdict, match: Match) -> None:
        if verdict in (Verdict.STRANGER, Verdict.UNREADABLE, Verdict.MACHINE_FAULT):
            _review(ticket, self.contact.reason)
        if match.linked and match.linked != ticket.id:
            ticket.linked_ticket = match.linked
            _review(ticket, match.why)
        if opened and match.unknown_ref:
            _review(ticket, match.why)
        if self.failed:
            _review(ticket, f"could not be processed: {self.failed}")
        for s in reports.service_ids(ticket.report):
            service = self.directory.service_by_id.get(s)
            if service is None:
                _review(ticket, f"service {s} is not in the directory")
            elif self.customer and service.customer != self.customer.id:
                _review(ticket, f"service {s} is another customer's")
        doubtful = {f.field.value for f in self.reading.findings if f.status is FindingStatus.CONFIRM}
        if doubtful:
            _review(ticket, "to confirm: " + ", ".join(sorted(doubtful)))
        if self.reading.intent in (Intent.QUESTION, Intent.ESCALATION, Intent.RFO_REQUEST):
            _review(ticket, f"the customer's {self.reading.intent.value.replace('_', ' ')} waits for a person")
        if ticket.provisional or ticket.impact == Impact.SERVICE_AFFECTING.value:
            ticket.review = True

    def _answer(
        self, ticket: Ticket, opened: bool, verdict: Verdict, had_missing: bool, filled: bool, match: Match
    ) -> Outbox | None:
        to = self._answer_to()
        if not to:
            _review(ticket, "no address to answer to")
            return None
        unreadable = verdict is Verdict.UNREADABLE or bool(self.failed)
        event, why = choose(ticket, opened=opened, had_missing=had_missing, unreadable=unreadable, filled=filled)
        if event is MailEvent.INFORMATION_NEEDED:
            self._asked(ticket)
        elif ticket.missing and had_missing:
            _review(ticket, "the customer's answer left something open: " + ", ".join(ticket.missing))
            ticket.reminder_due_at = None
        elif not ticket.missing:
            ticket.reminder_due_at = None
            ticket.state = TicketState.NEW.value if opened else TicketState.OPEN.value
        self._event(ticket, "answer", f"{event.value}: {why}")
        return queue_answer(
            self.session,
            ticket,
            event,
            to=to,
            facts=self.facts,
            reading=self.reading,
            contact_id=self.contact.id,
            now=self.now,
            settings=self.settings.answers,
            counted=self._counts(ticket, opened, event),
            dedupe_key=f"contact:{self.contact.id}",
        )

    def _asked(self, ticket: Ticket) -> None:
        ticket.asks += 1
        ticket.state = TicketState.AWAITING_CUSTOMER.value
        routed = ticket.impact or Impact.SERVICE_AFFECTING.value
        wait = REMIND_AFFECTING if routed == Impact.SERVICE_AFFECTING.value else REMIND_OTHERS
        ticket.reminder_due_at = self.now + wait if ticket.asks == 1 else None

    def _answer_to(self) -> str:
        reply_to = self.facts.reply_to
        if reply_to and reply_to != self.facts.from_address:
            owner = self.directory.customer_of_address(reply_to)
            on_file = owner is not None and self.customer is not None and owner.id == self.customer.id
            if on_file or self.facts.from_address in self.settings.trusted_forms:
                return reply_to
        return self.facts.from_address

    def _counts(self, ticket: Ticket, opened: bool, event: MailEvent) -> bool:
        """The first acknowledgement for a customer's service in 24 h, and a completed report, do not count."""
        if not opened:
            return event is not MailEvent.INFORMATION_RECEIVED
        if self.customer is None:
            return True
        services = reports.service_ids(ticket.report)
        earlier = self.session.exec(
            select(Ticket.id)
            .join(TicketService, col(TicketService.ticket_id) == col(Ticket.id))
            .where(Ticket.customer_id == self.customer.id, col(TicketService.service_id).in_(services))
            .where(Ticket.id != ticket.id, col(Ticket.opened_at) > self.now - _FIRST_ACK)
            .limit(1)
        ).first()
        return not services or earlier is not None

    def _event(self, ticket: Ticket, kind: str, why: str) -> None:
        self.session.add(
            Event(ticket_id=ticket.id, at=self.now, actor="intake", kind=kind, why=why, contact_id=self.contact.id)
        )


def _review(ticket: Ticket, reason: str) -> None:
    ticket.review = True
    if reason not in ticket.review_reasons:
        ticket.review_reasons = [*ticket.review_reasons, reason]
