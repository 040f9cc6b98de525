"""The answer to a contact: whether, which, to whom."""

from __future__ import annotations

from sqlmodel import col, select

from models.statements import ask, bindparam, many
from models.tables import Outbox, Ticket, TicketService
from models.words import MailEvent, OutboxState, TicketEvent, Verdict
from tickets import report as reports
from tickets.answers import choose, queue_answer
from tickets.authentication import passed
from tickets.filing_base import FilingBase
from tickets.floods import add_to_digest, flood_parent, propose_parent
from tickets.recipients import Recipients
from tickets.review import ANSWER_WAITS
from tickets.review import for_review as _review
from tickets.undeliverable import blocked

_ACKNOWLEDGED = (
    select(Ticket.id)
    .join(TicketService, col(TicketService.ticket_id) == col(Ticket.id))
    .where(Ticket.customer_id == bindparam("customer"), col(TicketService.service_id).in_(many("services")))
    .where(Ticket.id != bindparam("ticket"), col(Ticket.opened_at) > bindparam("since"))
    .limit(1)
)


class Answering(FilingBase):
    """The steps that queue the answer."""

    def _answer(self, ticket: Ticket, opened: bool, verdict: Verdict, had_missing: bool, answered: bool) -> Outbox | None:
        s = self.settings
        who = self._recipients(ticket)
        if not self._may_answer(ticket, who.to):
            return None
        parent = flood_parent(self.session, ticket, self.now, s.flood_tickets) if opened else None
        if parent:
            _review(ticket, propose_parent(self.session, ticket, parent, self.now))
            self._event(ticket, "answer", f"{MailEvent.TICKETS_OPENED.value}: one mail for many tickets")
            return add_to_digest(
                self.session,
                parent,
                ticket,
                lambda key: self._queue(parent, MailEvent.TICKETS_OPENED, who, key, counted=True),
                self.now,
            )
        unreadable = verdict is Verdict.UNREADABLE or bool(self.failed)
        event, why = choose(ticket, opened=opened, had_missing=had_missing, unreadable=unreadable, answered=answered)
        if event is MailEvent.INFORMATION_NEEDED:
            self._asked(ticket)
        elif ticket.missing and had_missing:
            _review(ticket, "the customer's answer left something open: " + ", ".join(ticket.missing))
            ticket.reminder_due_at = None
        elif not ticket.missing:
            ticket.reminder_due_at = None
        if event is not MailEvent.INFORMATION_NEEDED and not opened:
            self._move(ticket, TicketEvent.CUSTOMER_WROTE, "the customer wrote")
        self._event(ticket, "answer", f"{event.value}: {why}")
        return self._queue(ticket, event, who, f"contact:{self.contact.id}", counted=self._counts(ticket, opened))

    def _may_answer(self, ticket: Ticket, to: str) -> bool:
        """Whether an automatic answer may go to this address; if not, a person is told why."""
        why = "" if to else "no address to answer to"
        if (
            to
            and self.requester.how == "forwarded"
            and self.customer is None
            and not passed(self.facts, self.settings.authserv_id)
        ):
            why = f"forwarded by {self.facts.from_address}: {to} is not on file and gets no automatic answer"
        elif to and (mark := blocked(self.session, to, self.now)):
            why = f"mail to {to} does not arrive since {mark.since:%d %b %Y}: answer another way"
        if why:
            _review(ticket, why)
            self._event(ticket, "answer", f"none: {why}")
        return not why

    def _queue(self, ticket: Ticket, event: MailEvent, who: Recipients, key: str, *, counted: bool) -> Outbox:
        row = queue_answer(
            self.session,
            ticket,
            event,
            to=who.to,
            facts=self.facts,
            reading=self.reading,
            contact_id=self.contact.id,
            now=self.now,
            settings=self.settings.answers,
            counted=counted,
            dedupe_key=key + (f":{self.contact.again}" if self.contact.again else ""),
            cc=tuple(a for a in who.cc if not blocked(self.session, a, self.now)),
            stranger=self.customer is None,
        )
        if self.settings.answers.holds(ticket):
            row.state = OutboxState.HELD.value
            _review(ticket, ANSWER_WAITS)
        return row

    def _asked(self, ticket: Ticket) -> None:
        ticket.asks += 1
        self._move(ticket, TicketEvent.ASK, "asked for " + ", ".join(ticket.missing).replace("_", " "))
        ticket.reminder_due_at = self.now + self.settings.answers.remind_after(ticket.impact)

    def _counts(self, ticket: Ticket, opened: bool) -> bool:
        """Not the answer to what a customer has just written in a case, nor a service's first acknowledgement in 24 h."""
        if not opened:
            return self.customer is None
        if self.customer is None:
            return True
        services = reports.service_ids(ticket.report)
        since = self.now - self.settings.answers.first_ack
        given = {"customer": self.customer.id, "services": services, "ticket": ticket.id, "since": since}
        return not services or bool(ask(self.session, _ACKNOWLEDGED, **given))

    def _answers_us(self) -> bool:
        tokens = self.settings.answers.tokens
        return not self.facts.forwarded and any(tokens.is_our_message_id(i) for i in self.facts.thread)
