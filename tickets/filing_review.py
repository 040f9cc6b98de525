"""What an agent is to see of a contact that was filed."""

from __future__ import annotations

from models.mail import Report
from models.tables import Ticket
from models.words import FindingStatus, Impact, Intent, Verdict
from tickets import report as reports
from tickets.filing_base import FilingBase
from tickets.match import Match
from tickets.review import for_review as _review
from tickets.undeliverable import bounced_address, mark_undeliverable


class Reviewing(FilingBase):
    """The steps that tell an agent."""

    def _for_review(self, ticket: Ticket, opened: bool, verdict: Verdict, match: Match) -> None:
        if verdict not in (Verdict.PERSON,):
            _review(ticket, self.contact.reason)
        if self.doubt:
            _review(ticket, self.doubt)
        self._directory_knows(ticket)
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

    def _directory_knows(self, ticket: Ticket) -> None:
        """For the agent only: what the whole directory says of a mail whose sender may not know it."""
        if self.reading is self.whole:
            return
        for s in self.whole.service_ids:
            service = self.directory.service_by_id.get(s)
            if service and (self.customer is None or service.customer != self.customer.id):
                owner = self.directory.customer_by_id.get(service.customer)
                _review(ticket, f"the directory knows {s}: a service of {owner.name if owner else service.customer}")

    def _robot_joined(self, ticket: Ticket, verdict: Verdict) -> None:
        report = self.facts.report
        if verdict is Verdict.BOUNCE:
            self._bounced(ticket)
        elif report and report.kind == "receipt":
            self._event(ticket, "receipt", f"{report.address or self.facts.from_address}: {report.why}".strip(": "))
        self.session.add(ticket)

    def _bounced(self, ticket: Ticket) -> None:
        """A mail of this ticket came back: an agent is told, and the address gets no more automatic mail."""
        report = self.facts.report or Report("failed", self.facts.failed_address)
        if report.kind != "failed":
            self._event(ticket, "bounce", f"mail to {report.address or ticket.requester} is {report.kind}: {report.why}")
            return
        address = bounced_address(self.session, ticket.id, report)
        why = f" ({report.status or report.why})" if report.status or report.why else ""
        _review(ticket, f"our mail to {address or report.address or ticket.requester} was not delivered{why}")
        if address:
            mark_undeliverable(self.session, address, report, ticket.id, self.contact.id, self.now)
            self._event(ticket, "bounce", f"{address} is undeliverable: {report.why or report.status or 'no reason given'}")
            ticket.reminder_due_at = None
