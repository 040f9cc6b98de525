"""What a request changes on a ticket: fields of the report, urgency, priority, state; each by the functions that agents use."""

from __future__ import annotations

from collections.abc import Mapping

from api.door import Api
from api.problems import wrong_field
from api.shapes import TicketChange
from models.clock import iso
from models.directory import Directory
from models.errors import RefusedError
from models.token_store import Bearer
from models.words import Field, TicketEvent, TicketState
from tickets import priority, telling
from tickets.corrections import Change, correct
from tickets.mailing import Work
from tickets.plan import LifeCase
from tickets.states import look_again, transition

# Names in the API, and the report field that each of them is.
REPORT: Mapping[str, Field] = {
    "service_ids": Field.SERVICE_ID,
    "circuit_ids": Field.CIRCUIT_ID,
    "ip_addresses": Field.IP_ADDRESS,
    "impact": Field.IMPACT,
    "start_time": Field.START_TIME,
    "description": Field.DESCRIPTION,
    "fault_pattern": Field.FAULT_PATTERN,
    "test_results": Field.TEST_RESULTS,
}
# What only people of ours decide.
OURS = frozenset({"priority", "urgency", "state", "resolution", "reason"})
_MOVES: Mapping[TicketState, TicketEvent] = {
    TicketState.IN_PROGRESS: TicketEvent.TAKE,
    TicketState.AWAITING_CUSTOMER: TicketEvent.ASK,
    TicketState.CLOSED: TicketEvent.CLOSE,
    TicketState.REOPENED: TicketEvent.REOPEN,
}


def change(api: Api, who: Bearer, work: Work, case: LifeCase, given: TicketChange, directory: Directory) -> None:
    """Applies the fields that the body names. Raises a problem, and nothing is changed."""
    named = given.model_fields_set
    if who.customer and (theirs := sorted(named & OURS)):
        raise wrong_field(f"body.{theirs[0]}", "cannot be changed by a customer's token; send a contact instead")
    ticket = case.ticket
    changes = [c for name in named & REPORT.keys() if (c := _change(name, given)) is not None]
    real = [c for c in changes if list(c.values) != _present(case, c.field)]
    if real:
        correct(work, ticket, directory, real, contact_id=None)
    cells = case.policy.priority
    if "urgency" in named:
        to = given.urgency.value if given.urgency else ""
        priority.decide_urgency(work.session, ticket, directory, cells, urgency=to, now=work.now, actor=work.actor)
    if "priority" in named:
        to = given.priority.value if given.priority else ""
        if to and not given.reason:
            raise wrong_field("body.reason", "a priority that is set needs a reason")
        priority.override(work.session, ticket, directory, cells, priority=to, now=work.now, actor=work.actor, why=given.reason)
    if "state" in named and given.state and given.state.value != ticket.state:
        _move(work, case, given)
    ticket.version += 1
    look_again(ticket, work.now)
    work.session.add(ticket)


def _move(work: Work, case: LifeCase, given: TicketChange) -> None:
    assert given.state
    case.ticket.accepted = True
    if given.state is TicketState.RESOLVED:
        if not given.resolution:
            raise wrong_field("body.resolution", "a resolution needs words: what was done")
        telling.resolve(work, case, given.resolution)
        return
    event = _MOVES.get(given.state)
    if event is None:
        raise wrong_field("body.state", f"use {', '.join(s.value for s in (*_MOVES, TicketState.RESOLVED))}")
    if given.state is TicketState.IN_PROGRESS:
        case.ticket.responded_at = case.ticket.responded_at or work.now
    after = transition(work.session, case.ticket, event, now=work.now, actor=work.actor, why=given.reason or "set by the API")
    if after is not given.state:
        raise RefusedError(f"{case.ticket.id} is {after.value} and cannot become {given.state.value}")


def _change(name: str, given: TicketChange) -> Change | None:
    value = getattr(given, name)
    if name == "start_time":
        values = [iso(value)] if value else []
    elif isinstance(value, list):
        values = list(dict.fromkeys(value))
    else:
        values = [str(getattr(value, "value", value))] if value else []
    return Change(REPORT[name], tuple(values), ", ".join(values))


def _present(case: LifeCase, field: Field) -> list[str]:
    return list((case.ticket.report.get(field.value) or {}).get("values") or ())
