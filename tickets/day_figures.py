"""Figures by UTC day, worked out by the clock, so that the dashboard reads some hundred rows and not a million.

A day is counted whole and its rows are replaced, so that counting twice, or on two machines, changes nothing. What comes late
(an answer sent the next morning, a correction) is caught by counting the days of the last week again.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import String, cast, delete, insert, or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from models.store import Store
from models.tables import Contact, Outbox, ReadingRecord, Ticket
from models.tables_lists import DayCounted, DayFigure
from models.tables_rules import LabelledValue
from models.words import MANDATORY, Channel, Intent, Verdict

# How many days are kept counted: the longest range of the dashboard.
DAYS = 90
# Today is counted with each pass of the clock, a day of the last week again when it may have changed.
_FRESH = timedelta(seconds=50)
_SETTLING = timedelta(hours=1)
_SETTLED = timedelta(days=8)
_MOST_AT_ONCE = 30
# Answer times lie in buckets, each 10 % wider than the one before; the first ends at 0.1 s.
_FIRST_S, _WIDER = 0.1, 1.1
_MOST_BUCKETS = 200
_PERSONS = (Verdict.PERSON.value, Verdict.STRANGER.value, Verdict.ACCEPTED.value, Verdict.UNVERIFIED.value)


class Figure(StrEnum):
    """What is counted of a day."""

    CONTACTS = "contacts"
    REPORTS = "reports"
    UNTOUCHED = "untouched"
    MISSING = "missing"
    OPENED = "opened"
    RESOLVED = "resolved"
    ANSWER = "answer"


def count_days(store: Store, *, now: datetime) -> list[date]:
    """Counts the days that are due, the newest first; gives them."""
    with store.read() as session:
        had = {r.day: r.counted_at for r in session.exec(select(DayCounted).where(col(DayCounted.day) >= _first(now)))}
    days = [now.astimezone(UTC).date() - timedelta(days=n) for n in range(DAYS)]
    due = [d for d in days if _due(d, had.get(d.isoformat()), now)][:_MOST_AT_ONCE]
    for day in due:
        with store.read() as session:
            figures = count_day(session, day)
        _keep(store, day, figures, now)
    return due


def count_day(session: Session, day: date) -> Counter[tuple[Figure, str]]:
    """All figures of one day, by name and part."""
    begin = datetime.combine(day, time(), UTC)
    span = (begin, begin + timedelta(days=1))
    out: Counter[tuple[Figure, str]] = Counter()
    for channel in Channel:
        asked = select(func.count()).where(col(Contact.channel) == channel.value, *_within(Contact.arrived_at, span))
        out[Figure.CONTACTS, channel.value] = session.exec(asked).one()
    for figure, column in ((Figure.OPENED, Ticket.opened_at), (Figure.RESOLVED, Ticket.resolved_at)):
        out[figure, ""] = session.exec(select(func.count()).where(*_within(column, span))).one()
    out.update(_readings(session, span))
    out.update((Figure.ANSWER, str(bucket_of(s))) for s in _answer_seconds(session, span))
    return +out


def figures_since(session: Session, first: date) -> dict[str, dict[tuple[str, str], int]]:
    """Day -> (name, part) -> number, from this day on; a day that is not counted yet is not in it."""
    out: dict[str, dict[tuple[str, str], int]] = {
        d: {} for d in session.exec(select(DayCounted.day).where(col(DayCounted.day) >= first.isoformat()))
    }
    rows = select(DayFigure.day, DayFigure.name, DayFigure.part, DayFigure.number)
    for day, name, part, number in session.exec(rows.where(col(DayFigure.day) >= first.isoformat())):
        out.setdefault(day, {})[name, part] = number
    return out


def bucket_of(seconds: float) -> int:
    """The bucket of an answer time."""
    if seconds <= _FIRST_S:
        return 0
    return min(_MOST_BUCKETS, 1 + int(math.log(seconds / _FIRST_S) / math.log(_WIDER)))


def percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """The time in seconds that this share of the answers stayed within, at most 10 % too long; None without answers."""
    total = sum(buckets.values())
    seen = 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= share * total:
            return float(_FIRST_S * _WIDER**bucket)
    return None


def _due(day: date, counted: datetime | None, now: datetime) -> bool:
    if counted is None:
        return True
    ended = datetime.combine(day, time(), UTC) + timedelta(days=1)
    if counted >= ended + _SETTLED:
        return False
    return now - counted >= (_FRESH if now < ended + _SETTLING else _SETTLING)


def _first(now: datetime) -> str:
    return (now.astimezone(UTC).date() - timedelta(days=DAYS)).isoformat()


def _keep(store: Store, day: date, figures: Mapping[tuple[Figure, str], int], now: datetime) -> None:
    key = day.isoformat()
    rows = [{"day": key, "name": f.value, "part": part, "number": n} for (f, part), n in figures.items()]
    with store.write() as session:
        store.lock(session, f"day-figures:{key}")
        session.connection().execute(delete(DayFigure).where(col(DayFigure.day) == key))
        if rows:
            session.connection().execute(insert(DayFigure), rows)
        session.merge(DayCounted(day=key, counted_at=now))


def _within(column: Any, span: tuple[datetime, datetime]) -> tuple[Any, Any]:
    return col(column) >= span[0], col(column) < span[1]


def _readings(session: Session, span: tuple[datetime, datetime]) -> Counter[tuple[Figure, str]]:
    """Reports of persons: how many, how many were read without a touch, and which fields they lacked.

    Without a touch: nothing mandatory is missing, no value waits to be confirmed, and no person has corrected one.
    """
    data = col(ReadingRecord.data)
    missing = cast(data["missing"], String)
    evidence = cast(data["evidence"], String)
    to_confirm = or_(evidence.like('%"status":"confirm"%'), evidence.like('%"status": "confirm"%'))
    corrected = select(LabelledValue.contact_id).where(
        col(LabelledValue.contact_id) == col(Contact.id), col(LabelledValue.confirmed).is_(False)
    )
    asked = (
        sql_select(missing, to_confirm, corrected.exists())
        .select_from(Contact)
        .join(ReadingRecord, col(ReadingRecord.contact_id) == col(Contact.id))
        .where(col(Contact.verdict).in_(_PERSONS), *_within(Contact.arrived_at, span))
        .where(data["intent"].as_string() == Intent.REPORT.value)
    )
    out: Counter[tuple[Figure, str]] = Counter()
    for lacks, doubtful, wrong in session.connection().execute(asked):
        out[Figure.REPORTS, ""] += 1
        out[Figure.UNTOUCHED, ""] += not (doubtful or wrong or lacks != "[]")
        out.update((Figure.MISSING, f.value) for f in MANDATORY if f'"{f.value}"' in lacks)
    return out


def _answer_seconds(session: Session, span: tuple[datetime, datetime]) -> Iterable[float]:
    """From the acceptance of each contact of the day to the sending of its first answer."""
    asked = (
        select(Contact.arrived_at, func.min(Outbox.sent_at, type_=col(Outbox.sent_at).type))  # type: ignore[attr-defined]
        .join(Outbox, col(Outbox.contact_id) == col(Contact.id))
        .where(*_within(Contact.arrived_at, span), col(Outbox.sent_at).is_not(None))
        .group_by(col(Contact.id), col(Contact.arrived_at))
    )
    return [max(0.0, (sent - arrived).total_seconds()) for arrived, sent in session.exec(asked) if sent is not None]
