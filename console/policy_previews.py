"""What a document would change before it is put in force: in words, on tickets and mails as they are."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.calendar_file import DAYS
from models.durations import Length, length
from models.tables import Outbox, Ticket
from models.words import Impact, Priority, TicketState, Urgency
from tickets.calendars import Calendar, NeverOpens
from tickets.handover import hours_words
from tickets.policy import Policy

_MOST = 200
_SHOWN = 20


def previewed(session: Session, kind: str, name: str, before: Policy, after: Policy, now: datetime) -> list[str]:
    """Sentences on what becomes of what there is."""
    if kind == "priority":
        return _priorities(session, after)
    if kind == "limits":
        return _caps(session, after, now)
    if kind == "calendar":
        return [f"open {hours_words(after.calendar(name))}", *_days(after, name, now)]
    if kind == "targets":
        return _promises(session, name, before, after, now)
    if kind == "matrix":
        return _reach(session, name, before, after, now)
    return []


def _open(session: Session) -> list[Ticket]:
    ended = [TicketState.CLOSED.value, TicketState.MERGED.value, TicketState.RESOLVED.value]
    query = select(Ticket).where(col(Ticket.state).not_in(ended)).order_by(col(Ticket.opened_at).desc()).limit(_MOST)
    return list(session.exec(query))


def _priorities(session: Session, after: Policy) -> list[str]:
    tickets = [t for t in _open(session) if not t.priority_override]
    changes = []
    for t in tickets:
        impact = Impact(t.impact) if t.impact else Impact.SERVICE_AFFECTING
        new = after.priority.cells[impact][Urgency(t.urgency_override or t.urgency)]
        if new.value != t.priority:
            changes.append(f"{t.id}: {t.priority} would be {new.value} when it is next ranked")
    return [f"{len(changes)} of {len(tickets)} open tickets would have another priority", *changes[:_SHOWN]]


def _caps(session: Session, after: Policy, now: datetime) -> list[str]:
    """How many of yesterday's mails the caps would have held back."""
    query = select(Outbox.to_address, Outbox.created_at).where(col(Outbox.created_at) > now - timedelta(days=1))
    rows = session.exec(query.where(col(Outbox.counted).is_(True)).order_by(col(Outbox.created_at))).all()
    hour, day = after.limits.cap_per_hour, after.limits.cap_per_day
    per_hour, per_day, waiting = Counter[tuple[str, int]](), Counter[str](), 0
    for to, at in rows:
        slot = (to, int(at.timestamp()) // 3600)
        per_hour[slot] += 1
        per_day[to] += 1
        waiting += bool((hour and per_hour[slot] > hour) or (day and per_day[to] > day))
    return [f"of {len(rows)} counted mails of the last 24 hours {waiting} would have waited"]


def _days(after: Policy, name: str, now: datetime) -> list[str]:
    """The next week by this calendar, its holidays and special days too, and when a business day from now is over."""
    calendar = after.calendar(name)
    today, out = now.astimezone(calendar.zone).date(), []
    for day in (today + timedelta(days=n) for n in range(7)):
        why = calendar.holiday(day)
        spans = [] if why else calendar.row.hours.get(DAYS[day.weekday()], [])
        hours = ", ".join(f"{a} to {b}" for a, b in spans)
        out.append(f"{day:%a %d %b}: " + (hours or ("closed" + (f" ({why})" if why not in ("", "closed") else ""))))
    return [*out, f"one business day from now is over{_due(calendar, length('1bd'), now)}"]


def _due(calendar: Calendar, after: Length, now: datetime) -> str:
    """`, by Mon 30 Nov 09:00 UTC`, or that it is not in sight."""
    try:
        return f", by {calendar.add(now, after):%a %d %b %H:%M} UTC"
    except NeverOpens:
        return ": not within two years"


def _promises(session: Session, name: str, before: Policy, after: Policy, now: datetime) -> list[str]:
    """What a ticket opened now would be promised by these targets, and how many open ones would have others than now."""
    out: list[str] = []
    targets = next((t for t in after.targets if t.name == name), after.targets_for(None, ()))
    calendar = after.calendar(targets.calendar)
    for p in Priority:
        first, repair = targets.of("response", p), targets.of("repair", p)
        words = [f"{what} {f'within {given.text}' + _due(calendar, given, now) if given else 'not promised'}" for what, given in
                 (("first answer", first), ("repair", repair))]  # fmt: skip
        out.append(f"{p.value}: {', '.join(words)}")
    moved = sum(before.targets_for(*_of(t)) != after.targets_for(*_of(t)) for t in _open(session))
    return [f"{moved} open tickets would have other targets; opened now, a ticket would have:", *out]


def _reach(session: Session, name: str, before: Policy, after: Policy, now: datetime) -> list[str]:
    """How many open tickets change hands, and whom a ticket opened now would reach by this matrix, and when."""
    moved = 0
    for t in _open(session):
        old, new = before.matrix_for(*_of(t)), after.matrix_for(*_of(t))
        moved += (old.row if old else None) != (new.row if new else None)
    out = [f"{moved} open tickets would escalate by another matrix or version"]
    matrix = next((m.row for m in after.matrices if m.row.name == name), None)
    for level in matrix.levels if matrix else ():
        calendar = after.calendar(matrix.calendar if matrix else "default")
        ages = [f"{p.value} after {a.text}{_due(calendar, a, now)}" for p in Priority if (a := level.age(p))]
        by_age = "; ".join(ages) if ages and matrix and matrix.by_age else "by hand"
        out.append(f"level {level.level} {level.title}: {', '.join(p.name for p in level.persons)}; {by_age}")
    return out


def _of(ticket: Ticket) -> tuple[str | None, list[str]]:
    return ticket.customer_id, [str(s) for s in (ticket.report.get("service_ids") or [])]
