"""Escalation of a ticket: by its age, by a missed target, by a customer or an agent; each level once in each cycle."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.durations import length
from models.errors import RefusedError, UserError
from models.matrix_file import MatrixVersion
from models.tables import Ticket
from models.tables_life import Escalation, TicketMark
from models.words import EscalationCause, MailEvent
from tickets.mailing import Work, in_words, tell_customer
from tickets.plan import LifeCase, level_ages, plan
from tickets.states import LIVE, look_again
from tickets.webhook_events import HookEvent, emit

NOBODY = "the contact centre's duty agents"


def escalate(work: Work, case: LifeCase, level: int, cause: EscalationCause, reason: str, *, notify: bool = True) -> Escalation:
    """Records that a ticket reached a level; the database refuses the same level twice in one cycle.

    With `notify` the level's persons are told with the clock's next pass.
    """
    ticket, found = case.ticket, matrix_of(case)
    row = found.row.level(level) if found else None
    made = Escalation(
        ticket_id=ticket.id,
        cycle=ticket.escalation_cycle,
        level=level,
        title=row.title if row else "",
        cause=cause.value,
        actor=work.actor,
        reason=reason,
        at=work.now,
        contact_id=work.contact_id,
        matrix=found.row.name if found else "",
        matrix_version=found.version if found else 0,
        next_notice_at=work.now if notify and row else None,
    )
    work.session.add(made)
    case.escalations.append(made)
    ticket.escalation_level = level
    who = f"level {level}" + (f" ({row.title})" if row else "")
    work.event(ticket, "escalated", f"{who}: {reason}", level=level, cause=cause.value)
    told = {"level": level, "cause": cause.value, "reason": reason}
    emit(work.session, HookEvent.ESCALATED, ticket_id=ticket.id, now=work.now, data=told)
    if row is None:
        work.review(ticket, f"escalated to {who}: {reason}; no matrix names a person for it")
    look_again(ticket, work.now)
    work.session.add(ticket)
    return made


def escalate_by_hand(work: Work, case: LifeCase, cause: EscalationCause, reason: str) -> Escalation:
    """One level up, at any time, for a reason. Raises UserError without one, RefusedError for a case that is done."""
    if not reason.strip():
        raise UserError("an escalation needs a reason")
    if case.state not in LIVE:
        raise RefusedError(f"{case.ticket.id} is {case.state.value}; reopen it before it is escalated")
    top = len(found.row.levels) if (found := matrix_of(case)) else 0
    level = case.ticket.escalation_level + 1
    if top and level > top:
        last = case.present[-1] if case.present else None
        if last:
            # Its persons are told anew, in full rounds.
            last.acknowledged_at, last.next_notice_at = None, work.now
            last.asked_again = -(-last.round // case.policy.care.notice_rounds)
            last.round = last.asked_again * case.policy.care.notice_rounds
            work.session.add(last)
            work.event(case.ticket, "escalated", f"again at the top level {last.level}: {reason}", level=last.level)
            look_again(case.ticket, work.now)
            work.session.add(case.ticket)
            return last
    return escalate(work, case, level, cause, reason)


def customer_escalates(work: Work, case: LifeCase, reason: str) -> MailEvent:
    """The customer asks for the next level: done and answered, or, within the hour, answered with where it stands.

    Returns the mail that was queued; a done case goes to a person instead.
    """
    again = not_before(work, case)
    if again is not None:
        work.event(case.ticket, "escalation_limited", f"asked again before {in_words(again)}: {reason}")
        _answer(work, case, MailEvent.ESCALATION_LIMITED, again)
        return MailEvent.ESCALATION_LIMITED
    escalate_by_hand(work, case, EscalationCause.CUSTOMER, _with_breach(case, reason))
    _answer(work, case, MailEvent.ESCALATED, None)
    return MailEvent.ESCALATED


def not_before(work: Work, case: LifeCase) -> datetime | None:
    """When the customer may escalate next, or None if he may now."""
    every = length(case.policy.care.customer_escalates_every)
    last = max((e.at for e in case.escalations if e.cause == EscalationCause.CUSTOMER.value), default=None)
    again = last + timedelta(seconds=every.amount) if last else None
    return again if again and again > work.now else None


def deescalate(work: Work, case: LifeCase, level: int, reason: str) -> None:
    """Back to a lower level, 0 for the contact centre itself; ages that are past do not bring it up again."""
    ticket = case.ticket
    if not 0 <= level < ticket.escalation_level:
        raise RefusedError(f"{ticket.id} is at level {ticket.escalation_level}; it cannot go down to {level}")
    if not reason.strip():
        raise UserError("a de-escalation needs a reason")
    for row in case.present:
        row.next_notice_at = None
        work.session.add(row)
    ticket.escalation_cycle, ticket.escalation_level = ticket.escalation_cycle + 1, level
    # What has been warned of and breached stays so; it is not said again because the level changed.
    marks = [m.rpartition(":")[0] for m in case.marks if m.endswith(f":{ticket.escalation_cycle - 1}")]
    for mark in {*(m for m in marks if m != "deescalated"), "deescalated"}:
        work.session.add(TicketMark(ticket_id=ticket.id, mark=case.cycled(mark), at=work.now))
    work.event(ticket, "deescalated", f"to level {level}: {reason}", level=level)
    look_again(ticket, work.now)
    work.session.add(ticket)


def acknowledge(work: Work, escalation: Escalation, who: str) -> bool:
    """A person takes the escalation: its reminders stop. False when somebody has it already."""
    if escalation.acknowledged_at is not None:
        return False
    escalation.acknowledged_at, escalation.acknowledged_by, escalation.next_notice_at = work.now, who, None
    work.session.add(escalation)
    ticket = work.session.get(Ticket, escalation.ticket_id)
    if ticket:
        work.event(ticket, "acknowledged", f"{who} has level {escalation.level}", level=escalation.level)
        look_again(ticket, work.now)
        work.session.add(ticket)
    return True


def matrix_of(case: LifeCase) -> MatrixVersion | None:
    return case.policy.matrix_for(case.ticket.customer_id, case.services)


def holder(case: LifeCase) -> str:
    """Who has the case now, in words for the customer."""
    last = case.present[-1] if case.present else None
    if last is None or case.ticket.escalation_level == 0:
        return NOBODY
    return f"level {last.level}" + (f", {last.title}" if last.title else "")


def next_level(case: LifeCase) -> str:
    """The level after the present one, in words, or an empty string at the top."""
    found = matrix_of(case)
    row = found.row.level(case.ticket.escalation_level + 1) if found else None
    return f"level {row.level}, {row.title}" if row else ""


def preview(case: LifeCase) -> list[dict[str, str]]:
    """Who is called when for this ticket as it stands, level by level."""
    found = matrix_of(case)
    if found is None:
        return []
    ages = {n: (age, at) for n, age, at in level_ages(case)}
    rows = []
    reached = {e.level: e for e in case.present}
    for level in found.row.levels:
        age, at = ages.get(level.level, (None, None))
        persons = "; ".join(f"{p.name} ({', then '.join(f'{w.by.value} {w.to}' for w in p.ways)})" for p in level.persons)
        when = in_words(at) if at else "not by age" if age is None else "while the clock stands: not"
        if level.level in reached:
            when = f"reached {in_words(reached[level.level].at)}"
        rows.append(
            {"level": f"{level.level} {level.title}", "age": age.words if age else "", "when": when, "persons": persons}
        )
    return rows


def _with_breach(case: LifeCase, reason: str) -> str:
    missed = ", ".join(b.split(":")[0] for b in case.ticket.breaches)
    return f"{reason} ({missed} target missed)" if missed else reason


def _answer(work: Work, case: LifeCase, event: MailEvent, again: datetime | None) -> None:
    upcoming = next((d.at for d in plan(case) if d.kind.value == "level"), None)
    context = {
        "holder": holder(case),
        "next_level": next_level(case),
        "due": in_words(upcoming) if upcoming and upcoming > work.now else "",
        "again": in_words(again) if again else "",
    }
    count = f"{case.ticket.escalation_cycle}:{case.ticket.escalation_level}:{work.contact_id or work.now.isoformat()}"
    tell_customer(work, case.ticket, event, f"{event.value}:{case.ticket.id}:{count}", context, counted=False)
