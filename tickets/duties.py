"""The handlers of what is due for a ticket: one row per kind, each run at most once for what it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from models.tables_life import TicketMark
from models.words import EscalationCause
from tickets import deferral, notices, rfo, telling
from tickets.escalation import escalate, matrix_of
from tickets.mailing import Work
from tickets.plan import Due, DueKind, LifeCase, plan, target_due

Handler = Callable[[Work, LifeCase, Due], None]
# So many turns settle everything that several due things of one ticket bring about.
_MOST = 40


def run_due(work: Work, cases: Sequence[LifeCase]) -> None:
    """Does all that is due for these tickets, each in order, and stores when they are to be looked at again.

    After a downtime several levels may be due at once: each is recorded, and only the persons of the highest are told.
    The notices come after all else, so that a whole batch is written to the database in two goes.
    """
    plans = [_walk(work, case, plan(case), but=DueKind.NOTICE) for case in cases]
    work.session.flush()
    for case, ahead in zip(cases, plans, strict=True):
        _store(work, case, _walk(work, case, ahead, but=None))


def _walk(work: Work, case: LifeCase, ahead: list[Due], *, but: DueKind | None) -> list[Due]:
    """Does what is due by the plan, except one kind; gives the plan of what lies ahead after it."""
    for _ in range(_MOST):
        due = [d for d in ahead if d.at <= work.now and d.kind is not but]
        if not due:
            break
        first = due[0]
        higher = (
            [d for d in due if d.kind is DueKind.LEVEL and int(d.key) > int(first.key)] if first.kind is DueKind.LEVEL else []
        )
        if higher:
            _level(work, case, first, notify=False)
        else:
            HANDLERS[first.kind](work, case, first)
        ahead = plan(case)
    return ahead


def _store(work: Work, case: LifeCase, ahead: Sequence[Due]) -> None:
    ticket = case.ticket
    ticket.next_due_at = ahead[0].at if ahead else None
    ticket.response_due_at, ticket.repair_due_at = target_due(case, "response"), target_due(case, "repair")
    work.session.add(ticket)


def _warning(work: Work, case: LifeCase, due: Due) -> None:
    _mark(work, case, f"warning:{due.key}")
    at = target_due(case, due.key)
    if at is None or at <= work.now:
        return
    why = f"{round(case.policy.care.warn_at * 100)} % of the {due.key} time is over"
    work.event(case.ticket, "target", why, target=due.key)
    work.review(case.ticket, why)


def _breach(work: Work, case: LifeCase, due: Due) -> None:
    """Shown, counted, escalated: one level up, where the matrix has one."""
    _mark(work, case, f"breach:{due.key}")
    case.ticket.breaches = [*case.ticket.breaches, f"{due.key}:{due.at.isoformat()}"]
    why = f"the {due.key} time is missed"
    work.event(case.ticket, "breach", why, target=due.key, due=due.at.isoformat())
    work.review(case.ticket, why)
    found, level = matrix_of(case), case.ticket.escalation_level + 1
    if found and found.row.by_age and case.ticket.accepted and found.row.level(level):
        escalate(work, case, level, EscalationCause.BREACH, why)


def _level(work: Work, case: LifeCase, due: Due, *, notify: bool = True) -> None:
    level = int(due.key)
    late = "" if notify else "; caught up, the level above is told"
    escalate(work, case, level, EscalationCause.AGE, f"the ticket's age{late}", notify=notify)


def _offer(work: Work, case: LifeCase, due: Due) -> None:
    calendar = case.policy.calendar_of(case.ticket.customer_id)
    until = calendar.next_business_day(work.now)
    if calendar.is_open(work.now):
        _mark(work, case, "deferral", cycled=False)
        return
    deferral.offer(work, case, until, by="clock")
    case.marks["deferral"] = work.now


def _mark(work: Work, case: LifeCase, mark: str, *, cycled: bool = True) -> None:
    name = case.cycled(mark) if cycled else mark
    work.session.add(TicketMark(ticket_id=case.ticket.id, mark=name, at=work.now))
    case.marks[name] = work.now


HANDLERS: Mapping[DueKind, Handler] = {
    DueKind.WARNING: _warning,
    DueKind.BREACH: _breach,
    DueKind.LEVEL: lambda work, case, due: _level(work, case, due),
    DueKind.NOTICE: lambda work, case, _: notices.send_round(work, case),
    DueKind.WAKE: lambda work, case, _: deferral.wake(work, case),
    DueKind.OFFER: _offer,
    DueKind.UPDATE: lambda work, case, _: telling.update(work, case),
    DueKind.CLOSE: lambda work, case, _: telling.close_after_silence(work, case),
    DueKind.RFO_REMINDER: lambda work, case, due: rfo.remind(work, case, due.key),
    DueKind.RFO_OVERDUE: lambda work, case, _: rfo.overdue(work, case),
}
