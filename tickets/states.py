"""The states of a ticket and what leads from one to the other: one table, walked by one function.

A row gives the state after an event; a row that gives the state itself is a late or doubled event, which changes
nothing. What has no row is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from models.clock import iso
from models.errors import RefusedError
from models.tables import Ticket
from models.words import TicketEvent as E
from models.words import TicketState as S
from models.write_session import add_event
from tickets.webhook_events import HookEvent, emit

LIVE: tuple[S, ...] = (S.NEW, S.AWAITING_CUSTOMER, S.OPEN, S.IN_PROGRESS, S.DEFERRED, S.REOPENED)
DONE: tuple[S, ...] = (S.RESOLVED, S.CLOSED)
# Where work goes on: none of ours waits for the customer, a business day, or a last word.
WORKED_ON: tuple[S, ...] = (S.NEW, S.OPEN, S.IN_PROGRESS, S.REOPENED)


def _stay(*states: S) -> dict[S, S]:
    return {s: s for s in states}


def _to(target: S, *states: S) -> dict[S, S]:
    return dict.fromkeys(states, target)


TRANSITIONS: Mapping[E, Mapping[S, S]] = {
    # We asked the customer for something that only he can tell; a question about a done case does not wake it.
    E.ASK: _to(S.AWAITING_CUSTOMER, *WORKED_ON, S.AWAITING_CUSTOMER) | _stay(S.DEFERRED, *DONE, S.MERGED),
    # The customer wrote or called; whether a done ticket comes back by that is REOPEN's question.
    E.CUSTOMER_WROTE: _stay(*WORKED_ON, S.DEFERRED, *DONE, S.MERGED) | _to(S.OPEN, S.AWAITING_CUSTOMER),
    # What was asked for is known, from an agent and not from the customer: nobody is awaited any more.
    E.COMPLETE: _to(S.OPEN, S.AWAITING_CUSTOMER) | _stay(*(s for s in S if s is not S.AWAITING_CUSTOMER)),
    # A person of ours has answered.
    E.RESPOND: _to(S.OPEN, S.NEW) | _stay(*(s for s in S if s is not S.NEW)),
    # A person of ours works on it from now.
    E.TAKE: _to(S.IN_PROGRESS, *LIVE),
    E.DEFER: _to(S.DEFERRED, *WORKED_ON, S.AWAITING_CUSTOMER),
    E.WAKE: _to(S.OPEN, S.DEFERRED) | _stay(*(s for s in S if s is not S.DEFERRED)),
    # Only what does not touch live traffic may lie until the next business day.
    E.IMPACT_CHANGED: _to(S.OPEN, S.DEFERRED) | _stay(*(s for s in S if s is not S.DEFERRED)),
    E.RESOLVE: _to(S.RESOLVED, *LIVE, S.RESOLVED),
    # The customer says that it works.
    E.CONFIRM: _to(S.RESOLVED, *LIVE) | _to(S.CLOSED, *DONE) | _stay(S.MERGED),
    # Nothing came after the resolution for the agreed time.
    E.SILENCE: _to(S.CLOSED, *DONE) | _stay(*LIVE, S.MERGED),
    E.CLOSE: _to(S.CLOSED, *LIVE, *DONE),
    E.REOPEN: _to(S.REOPENED, *DONE) | _stay(*LIVE),
    E.MERGE: _to(S.MERGED, *LIVE, *DONE),
    E.UNMERGE: _to(S.OPEN, S.MERGED),
}


# What other systems are told of.
_HOOKS: Mapping[S, HookEvent] = {S.DEFERRED: HookEvent.DEFERRED, S.RESOLVED: HookEvent.RESOLVED}


class TransitionRefused(RefusedError):
    """This cannot happen to a ticket in this state."""


def next_state(state: S, event: E) -> S:
    """The state after an event. Raises TransitionRefused naming both and what is possible."""
    after = TRANSITIONS[event].get(state)
    if after is None:
        possible = ", ".join(e.value for e in E if state in TRANSITIONS[e])
        raise TransitionRefused(f"{event.value} is not possible for a ticket that is {state.value}; possible: {possible}")
    return after


def begin(session: Session, ticket: Ticket, *, now: datetime, actor: str, contact_id: int | None = None) -> None:
    """The first line of a ticket's life: it is new, and the clock looks at it."""
    ticket.state, ticket.state_log = S.NEW.value, [[iso(ticket.opened_at), S.NEW.value]]
    _append(session, ticket, None, S.NEW, now, actor, "a new case", contact_id, {})


def transition(
    session: Session,
    ticket: Ticket,
    event: E,
    *,
    now: datetime,
    actor: str,
    why: str,
    contact_id: int | None = None,
    rule: str = "",
) -> S:
    """Moves a ticket by an event, inside the caller's transaction, and appends who, when, why and by which contact or rule.

    Returns the state afterwards. Raises TransitionRefused, changing nothing.
    """
    before = S(ticket.state)
    after = next_state(before, event)
    if after is before:
        return after
    ticket.state = after.value
    ticket.state_log = [*ticket.state_log, [iso(now), after.value]]
    if after is S.RESOLVED:
        ticket.resolved_at = now
    if after is S.REOPENED:
        # What was promised counts anew: targets, levels, and each of them once.
        ticket.resolved_at, ticket.responded_at = None, None
        ticket.escalation_cycle, ticket.escalation_level = ticket.escalation_cycle + 1, 0
        ticket.breaches = []
    data = {"event": event.value, "rule": rule} if rule else {"event": event.value}
    _append(session, ticket, before, after, now, actor, why, contact_id, data)
    if (hook := _HOOKS.get(after)) is not None:
        emit(session, hook, ticket_id=ticket.id, now=now)
    return after


def look_again(ticket: Ticket, now: datetime) -> None:
    """Lets the clock plan this ticket anew with its next pass."""
    if ticket.next_due_at is None or ticket.next_due_at > now:
        ticket.next_due_at = now


def since(ticket: Ticket) -> list[tuple[datetime, S]]:
    """The ticket's states with the instant from which each held, the oldest first."""
    log = [(datetime.fromisoformat(at), S(state)) for at, state in ticket.state_log]
    return log or [(ticket.opened_at, S(ticket.state))]


def time_in(ticket: Ticket, states: frozenset[S], now: datetime) -> timedelta:
    """How long the ticket has been in these states, by the clock on the wall."""
    log = since(ticket)
    ends = [at for at, _ in log[1:]] + [now]
    return sum((end - at for (at, state), end in zip(log, ends, strict=True) if state in states), timedelta())


def _append(
    session: Session,
    ticket: Ticket,
    before: S | None,
    after: S,
    now: datetime,
    actor: str,
    why: str,
    contact_id: int | None,
    data: dict[str, str],
) -> None:
    moved = {"from": before.value if before else "", "to": after.value, **data}
    add_event(session, ticket.id, "state", at=now, actor=actor, why=why, contact_id=contact_id, data=moved)
    look_again(ticket, now)
    session.add(ticket)
