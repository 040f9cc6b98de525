"""The steps of filing one contact: judged, joined or opened, merged, ranked, answered."""

from __future__ import annotations

from models.fresh import fresh
from models.tables import Outbox, ThreadRef, Ticket, TicketService
from models.words import ContactState, Intent, TicketEvent, Verdict
from models.write_session import add_row
from tickets import report as reports
from tickets.answers import own_words
from tickets.carrier_notices import keep_notice
from tickets.channels import candidates, narrow
from tickets.checks import ANSWERED, MAY_JOIN, OPENS, Case, judge
from tickets.filing_answer import Answering
from tickets.filing_base import Filed
from tickets.filing_review import Reviewing
from tickets.ids import next_ticket_id
from tickets.mailing import LifeSettings, Work
from tickets.match import REFS, Look, Match, find_ticket, thread_refs
from tickets.on_contact import react
from tickets.other_refs import keep_numbers
from tickets.policy import load_policy
from tickets.priority import rank_ticket
from tickets.reopening import ENDED, confirms, too_late
from tickets.repeats import repeated, said_before
from tickets.review import for_review as _review
from tickets.set_aside import reprocessed
from tickets.states import begin
from tickets.urgency import stated_urgency
from tickets.webhook_events import HookEvent, emit


class CaseFiling(Answering, Reviewing):
    """Files one contact of one case, within its transaction."""

    def run(self) -> Filed:
        self.session.info[REFS] = {}
        accepted = self.accepted
        said = said_before(self.session, self.facts, self.whole, self.now)
        verdict, reason, rows = self._judge(Verdict(accepted.verdict) if accepted else None, repeated(said))
        if self.contact.accepted_by and verdict is Verdict.UNWANTED:
            verdict = Verdict.PERSON if self.customer else Verdict.STRANGER
            reason = f"accepted by {self.contact.accepted_by}"
        again = accepted is not None or self.contact.again > 0
        self._close_contact(verdict, reason, rows, again=again)
        if verdict is Verdict.MAINTENANCE:
            keep_notice(self.session, self.contact.id or 0, self.facts, self.directory, self.now)
        match = self._match(verdict) if verdict in MAY_JOIN else Match()
        if self.contact.ticket_id:
            match = Match(self.session.get(Ticket, self.contact.ticket_id), why="processed again")
        ticket, opened = match.ticket, False
        if ticket is None and verdict is Verdict.REPEATED and said and said.ticket_id:
            ticket = self.session.get(Ticket, said.ticket_id)
        if ticket is None and verdict in OPENS:
            ticket, opened = self._open(), True
        if ticket is None:
            return Filed(verdict, None, None, self.contact.id or 0)
        self.contact.ticket_id = ticket.id
        if said:
            said.ticket_id = ticket.id
        row = self._work_on(ticket, opened, verdict, reason, match)
        return Filed(verdict, ticket.id, row.id if row else None, self.contact.id or 0)

    def _judge(self, accepted: Verdict | None, repeat: str) -> tuple[Verdict, str, list[dict[str, object]]]:
        return judge(self._case(accepted, repeat))

    def _case(self, accepted: Verdict | None, repeat: str) -> Case:
        mid = self.facts.message_id
        tokens = self.settings.answers.tokens
        marks = self.facts.values("x-intake-loop")
        ours = tokens.is_our_message_id(mid) or any(tokens.is_loop_mark(m) for m in marks)
        s = self.settings
        return Case(
            self.facts, self.whole, self.customer, s.own_addresses, s.own_lists, ours, s.authserv_id,
            s.trusted_forms, s.bounce_address, repeat, accepted,
        )  # fmt: skip

    def _match(self, verdict: Verdict) -> Match:
        """The case that this belongs to; one that ended too long ago is linked only."""
        robot = verdict not in OPENS
        look = Look(self.facts, self.reading, self.customer, self.requester.address, self._numbers(), robot)
        match = find_ticket(self.session, look, self.settings.answers.tokens, now=self.now)
        if match.ticket and not robot and too_late(self.session, match.ticket, self.now, self.settings.reopen_days):
            days = self.settings.reopen_days
            return Match(linked=match.ticket.id, why=f"{match.why}, but {match.ticket.id} ended more than {days} days ago")
        return match

    def _open(self) -> Ticket:
        ticket = fresh(
            Ticket,
            id=next_ticket_id(self.session, self.contact.arrived_at),
            customer_id=self.customer.id if self.customer else None,
            company=self.customer.name if self.customer else "",
            requester=self.requester.address,
            subject=self._subject(),
            opened_at=self.contact.arrived_at,
            last_contact_at=self.now,
        )
        # Written with its answer, as it is then; who asks the database for it before flushes first.
        begin(self.session, ticket, now=self.now, actor="intake", contact_id=self.contact.id)
        return ticket

    def _subject(self) -> str:
        original = self.facts.original
        return original.subject if original and original.subject and self.requester.how == "forwarded" else self.facts.subject

    def _close_contact(self, verdict: Verdict, reason: str, rows: list[dict[str, object]], *, again: bool) -> None:
        c = self.contact
        c.state = ContactState.UNPROCESSABLE.value if self.failed else ContactState.FILED.value
        c.verdict, c.reason, c.checks = verdict.value, reason, rows
        c.last_error = self.failed
        c.from_address, c.subject, c.message_id = self.facts.from_address, self.facts.subject, self.facts.message_id
        c.filed_at, c.lease_until, c.lease_owner = self.now, None, ""
        company = self.customer.name if self.customer else ""
        self.record.head = " ".join((self.facts.from_address, self.facts.from_name, company, self.facts.subject))
        if again:
            self.session.merge(self.record)
        else:
            self.session.add(self.record)
        self.session.add(c)

    def _work_on(self, ticket: Ticket, opened: bool, verdict: Verdict, reason: str, match: Match) -> Outbox | None:
        if not opened:
            # The clock and the agents hold a ticket by its row; what was read before it was ours may be old.
            self.session.refresh(ticket, with_for_update=True)
        self._event(ticket, "opened" if opened else "joined", match.why or reason)
        if verdict not in OPENS:
            self._robot_joined(ticket, verdict)
            return None
        self._keep_thread(ticket, opened)
        # Read again for us: what the customer was told stands, and he has not written again.
        quiet = not opened and bool(self.contact.again) and reprocessed(self.session, ticket.id, self.contact.id or 0)
        if not quiet:
            self._reopen(ticket)
        had_missing = bool(ticket.missing)
        answered = self._merge(ticket) or self._answers_us()
        if opened:
            emit(self.session, HookEvent.OPENED, ticket_id=ticket.id, now=self.now)
        elif had_missing and not ticket.missing:
            self._event(ticket, "completed", "all mandatory fields are known")
            emit(self.session, HookEvent.COMPLETED, ticket_id=ticket.id, now=self.now)
        self._rank(ticket)
        self._for_review(ticket, opened, verdict, match)
        ticket.version += 1
        if quiet:
            if had_missing and not ticket.missing:
                self._move(ticket, TicketEvent.COMPLETE, "read again: nothing is missing any more")
            self.session.add(ticket)
            return None
        ticket.last_contact_at = self.now
        if opened:
            ticket.accepted = verdict is Verdict.PERSON
        row = self._react(ticket, opened) if verdict is Verdict.PERSON else None
        # Processed again and failed again: that is no news to the customer.
        if row is None and verdict in ANSWERED and not (self.failed and self.contact.again):
            row = self._answer(ticket, opened, verdict, had_missing, answered)
        self.session.add(ticket)
        return row

    def _keep_thread(self, ticket: Ticket, opened: bool) -> None:
        """This mail's ID, and those it answers: what it answers may be filed after it, or come from somebody in copy."""
        keep_numbers(self.session, self._numbers(), ticket.id, self.now, opened=opened)
        own = self.facts.message_id
        others = self.facts.thread[:20] if opened and not self.facts.forwarded and not self.reading.says_new else ()
        ids = [i for i in dict.fromkeys((own, *others)) if i]
        known = thread_refs(self.session, ids)
        for i in ids:
            if i not in known:
                add_row(self.session, ThreadRef, message_id=i, ticket_id=ticket.id)

    def _reopen(self, ticket: Ticket) -> None:
        """A request for the RFO leaves a resolved ticket as it is; "works, thanks" closes it; anything else brings it back."""
        if ticket.state not in ENDED or self.reading.intent is Intent.RFO_REQUEST:
            return
        if self.reading.impact is None and confirms(own_words(self.reading)):
            self._move(ticket, TicketEvent.CONFIRM, "the customer says that it works")
        else:
            self._move(ticket, TicketEvent.REOPEN, f"the customer wrote to a {ticket.state} ticket")
            _review(ticket, "reopened: the customer wrote again")

    def _react(self, ticket: Ticket, opened: bool) -> Outbox | None:
        """What the message sets off in the ticket's life; the answer to it, where it brings its own."""
        settings = LifeSettings(self.settings.answers, self.settings.public_url)
        to = self._recipients(ticket).to
        work = Work(self.session, self.now, settings, "customer", self.contact.id, facts=self.facts, answer_to=to)
        who, channel = self.facts.from_address, self.contact.channel
        done = react(work, ticket, self.reading, self.directory, opened=opened, by=who, channel=channel)
        if not done.answered or not work.queued:
            return None
        self._event(ticket, "answer", done.why)
        return self.session.get(Outbox, work.queued[0])

    def _merge(self, ticket: Ticket) -> bool:
        result = reports.merge(ticket.report, self.reading, self.contact.id)
        ticket.report, narrowed = result.report, ""
        if not reports.service_ids(ticket.report) and self.customer:
            used = candidates(self.session, self.facts.envelope_to, self.customer, self.directory)
            ticket.report, narrowed = narrow(ticket.report, self.reading, used, self.contact.id)
            for service in reports.service_ids(ticket.report):
                add_row(self.session, TicketService, ticket_id=ticket.id, service_id=service)
        ticket.missing = [f.value for f in reports.missing(ticket.report)]
        for service in result.new_services:
            add_row(self.session, TicketService, ticket_id=ticket.id, service_id=service)
        for conflict in result.conflicts:
            _review(ticket, conflict)
        if result.filled:
            self._event(ticket, "report", "read: " + ", ".join(result.filled))
        if narrowed:
            self._event(ticket, "report", narrowed)
        return bool(result.filled)

    def _rank(self, ticket: Ticket) -> None:
        ticket.stated_urgency = ticket.stated_urgency or (stated_urgency(own_words(self.reading)) or "")
        matrix = load_policy(self.session).priority
        rank_ticket(self.session, ticket, self.directory, matrix, now=self.now, actor="intake", contact_id=self.contact.id)
