"""Incident priority from impact and urgency, each step explained (docs/domain.md section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.directory import Directory
from models.errors import UserError
from models.policy_file import PriorityRow
from models.tables import Ticket
from models.words import Field, Impact, Priority, TicketEvent, Urgency
from models.write_session import add_event
from tickets.states import look_again, transition
from tickets.urgency import UrgencyFacts, find_urgency

SEVERITY: tuple[Impact, ...] = (Impact.NON_SERVICE_AFFECTING, Impact.DEGRADATION, Impact.SERVICE_AFFECTING)
WORST_FIRST: tuple[Priority, ...] = tuple(Priority)


@dataclass(frozen=True, slots=True)
class Ranked:
    urgency: Urgency
    priority: Priority
    provisional: bool
    steps: tuple[str, ...]


def rank(impact: Impact | None, facts: UrgencyFacts, matrix: PriorityRow) -> Ranked:
    """The priority of a case; without a known impact it is provisional, routed as service affecting."""
    urgency, steps = find_urgency(facts)
    routed = impact or Impact.SERVICE_AFFECTING
    more = () if impact else ("impact unknown: provisionally routed as service affecting",)
    priority = matrix.cells[routed][urgency]
    cell = f"{routed.value} x {urgency.value} = {priority.value}"
    return Ranked(urgency, priority, impact is None, (*steps, *more, cell))


def rank_ticket(
    session: Session,
    ticket: Ticket,
    directory: Directory,
    matrix: PriorityRow,
    *,
    now: datetime,
    actor: str,
    contact_id: int | None = None,
) -> None:
    """Computes the priority anew from the ticket's report; what a person has set stays and is named in the steps."""
    impact = _impact(ticket)
    before = (ticket.impact, ticket.priority, ticket.provisional, ticket.urgency)
    ranked = rank(impact, _facts(ticket, directory), matrix)
    steps, priority = ranked.steps, ranked.priority
    if ticket.priority_override:
        priority = Priority(ticket.priority_override)
        why = f": {ticket.override_why}" if ticket.override_why else ""
        steps = (*steps, f"set to {priority.value} by {ticket.override_by}{why}")
    changed_impact = ticket.impact is not None and ticket.impact != (impact.value if impact else None)
    ticket.impact = impact.value if impact else None
    ticket.urgency, ticket.priority = ranked.urgency.value, priority.value
    ticket.provisional = ranked.provisional and not ticket.priority_override
    ticket.priority_steps = list(steps)
    if before != (ticket.impact, ticket.priority, ticket.provisional, ticket.urgency):
        data = {"from": before[1], "to": ticket.priority, "impact": ticket.impact or "", "urgency": ticket.urgency}
        why = "; ".join(steps)
        add_event(session, ticket.id, "priority", at=now, actor=actor, why=why, contact_id=contact_id, data=data)
        look_again(ticket, now)
    if changed_impact and impact is not Impact.NON_SERVICE_AFFECTING:
        why = f"the impact is {ticket.impact or 'unknown'} now"
        transition(session, ticket, TicketEvent.IMPACT_CHANGED, now=now, actor=actor, why=why, contact_id=contact_id)
    session.add(ticket)


def override(
    session: Session,
    ticket: Ticket,
    directory: Directory,
    matrix: PriorityRow,
    *,
    priority: str,
    now: datetime,
    actor: str,
    why: str,
) -> None:
    """A person sets the priority, or gives it back to the matrix with an empty one. Raises UserError without a reason."""
    if priority and priority not in {p.value for p in Priority}:
        raise UserError(f"{priority!r} is no priority; use {', '.join(p.value for p in Priority)}")
    if priority and not why.strip():
        raise UserError("a priority that is set by hand needs a reason")
    ticket.priority_override, ticket.override_by, ticket.override_why = priority, actor if priority else "", why.strip()
    rank_ticket(session, ticket, directory, matrix, now=now, actor=actor)


def decide_urgency(
    session: Session, ticket: Ticket, directory: Directory, matrix: PriorityRow, *, urgency: str, now: datetime, actor: str
) -> None:
    """A person decides the urgency, or gives it back to the rules with an empty one. Raises UserError."""
    if urgency and urgency not in {u.value for u in Urgency}:
        raise UserError(f"{urgency!r} is no urgency; use {', '.join(u.value for u in Urgency)}")
    ticket.urgency_override = f"{urgency}:{actor}" if urgency else ""
    rank_ticket(session, ticket, directory, matrix, now=now, actor=actor)


def worse(a: Impact | None, b: Impact | None) -> Impact | None:
    """The worse of two impacts; None counts as not known."""
    known = [x for x in (a, b) if x is not None]
    return max(known, key=SEVERITY.index) if known else None


def services_of(ticket: Ticket) -> list[str]:
    """The service IDs of the report, the leading one first."""
    entry = ticket.report.get(Field.SERVICE_ID.value)
    return list(entry["values"]) if entry else []


def _impact(ticket: Ticket) -> Impact | None:
    entry = ticket.report.get(Field.IMPACT.value)
    return Impact(entry["values"][0]) if entry and entry["values"] else None


def _facts(ticket: Ticket, directory: Directory) -> UrgencyFacts:
    known = [s for i in services_of(ticket) if (s := directory.service_by_id.get(i))]
    decided, _, who = ticket.urgency_override.partition(":")
    return UrgencyFacts(
        redundant=tuple(s.redundant for s in known),
        named=len(known),
        of_customer=len(directory.services_by_customer.get(ticket.customer_id or "", ())),
        stated=Urgency(ticket.stated_urgency) if ticket.stated_urgency else None,
        decided=Urgency(decided) if decided else None,
        decided_by=who,
    )
