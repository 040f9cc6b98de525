"""What is due for a ticket and when: worked out anew from its states, its promises and what has already happened.

Nothing here writes. The clock runs what is due (tickets/duties.py) and stores when it must look again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from models.durations import Length, length
from models.tables import Ticket
from models.tables_life import Deferral, Escalation, Rfo
from models.words import DeferralState, Impact, Priority, RfoState
from models.words import TicketState as S
from tickets.calendars import Calendar
from tickets.policy import Policy
from tickets.priority import services_of
from tickets.states import LIVE, WORKED_ON, since

# In which states each clock runs; in all others it stands.
RUNS: dict[str, frozenset[S]] = {
    "response": frozenset(WORKED_ON),
    "repair": frozenset(WORKED_ON),
    "age": frozenset((*WORKED_ON, S.AWAITING_CUSTOMER)),
}
TARGETS: tuple[str, ...] = ("response", "repair")


class DueKind(StrEnum):
    """Each has its handler in tickets/duties.py."""

    WARNING = "warning"
    BREACH = "breach"
    LEVEL = "level"
    NOTICE = "notice"
    WAKE = "wake"
    OFFER = "offer"
    UPDATE = "update"
    CLOSE = "close"
    RFO_REMINDER = "rfo_reminder"
    RFO_OVERDUE = "rfo_overdue"


_ORDER = {kind: n for n, kind in enumerate(DueKind)}


@dataclass(frozen=True, slots=True)
class Due:
    """Something to do at an instant; `key` says which, such as the target or the level."""

    at: datetime
    kind: DueKind
    key: str = ""


@dataclass
class LifeCase:
    """A ticket with what has already happened to it."""

    ticket: Ticket
    policy: Policy
    marks: dict[str, datetime] = field(default_factory=dict)
    escalations: list[Escalation] = field(default_factory=list)
    deferral: Deferral | None = None
    rfo: Rfo | None = None

    @property
    def state(self) -> S:
        return S(self.ticket.state)

    @property
    def priority(self) -> Priority:
        return Priority(self.ticket.priority)

    @property
    def services(self) -> list[str]:
        return services_of(self.ticket)

    def cycled(self, mark: str) -> str:
        """The mark's name in the present cycle: a reopened ticket is warned of and breached anew."""
        return f"{mark}:{self.ticket.escalation_cycle}"

    @property
    def present(self) -> list[Escalation]:
        """The escalations of the present cycle, the lowest level first."""
        rows = [e for e in self.escalations if e.cycle == self.ticket.escalation_cycle]
        return sorted(rows, key=lambda e: e.level)


def plan(case: LifeCase) -> list[Due]:
    """All that is due for a ticket, now or later, the earliest first."""
    parts = (_targets(case), _levels(case), _notices(case), _deferral(case), _telling(case), _rfo(case))
    found = [due for part in parts for due in part]
    return sorted(found, key=lambda d: (d.at, _ORDER[d.kind], d.key))


def target_due(case: LifeCase, kind: str) -> datetime | None:
    """When a response or repair is promised; None where nothing is, it is done, or its clock stands."""
    found = _promised(case, kind)
    return _over(running(case.ticket, RUNS[kind]), found[1], found[0]) if found else None


def level_ages(case: LifeCase) -> list[tuple[int, Length, datetime | None]]:
    """Each level with its age and when the ticket reaches it; None while the clock stands."""
    matrix = case.policy.matrix_for(case.ticket.customer_id, case.services)
    if matrix is None or not matrix.row.by_age:
        return []
    calendar = case.policy.calendar(matrix.row.calendar)
    ages = ((level.level, level.age(case.priority)) for level in matrix.row.levels)
    stretches = running(case.ticket, RUNS["age"])
    return [(n, age, _over(stretches, age, calendar)) for n, age in ages if age]


def running(ticket: Ticket, states: frozenset[S]) -> list[tuple[datetime, datetime | None]]:
    """The stretches in which the ticket was in these states since it was opened, or reopened last."""
    log = since(ticket)
    begins = max((n for n, (_, state) in enumerate(log) if state is S.REOPENED), default=0)
    out: list[tuple[datetime, datetime | None]] = []
    for n in range(begins, len(log)):
        at, state = log[n]
        until = log[n + 1][0] if n + 1 < len(log) else None
        if state in states:
            out.append((at, until))
    return out


def _over(stretches: Sequence[tuple[datetime, datetime | None]], amount: Length, calendar: Calendar) -> datetime | None:
    """When so much of the calendar's time is over in these stretches; None where the clock stands before."""
    left = amount.amount
    for begin, end in stretches:
        if end is None:
            return calendar.add_amount(begin, left, amount.unit)
        used = calendar.between(begin, end, amount.unit)
        if used >= left - 1e-9:
            return calendar.add_amount(begin, left, amount.unit)
        left -= used
    return None


def _promised(case: LifeCase, kind: str) -> tuple[Calendar, Length] | None:
    if case.state not in LIVE or (kind == "response" and case.ticket.responded_at):
        return None
    row = case.policy.targets_for(case.ticket.customer_id, case.services)
    amount = row.of(kind, case.priority)
    return (case.policy.calendar(row.calendar), amount) if amount else None


def _targets(case: LifeCase) -> Iterator[Due]:
    for kind in TARGETS:
        found = _promised(case, kind)
        if found is None or case.cycled(f"breach:{kind}") in case.marks:
            continue
        calendar, amount = found
        part = Length(amount.amount * case.policy.care.warn_at, amount.unit, amount.text)
        stretches = running(case.ticket, RUNS[kind])
        warn, breach = _over(stretches, part, calendar), _over(stretches, amount, calendar)
        if warn and case.cycled(f"warning:{kind}") not in case.marks:
            yield Due(warn, DueKind.WARNING, kind)
        if breach:
            yield Due(breach, DueKind.BREACH, kind)


def _levels(case: LifeCase) -> Iterator[Due]:
    """By age only what a person sent or an agent accepted, and only upwards."""
    if case.state not in LIVE or not case.ticket.accepted:
        return
    stepped_down = case.marks.get(case.cycled("deescalated"))
    for level, _, at in level_ages(case):
        if at and level > case.ticket.escalation_level and not (stepped_down and at <= stepped_down):
            yield Due(at, DueKind.LEVEL, str(level))


def _notices(case: LifeCase) -> Iterator[Due]:
    rows = case.present
    if not rows or case.state not in LIVE:
        return
    last = rows[-1]
    if last.acknowledged_at is None and last.next_notice_at:
        yield Due(last.next_notice_at, DueKind.NOTICE, str(last.level))


def _deferral(case: LifeCase) -> Iterator[Due]:
    d = case.deferral
    if d and d.state in (DeferralState.OFFERED.value, DeferralState.AGREED.value):
        # One that was agreed, and whose ticket went on before its time, is over at once.
        left = d.state == DeferralState.AGREED.value and case.state is not S.DEFERRED
        yield Due(since(case.ticket)[-1][0] if left else d.until, DueKind.WAKE)
    if case.state in (*WORKED_ON, S.AWAITING_CUSTOMER) and _may_be_offered(case):
        yield Due(case.ticket.opened_at, DueKind.OFFER)


def _may_be_offered(case: LifeCase) -> bool:
    ticket = case.ticket
    if case.policy.care.deferral == "never" or case.deferral or "deferral" in case.marks or not ticket.accepted:
        return False
    if ticket.impact != Impact.NON_SERVICE_AFFECTING.value or ticket.escalation_level:
        return False
    return not case.policy.calendar_of(ticket.customer_id).is_open(ticket.opened_at)


def _telling(case: LifeCase) -> Iterator[Due]:
    ticket, calendar = case.ticket, case.policy.calendar_of(case.ticket.customer_id)
    if case.state is S.RESOLVED and ticket.resolved_at:
        yield Due(calendar.add(ticket.resolved_at, length(case.policy.care.close_after)), DueKind.CLOSE)
    every = case.policy.care.update_every.get(case.priority)
    if every and case.state in WORKED_ON and ticket.accepted:
        begin = max(ticket.told_at or ticket.opened_at, since(ticket)[-1][0])
        yield Due(calendar.add(begin, length(every)), DueKind.UPDATE)


def _rfo(case: LifeCase) -> Iterator[Due]:
    rfo = case.rfo
    if rfo is None or rfo.state == RfoState.SENT.value:
        return
    calendar = case.policy.calendar_of(case.ticket.customer_id)
    for n, text in enumerate(case.policy.care.rfo_reminders, 1):
        if f"rfo:{rfo.id}:reminder:{n}" not in case.marks:
            yield Due(calendar.add(rfo.requested_at, length(text)), DueKind.RFO_REMINDER, str(n))
    if f"rfo:{rfo.id}:overdue" not in case.marks:
        yield Due(rfo.due_at, DueKind.RFO_OVERDUE)
