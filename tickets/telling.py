"""Keeping the customer told: updates at intervals, the resolution with its question, the end after silence."""

from __future__ import annotations

from sqlmodel import col, select

from models.clock import iso
from models.durations import length
from models.errors import UserError
from models.tables import Ticket
from models.words import MailEvent, TicketEvent
from tickets.escalation import holder
from tickets.mailing import Work, in_words, still_unsent, tell_customer
from tickets.plan import LifeCase
from tickets.states import LIVE, look_again, transition

_STATE_WORDS = {
    "new": "Your ticket waits for an engineer",
    "open": "Your ticket is open",
    "in_progress": "An engineer works on it",
    "reopened": "Your ticket was reopened",
}


def update(work: Work, case: LifeCase) -> None:
    """The update that is due by the interval; one that still waits to be sent is not followed by another."""
    ticket = case.ticket
    if still_unsent(work.session, ticket.id, MailEvent.STATUS_UPDATE):
        ticket.told_at = work.now
        work.event(ticket, "told", "the update before this one is not sent yet")
        return
    calendar = case.policy.calendar_of(ticket.customer_id)
    every = case.policy.care.update_every[case.priority]
    context = {
        "holder": holder(case),
        "note": _STATE_WORDS.get(ticket.state, "Your ticket is open") + ".",
        "due": in_words(calendar.add(work.now, length(every))),
    }
    tell_customer(work, ticket, MailEvent.STATUS_UPDATE, f"update:{ticket.id}:{iso(work.now)}", context)
    ticket.told_at = work.now


def resolve(work: Work, case: LifeCase, resolution: str) -> None:
    """Resolved, with what was done; the customer is asked whether it works. Children of an outage go with their parent."""
    if not resolution.strip():
        raise UserError("a resolution needs words: what was done")
    ticket = case.ticket
    transition(work.session, ticket, TicketEvent.RESOLVE, now=work.now, actor=work.actor, why=resolution.strip()[:500])
    ticket.resolution = resolution.strip()
    ticket.responded_at = ticket.responded_at or work.now
    calendar = case.policy.calendar_of(ticket.customer_id)
    until = calendar.add(work.now, length(case.policy.care.close_after))
    key = f"resolved:{ticket.id}:{ticket.escalation_cycle}:{iso(work.now)}"
    tell_customer(work, ticket, MailEvent.RESOLVED, key, {"note": ticket.resolution, "due": in_words(until)}, counted=False)
    work.session.add(ticket)
    children = select(Ticket).where(Ticket.parent_ticket == ticket.id, col(Ticket.state).in_([s.value for s in LIVE]))
    for child in work.session.exec(children).all():
        resolve(work, LifeCase(child, case.policy), resolution)


def close_after_silence(work: Work, case: LifeCase) -> None:
    """Nothing came after the resolution."""
    ticket = case.ticket
    why = "no word since the resolution"
    transition(work.session, ticket, TicketEvent.SILENCE, now=work.now, actor=work.actor, why=why, rule="close-after-silence")
    ticket.review, ticket.review_reasons = False, []
    tell_customer(work, ticket, MailEvent.CLOSED, f"closed:{ticket.id}:{ticket.escalation_cycle}", {}, counted=False)


def person_answered(work: Work, ticket: Ticket, why: str) -> None:
    """A person of ours has answered the customer: the response target is met, the ticket is accepted."""
    ticket.responded_at = ticket.responded_at or work.now
    ticket.accepted, ticket.told_at = True, work.now
    transition(work.session, ticket, TicketEvent.RESPOND, now=work.now, actor=work.actor, why=why)
    look_again(ticket, work.now)
    work.session.add(ticket)
