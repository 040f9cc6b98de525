"""Problems: the causes behind incidents, from a ticket or found by the clock, with what keeps them from coming back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from models.errors import NotFoundError, RefusedError, UserError
from models.tables import Ticket
from models.tables_life import PreventiveAction, Problem, ProblemTicket
from models.words import ProblemKind, ProblemState, TicketState
from tickets.mailing import Work

_MOVES: Mapping[ProblemState, frozenset[ProblemState]] = {
    ProblemState.PROPOSED: frozenset({ProblemState.OPEN, ProblemState.DISMISSED}),
    ProblemState.OPEN: frozenset({ProblemState.KNOWN_ERROR, ProblemState.RESOLVED, ProblemState.DISMISSED}),
    ProblemState.KNOWN_ERROR: frozenset({ProblemState.OPEN, ProblemState.RESOLVED}),
    ProblemState.RESOLVED: frozenset({ProblemState.OPEN}),
    ProblemState.DISMISSED: frozenset({ProblemState.OPEN}),
}
ALIVE: tuple[str, ...] = (ProblemState.PROPOSED.value, ProblemState.OPEN.value, ProblemState.KNOWN_ERROR.value)


def open_problem(work: Work, tickets: Iterable[Ticket], title: str) -> Problem:
    """Reactive: a person opens a problem from tickets. Raises UserError without a title."""
    if not title.strip():
        raise UserError("a problem needs a title")
    problem = Problem(
        kind=ProblemKind.REACTIVE.value,
        state=ProblemState.OPEN.value,
        title=title.strip()[:200],
        opened_by=work.actor,
        opened_at=work.now,
    )
    work.session.add(problem)
    work.session.flush()
    for ticket in tickets:
        link_ticket(work, problem, ticket)
    return problem


def link_ticket(work: Work, problem: Problem, ticket: Ticket) -> None:
    """Links an incident; the same link again changes nothing."""
    if work.session.get(ProblemTicket, (problem.id, ticket.id)) is None:
        work.session.add(ProblemTicket(problem_id=problem.id or 0, ticket_id=ticket.id))
        work.event(ticket, "problem", f"linked to problem {problem.id}: {problem.title}", problem=problem.id)


def describe(work: Work, problem: Problem, *, root_cause: str, workaround: str) -> None:
    problem.root_cause, problem.workaround = root_cause.strip(), workaround.strip()
    work.session.add(problem)


def move(work: Work, problem: Problem, to: ProblemState) -> None:
    """Raises RefusedError where the problem cannot go there, or is resolved without a root cause."""
    state = ProblemState(problem.state)
    if to not in _MOVES[state]:
        raise RefusedError(f"problem {problem.id} is {state.value.replace('_', ' ')}; it cannot become {to.value}")
    if to is ProblemState.RESOLVED and not problem.root_cause:
        raise UserError(f"problem {problem.id} cannot be resolved before its root cause is written down")
    problem.state = to.value
    problem.resolved_at = work.now if to is ProblemState.RESOLVED else None
    work.session.add(problem)
    for ticket in tickets_of(work.session, problem.id or 0):
        work.event(ticket, "problem", f"problem {problem.id} is {to.value.replace('_', ' ')}", problem=problem.id)


def accept_outage(work: Work, problem: Problem, parent_id: str) -> None:
    """A person confirms an outage: one ticket is the parent, the others follow it, further contacts are told of it."""
    parent = work.session.get(Ticket, parent_id)
    if parent is None:
        raise NotFoundError(f"there is no ticket {parent_id}")
    if parent.parent_ticket:
        raise RefusedError(f"{parent_id} follows {parent.parent_ticket} itself; it cannot be the parent")
    move(work, problem, ProblemState.OPEN)
    problem.parent_ticket = parent_id
    link_ticket(work, problem, parent)
    for ticket in tickets_of(work.session, problem.id or 0):
        if ticket.id != parent_id and ticket.state != TicketState.MERGED.value:
            follow(work, ticket, parent_id)


def follow(work: Work, ticket: Ticket, parent_id: str) -> None:
    """A ticket becomes part of an outage: it is resolved with its parent."""
    if ticket.parent_ticket == parent_id or ticket.id == parent_id:
        return
    ticket.parent_ticket = parent_id
    work.session.add(ticket)
    work.event(ticket, "outage", f"part of the outage of {parent_id}", parent=parent_id)


def add_action(work: Work, problem: Problem, what: str, owner: str, due_at: datetime) -> PreventiveAction:
    """Raises UserError without words or owner, or for a date in the past."""
    if not what.strip() or not owner.strip():
        raise UserError("a preventive action needs words and an owner")
    if due_at <= work.now:
        raise UserError(f"a preventive action is due in the future; {due_at:%Y-%m-%d} is past")
    row = PreventiveAction(problem_id=problem.id or 0, what=what.strip(), owner=owner.strip(), due_at=due_at)
    work.session.add(row)
    return row


def tickets_of(session: Session, problem_id: int) -> list[Ticket]:
    linked = select(ProblemTicket.ticket_id).where(ProblemTicket.problem_id == problem_id)
    return list(session.exec(select(Ticket).where(col(Ticket.id).in_(linked)).order_by(col(Ticket.opened_at))).all())


def moves(problem: Problem) -> list[str]:
    """The states to which a person may bring a problem now."""
    return sorted(s.value for s in _MOVES[ProblemState(problem.state)])
