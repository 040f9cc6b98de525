"""What a customer's message sets off in the ticket's life, beside its filing: escalation, RFO, consent, known outage."""

from __future__ import annotations

from dataclasses import dataclass

from models.directory import Directory
from models.errors import RefusedError
from models.reading import Reading
from models.tables import Ticket
from models.words import DeferralState, Intent, MailEvent
from tickets import deferral, rfo
from tickets.answers import own_words
from tickets.clock_pass import load_case
from tickets.escalation import customer_escalates
from tickets.mailing import Work, tell_customer
from tickets.plan import LifeCase
from tickets.policy import load_policy
from tickets.priority import services_of
from tickets.proactive import known_outage
from tickets.problems import follow, link_ticket
from tickets.states import LIVE

_REASON_CHARS = 300


@dataclass(frozen=True, slots=True)
class Reaction:
    """`answered`: the customer got his answer by it, and no other is needed."""

    answered: bool = False
    why: str = ""


def react(
    work: Work, ticket: Ticket, reading: Reading, directory: Directory, *, opened: bool, by: str, channel: str
) -> Reaction:
    """Call it inside the filing's transaction, after the report was merged and ranked."""
    # To a case that was opened just now nothing has happened yet that would have to be asked for.
    case = LifeCase(ticket, load_policy(work.session)) if opened else load_case(work.session, ticket)
    words = " ".join(own_words(reading).split())[:_REASON_CHARS]
    if reading.intent is Intent.ESCALATION and ticket.state in {s.value for s in LIVE}:
        work.session.flush()
        event = customer_escalates(work, case, f"the customer asks for it: {words}")
        return Reaction(True, event.value)
    if reading.intent is Intent.RFO_REQUEST and not opened:
        made = rfo.request(work, case, by=by, channel=channel)
        return Reaction(True, "rfo-requested" if made else "rfo-not-possible")
    if case.deferral and case.deferral.state == DeferralState.OFFERED.value and not opened:
        return _consent(work, case, words, channel)
    if opened and reading.intent is Intent.REPORT:
        return _outage(work, ticket, directory)
    return Reaction()


def _consent(work: Work, case: LifeCase, words: str, channel: str) -> Reaction:
    answer = deferral.consents(words)
    if answer is None:
        return Reaction()
    try:
        if answer:
            deferral.customer_agrees(work, case, channel)
            agreed = case.deferral is not None and case.deferral.state == DeferralState.AGREED.value
            return Reaction(agreed, "deferral agreed")
        deferral.decline(work, case, "the customer wants it worked on now")
    except RefusedError as e:
        work.review(case.ticket, str(e))
    return Reaction()


def _outage(work: Work, ticket: Ticket, directory: Directory) -> Reaction:
    problem = known_outage(work.session, services_of(ticket), directory)
    if problem is None or problem.parent_ticket is None or problem.parent_ticket == ticket.id:
        return Reaction()
    work.session.flush()
    link_ticket(work, problem, ticket)
    follow(work, ticket, problem.parent_ticket)
    context = {"note": problem.title.removeprefix("Possible outage: "), "workaround": problem.workaround}
    tell_customer(work, ticket, MailEvent.KNOWN_OUTAGE, f"known-outage:{ticket.id}", context, counted=False)
    return Reaction(True, "known outage")
