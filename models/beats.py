"""Which processes of the installation live, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, text, update
from sqlmodel import Session, col, select

from models.store import Store
from models.tables_ops import ProcessBeat

EVERY = timedelta(seconds=5)
# A process that has not spoken for so long is taken for gone, and after a day it is forgotten.
GONE_AFTER = timedelta(seconds=30)
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Beat:
    """What a process says of itself; each sample is a name, labels and a value."""

    name: str
    host: str
    version: str
    parts: Sequence[str]
    started_at: datetime
    samples: Sequence[tuple[str, dict[str, str], float]] = ()


def beat(store: Store, mine: Beat, now: datetime) -> float:
    """Writes it down; gives by how many seconds this process's clock is ahead of the database's."""
    with store.write() as session:
        skew = round((now - _database_time(store, session)).total_seconds(), 3) if not store.is_sqlite else 0.0
        said: dict[str, Any] = {
            "seen_at": now,
            "skew_s": skew,
            "samples": [[n, labels, value] for n, labels, value in mine.samples],
        }
        again = update(ProcessBeat).where(col(ProcessBeat.name) == mine.name).values(**said)
        if not session.connection().execute(again).rowcount:
            _first(session, mine, said)
    return skew


def _first(session: Session, mine: Beat, said: dict[str, Any]) -> None:
    """A process that begins to speak; it also forgets those that have long been gone."""
    more: dict[str, Any] = {"version": mine.version, "parts": list(mine.parts), "started_at": mine.started_at}
    session.add(ProcessBeat(name=mine.name, host=mine.host, **more, **said))
    session.connection().execute(delete(ProcessBeat).where(col(ProcessBeat.seen_at) < said["seen_at"] - FORGOTTEN_AFTER))


def farewell(store: Store, name: str) -> None:
    """The process ends in order: nobody need miss it."""
    with store.write() as session:
        session.connection().execute(delete(ProcessBeat).where(col(ProcessBeat.name) == name))


def living(session: Session, now: datetime) -> list[ProcessBeat]:
    """The processes that have spoken lately."""
    query = select(ProcessBeat).where(col(ProcessBeat.seen_at) > now - GONE_AFTER).order_by(col(ProcessBeat.name))
    return list(session.exec(query))


def _database_time(store: Store, session: Session) -> datetime:
    found: Any = session.connection().execute(text("SELECT clock_timestamp()")).scalar_one()
    stamp: datetime = found
    return stamp.astimezone(UTC)
