"""Deferral: what does not touch live traffic rests until the next business day, when both sides have agreed."""

from __future__ import annotations

import re
from datetime import datetime

from models.clock import iso
from models.errors import RefusedError
from models.tables import Ticket
from models.tables_life import Deferral, TicketMark
from models.words import DeferralState, Impact, MailEvent, TicketEvent, TicketState
from tickets.mailing import Work, in_words, tell_customer
from tickets.plan import LifeCase
from tickets.states import LIVE, transition

# Read from the first lines of an answer to our offer; a no anywhere in them counts before a yes.
_NO = re.compile(r"\b(?:no|not|don't|do not|cannot|can't|rather now|disagree|decline)\b", re.I)
_YES = re.compile(r"\b(?:yes|yep|ok(?:ay)?|agreed?|fine|sure|please defer|go ahead|sounds good|no problem|defer it)\b", re.I)
_OF_COURSE = re.compile(r"\bno problem\b", re.I)
_FIRST_CHARS = 300


def offer(work: Work, case: LifeCase, until: datetime, *, by: str) -> Deferral:
    """Offers the customer to rest the ticket until then. Raises RefusedError by name where it cannot rest."""
    _must_rest(case.ticket, until, work.now)
    if case.deferral and case.deferral.state in (DeferralState.OFFERED.value, DeferralState.AGREED.value):
        raise RefusedError(f"{case.ticket.id} has a deferral already; it is {case.deferral.state}")
    row = Deferral(
        ticket_id=case.ticket.id, state=DeferralState.OFFERED.value, until=until, offered_at=work.now, proposed_by=by
    )
    if case.policy.care.deferral == "offer" or by != "clock":
        row.provider_consent = _consent(work, "policy" if by == "clock" else by)
    work.session.add(row)
    if "deferral" not in case.marks:
        work.session.add(TicketMark(ticket_id=case.ticket.id, mark="deferral", at=work.now))
    work.session.flush()
    case.deferral = row
    work.event(case.ticket, "deferral", f"offered until {in_words(until)}", deferral=row.id)
    context = {"due": in_words(until), "deferral": row.id}
    tell_customer(work, case.ticket, MailEvent.DEFERRAL_OFFERED, f"defer:{row.id}", context, counted=False)
    return row


def customer_agrees(work: Work, case: LifeCase, way: str, *, who: str = "") -> None:
    """The customer's consent, with who gave it, how it came and in which contact; with the provider's the ticket rests."""
    row = _open(case)
    if row.customer_consent:
        return
    row.customer_consent = _consent(work, who or case.ticket.requester or "the customer") | {"way": way}
    work.event(case.ticket, "deferral", f"the customer agrees by {way}", deferral=row.id)
    _if_both(work, case, row)


def provider_agrees(work: Work, case: LifeCase) -> None:
    """An agent's consent where policy leaves it to a person."""
    row = _open(case)
    if row.provider_consent:
        return
    row.provider_consent = _consent(work, work.actor)
    work.event(case.ticket, "deferral", f"{work.actor} agrees", deferral=row.id)
    _if_both(work, case, row)


def decline(work: Work, case: LifeCase, why: str) -> None:
    """A side says no, or the impact is another: the ticket goes on, and is awake if it rested."""
    row = _open(case)
    agreed = row.state == DeferralState.AGREED.value
    row.state = (DeferralState.ENDED if agreed else DeferralState.DECLINED).value
    row.ended_at, row.ended_why = work.now, why
    work.session.add(row)
    work.event(case.ticket, "deferral", f"{row.state}: {why}", deferral=row.id)
    if agreed:
        transition(work.session, case.ticket, TicketEvent.WAKE, now=work.now, actor=work.actor, why=why)


def wake(work: Work, case: LifeCase) -> None:
    """The deferral is over: the business day has come, nobody answered the offer, or the ticket went on before."""
    row = _open(case)
    offered, rested = row.state == DeferralState.OFFERED.value, case.ticket.state == TicketState.DEFERRED.value
    row.state = (DeferralState.DECLINED if offered else DeferralState.ENDED).value
    row.ended_at = work.now
    row.ended_why = "no answer came" if offered else "the business day has come" if rested else "the ticket went on before"
    work.session.add(row)
    work.event(case.ticket, "deferral", f"{row.state}: {row.ended_why}", deferral=row.id)
    if rested:
        transition(
            work.session, case.ticket, TicketEvent.WAKE, now=work.now, actor=work.actor, why=row.ended_why, rule="deferral"
        )
        work.review(case.ticket, "the deferral is over")


def consents(words: str) -> bool | None:
    """Whether the customer's own words agree to our offer, refuse it, or say neither."""
    first = _OF_COURSE.sub("yes", words.strip()[:_FIRST_CHARS])
    return False if _NO.search(first) else True if _YES.search(first) else None


def _if_both(work: Work, case: LifeCase, row: Deferral) -> None:
    if not (row.customer_consent and row.provider_consent):
        work.session.add(row)
        work.review(case.ticket, "the customer agrees to a deferral; it waits for ours")
        return
    try:
        _must_rest(case.ticket, row.until, work.now)
    except RefusedError as e:
        decline(work, case, str(e))
        return
    row.state = DeferralState.AGREED.value
    work.session.add(row)
    why = f"both agreed to rest it until {in_words(row.until)}"
    transition(
        work.session, case.ticket, TicketEvent.DEFER, now=work.now, actor=work.actor, why=why, contact_id=work.contact_id
    )
    context = {"due": in_words(row.until)}
    tell_customer(work, case.ticket, MailEvent.DEFERRAL_AGREED, f"deferred:{row.id}", context, counted=False)


def _must_rest(ticket: Ticket, until: datetime, now: datetime) -> None:
    if ticket.impact != Impact.NON_SERVICE_AFFECTING.value:
        raise RefusedError(f"{ticket.id} cannot be deferred: its impact is {(ticket.impact or 'unknown').replace('_', ' ')}")
    if ticket.state not in {s.value for s in LIVE}:
        raise RefusedError(f"{ticket.id} cannot be deferred: it is {ticket.state}")
    if until <= now:
        raise RefusedError(f"{ticket.id} cannot be deferred until {in_words(until)}: that is past")


def _open(case: LifeCase) -> Deferral:
    row = case.deferral
    if row is None or row.state not in (DeferralState.OFFERED.value, DeferralState.AGREED.value):
        raise RefusedError(f"{case.ticket.id} has no deferral that is open")
    return row


def _consent(work: Work, who: str) -> dict[str, object]:
    return {"who": who, "at": iso(work.now), "contact": work.contact_id}
