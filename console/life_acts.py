"""What an agent may do to a case: a table of acts, each a small function on the case and the form's values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from console.field_values import Words, values_of
from console.known import Known
from models.errors import RefusedError, UserError
from models.tables import Ticket
from models.words import MANDATORY, EscalationCause, Field, TicketEvent
from tickets import corrections, deferral, escalation, merging, priority, problems, reply, rfo, telling
from tickets.mailing import Work
from tickets.plan import LifeCase
from tickets.states import transition

Form = Mapping[str, str]


class NotHere(UserError):
    """What the form names does not exist; the case itself does."""


@dataclass(frozen=True, slots=True)
class Act:
    """`label` stands on the button; `do` works inside one transaction and raises a UserError that the page shows."""

    label: str
    do: Callable[[Work, LifeCase, Known, Form], object]


def _move(event: TicketEvent, default: str) -> Callable[[Work, LifeCase, Known, Form], object]:
    def do(work: Work, case: LifeCase, _: Known, form: Form) -> object:
        case.ticket.accepted = True
        why = form.get("why", "").strip() or default
        return transition(work.session, case.ticket, event, now=work.now, actor=work.actor, why=why)

    return do


def _take(work: Work, case: LifeCase, known: Known, form: Form) -> object:
    case.ticket.responded_at = case.ticket.responded_at or work.now
    return _move(TicketEvent.TAKE, "taken into work")(work, case, known, form)


def _defer(work: Work, case: LifeCase, _: Known, form: Form) -> object:
    calendar = case.policy.calendar_of(case.ticket.customer_id)
    given = form.get("until", "").strip()
    until = _instant(given) if given else calendar.next_business_day(work.now)
    return deferral.offer(work, case, until, by=work.actor)


def _acknowledge(work: Work, case: LifeCase, _: Known, __: Form) -> object:
    if not case.present or not escalation.acknowledge(work, case.present[-1], work.actor):
        raise RefusedError("there is no escalation that waits to be acknowledged")
    return None


def _merge(work: Work, case: LifeCase, _: Known, form: Form) -> None:
    target = work.session.get(Ticket, form.get("target", "").strip().upper(), with_for_update=True)
    if target is None:
        raise NotHere(f"there is no ticket {form.get('target', '')[:40]!r}")
    merging.merge(work, case.ticket, target, form.get("why", "").strip())


def _priority(work: Work, case: LifeCase, known: Known, form: Form) -> None:
    why, to, cells = form.get("why", ""), form.get("priority", ""), case.policy.priority
    priority.override(work.session, case.ticket, known.directory, cells, priority=to, now=work.now, actor=work.actor, why=why)


def _urgency(work: Work, case: LifeCase, known: Known, form: Form) -> None:
    to, cells = form.get("urgency", ""), case.policy.priority
    priority.decide_urgency(work.session, case.ticket, known.directory, cells, urgency=to, now=work.now, actor=work.actor)


def _level(form: Form) -> int:
    text = form.get("level", "").strip()
    if not text.isdigit():
        raise UserError(f"{text!r} is no level; 0 is the contact centre itself")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as e:
        raise UserError(f"{text!r} is no date and time; write 2026-05-04T09:00+02:00") from e
    if at.tzinfo is None:
        raise UserError(f"{text!r} has no time zone; write 2026-05-04T09:00+02:00")
    return at


def _link(work: Work, case: LifeCase, _: Known, form: Form) -> None:
    other = work.session.get(Ticket, form.get("target", "").strip().upper())
    if other is None:
        raise NotHere(f"there is no ticket {form.get('target', '')[:40]!r}")
    merging.link(work, case.ticket, other)


def _question(work: Work, case: LifeCase, _: Known, form: Form) -> None:
    reply.ask_for(work, case.ticket, [f for f in MANDATORY if form.get(f"ask-{f.value}")], form.get("words", ""))


def _field(work: Work, case: LifeCase, known: Known, form: Form) -> None:
    name = form.get("field", "")
    if name not in {f.value for f in corrections.LABELS}:
        raise UserError("Choose the field that you want to change.")
    ticket, field = case.ticket, Field(name)
    words = Words(
        form.get("text", ""), known, ticket.customer_id, ticket.requester, work.now, work.now, form.get("anyway") == "yes"
    )
    change = corrections.Change(field, values_of(field, words), form.get("text", "").strip()[:500])
    corrections.correct(work, ticket, known.directory, [change], contact_id=None)


def _accept(work: Work, case: LifeCase, known: Known, _: Form) -> None:
    corrections.accept_case(work, case.ticket, known.directory, contact_id=None)


# What adds to a case and overwrites nothing: it needs no look at what others have done meanwhile.
FREE = frozenset({"note", "acknowledge", "escalate"})
ACTS: Mapping[str, Act] = {
    "note": Act("Keep the note", lambda w, c, _, f: reply.add_note(w, c.ticket, f.get("words", ""))),
    "question": Act("Ask the customer", _question),
    "field": Act("Change the field", _field),
    "accept": Act("Accept as read", _accept),
    "link": Act("Link", _link),
    "take": Act("Take it", _take),
    "answered": Act("I have answered", lambda w, c, _, f: telling.person_answered(w, c.ticket, f.get("why", "") or "answered")),
    "ask": Act("Wait for the customer", _move(TicketEvent.ASK, "waits for the customer")),
    "resolve": Act("Resolve", lambda w, c, _, f: telling.resolve(w, c, f.get("resolution", ""))),
    "close": Act("Close", _move(TicketEvent.CLOSE, "closed by hand")),
    "reopen": Act("Reopen", _move(TicketEvent.REOPEN, "reopened by hand")),
    "priority": Act("Set priority", _priority),
    "urgency": Act("Set urgency", _urgency),
    "escalate": Act(
        "Escalate", lambda w, c, _, f: escalation.escalate_by_hand(w, c, EscalationCause.AGENT, f.get("reason", ""))
    ),
    "deescalate": Act("De-escalate", lambda w, c, _, f: escalation.deescalate(w, c, _level(f), f.get("reason", ""))),
    "acknowledge": Act("I have it", _acknowledge),
    "defer": Act("Offer deferral", _defer),
    "agree": Act("Agree for us", lambda w, c, _, __: deferral.provider_agrees(w, c)),
    "decline": Act("End deferral", lambda w, c, _, f: deferral.decline(w, c, f.get("why", "") or "ended by hand")),
    "rfo": Act("Request an RFO", lambda w, c, _, __: rfo.request(w, c, by=w.actor, channel="agent")),
    "problem": Act("Open a problem", lambda w, c, _, f: problems.open_problem(w, [c.ticket], f.get("title", ""))),
    "merge": Act("Merge", _merge),
}
