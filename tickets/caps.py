"""How many automatic mails may go out: per address, and in all to addresses that are not on file. Caps delay, never drop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.statements import ask, bindparam
from models.tables import Outbox
from models.tables_mail import Alarm

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BREAKER = "mail-breaker"
STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Caps:
    """Mails to one address in an hour and a day; to all addresses not on file, and to one domain of them, in an hour."""

    per_hour: int = 4
    per_day: int = 10
    strangers_per_hour: int = 300
    domain_per_hour: int = 30


def due_time(session: Session, to: str, now: datetime, caps: Caps) -> datetime:
    """Now, or when the caps for this address leave room again."""
    latest = [due for (due,) in ask(session, _MINE, to=to, since=now - DAY, most=caps.per_day)]
    return max(_room(latest, caps.per_hour, HOUR, now), _room(latest, caps.per_day, DAY, now))


_MINE = (
    select(Outbox.due_at)
    .where(Outbox.to_address == bindparam("to"), col(Outbox.counted).is_(True), col(Outbox.due_at) > bindparam("since"))
    .order_by(col(Outbox.due_at).desc())
    .limit(bindparam("most"))
)


def breaker_time(session: Session, to: str, now: datetime, caps: Caps) -> datetime:
    """Now, or when the breaker leaves room again for an address not on file; where it holds a mail back it raises an alarm."""
    counted = (col(Outbox.counted).is_(True), col(Outbox.dedupe_key).startswith(STRANGER + ":"))
    domain = to.rpartition("@")[2]
    here = (*counted, col(Outbox.to_address).endswith(f"@{domain}", autoescape=True))
    all_due = _room(_latest(session, now - HOUR, caps.strangers_per_hour, counted), caps.strangers_per_hour, HOUR, now)
    domain_due = _room(_latest(session, now - HOUR, caps.domain_per_hour, here), caps.domain_per_hour, HOUR, now)
    due = max(all_due, domain_due)
    if due > now:
        what = f"{caps.strangers_per_hour} mails" if all_due > now else f"{caps.domain_per_hour} mails to {domain}"
        raise_alarm(session, BREAKER, f"more than {what} within an hour to addresses not on file: they wait", now)
    return due


def raise_alarm(session: Session, name: str, detail: str, now: datetime) -> None:
    """Opens an alarm, or notes that it still holds."""
    row = session.get(Alarm, name)
    if row is None:
        session.add(Alarm(name=name, detail=detail, raised_at=now, last_at=now))
    elif row.cleared_at is not None:
        row.detail, row.raised_at, row.last_at, row.times, row.cleared_at = detail, now, now, 1, None
    else:
        row.detail, row.last_at, row.times = detail, now, row.times + 1


def clear_old_alarms(session: Session, now: datetime, *, quiet: timedelta = HOUR) -> None:
    """Ends the alarms that nothing has renewed for so long."""
    for row in session.exec(select(Alarm).where(col(Alarm.cleared_at).is_(None), col(Alarm.last_at) < now - quiet)):
        row.cleared_at = now
        session.add(row)


def _latest(session: Session, since: datetime, most: int, where: Sequence[ColumnElement[bool] | bool]) -> Sequence[datetime]:
    query = select(Outbox.due_at).where(*where, col(Outbox.due_at) > since).order_by(col(Outbox.due_at).desc()).limit(most)
    return session.exec(query).all()


def _room(latest: Sequence[datetime], most: int, span: timedelta, now: datetime) -> datetime:
    """When the most-th newest mail falls out of the span."""
    return max(now, latest[most - 1] + span) if most and len(latest) >= most else now
