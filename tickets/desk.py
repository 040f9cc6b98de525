"""The desk around the review queue: who has taken a case, until when it sleeps, who looks at it just now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from models.errors import RefusedError, UserError
from models.tables import Event, Ticket
from models.tables_desk import DeskCase, DeskPresence
from models.tables_users import Audit

# A browser renews its presence every 15 seconds; after this it counts as gone.
PRESENT = timedelta(seconds=40)
LONGEST_SNOOZE = timedelta(days=30)


def case_of(session: Session, ref: str, now: datetime) -> DeskCase:
    """The desk's row of a case, held until the transaction ends; a new one where there is none."""
    return session.get(DeskCase, ref, with_for_update=True) or DeskCase(ref=ref, changed_at=now)


def assign(session: Session, ref: str, to: str, *, by: str, now: datetime, over: bool = False) -> None:
    """Gives a case to an agent, or back to all with an empty name. Raises RefusedError where another has it, unless `over`."""
    row = case_of(session, ref, now)
    if row.assigned_to and row.assigned_to not in (by, to) and not over:
        raise RefusedError(f"{row.assigned_to} has taken this case. Take it over if that is agreed.")
    before, row.assigned_to, row.changed_at = row.assigned_to, to, now
    session.add(row)
    why = f"to {to}" if to else "given back to all"
    _trace(session, ref, by, "assigned", why + (f", was with {before}" if before and before != to else ""), now)


def snooze(session: Session, ref: str, until: datetime, *, by: str, now: datetime, why: str = "") -> None:
    """Takes a case out of the queue until then; it comes back by itself. Raises UserError for a time that is no use."""
    if until <= now:
        raise UserError("This time is over; choose a later one.")
    if until > now + LONGEST_SNOOZE:
        raise UserError(f"At most {LONGEST_SNOOZE.days} days; a case that rests longer is resolved or deferred.")
    row = case_of(session, ref, now)
    row.snoozed_until, row.snoozed_by, row.snooze_why, row.changed_at = until, by, why.strip()[:300], now
    session.add(row)
    _trace(session, ref, by, "snoozed", f"until {until:%d %b %H:%M} UTC{': ' + row.snooze_why if row.snooze_why else ''}", now)


def wake(session: Session, ref: str, *, by: str, now: datetime) -> None:
    """Brings a sleeping case back at once."""
    row = case_of(session, ref, now)
    if row.snoozed_until is None:
        return
    row.snoozed_until, row.snoozed_by, row.snooze_why, row.changed_at = None, "", "", now
    session.add(row)
    _trace(session, ref, by, "woken", "brought back to the queue", now)


def look_at(session: Session, ref: str, user: str, now: datetime) -> list[str]:
    """Notes that this user has the case open, and gives who else has."""
    row = session.get(DeskPresence, (ref, user)) or DeskPresence(ref=ref, user_name=user, seen_at=now)
    row.seen_at = now
    session.add(row)
    session.connection().execute(delete(DeskPresence).where(col(DeskPresence.seen_at) < now - 10 * PRESENT))
    return [name for name in present(session, [ref], now).get(ref, []) if name != user]


def present(session: Session, refs: Iterable[str], now: datetime) -> dict[str, list[str]]:
    """Who looks at each of these cases just now."""
    out: dict[str, list[str]] = {}
    rows = session.exec(
        select(DeskPresence).where(col(DeskPresence.ref).in_(list(refs)), DeskPresence.seen_at > now - PRESENT)
    ).all()
    for row in sorted(rows, key=lambda r: r.user_name):
        out.setdefault(row.ref, []).append(row.user_name)
    return out


def _trace(session: Session, ref: str, by: str, kind: str, why: str, now: datetime) -> None:
    if session.get(Ticket, ref):
        session.add(Event(ticket_id=ref, at=now, actor=by, kind=kind, why=why))
    else:
        session.add(Audit(at=now, actor=by, action=f"case-{kind}", detail={"ref": ref, "why": why}))
