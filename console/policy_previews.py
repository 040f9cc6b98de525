"""What a document would change before it is put in force: in words, on tickets and mails as they are."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.tables import Outbox, Ticket
from models.words import Impact, Priority, TicketState, Urgency
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
    if kind in ("matrix", "targets"):
        return _reach(session, kind, before, after)
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
    calendar, out = after.calendar(name), []
    for n in range(7):
        day = now + timedelta(days=n)
        hours = calendar.row.hours.get(f"{day:%a}".lower(), [])
        out.append(f"{day:%a %d %b}: " + (", ".join(f"{a} to {b}" for a, b in hours) or "closed"))
    return out


def _reach(session: Session, kind: str, before: Policy, after: Policy) -> list[str]:
    """For each priority what a ticket without a rule of its own is promised, and how many open tickets change hands."""
    out: list[str] = []
    if kind == "targets":
        targets = after.targets_for(None, ())
        promised = [(p.value, targets.response.get(p) or "none", targets.repair.get(p) or "none") for p in Priority]
        return [f"{p}: first answer within {first}, repair within {repair}" for p, first, repair in promised]
    moved = 0
    for t in _open(session):
        services = [str(s) for s in (t.report.get("service_ids") or [])]
        old, new = before.matrix_for(t.customer_id, services), after.matrix_for(t.customer_id, services)
        moved += (old.row if old else None) != (new.row if new else None)
    default = after.matrix_for(None, ())
    for level in default.row.levels if default else ():
        ages = ", ".join(f"{p.value} after {a}" for p, a in level.after.items()) or "by hand"
        out.append(f"level {level.level} {level.title}: {', '.join(p.name for p in level.persons)}; {ages}")
    return [f"{moved} open tickets would escalate by another matrix or version", *out]
