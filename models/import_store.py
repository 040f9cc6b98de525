"""Imports of the directory: shown first, taken over in the background with progress, by one process at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from models.errors import StaleError
from models.glance import Glance
from models.store import Store
from models.tables_rules import DirectoryImport

FETCHING, SHOWN, QUEUED, RUNNING, DONE, FAILED, DROPPED = "fetching", "shown", "queued", "running", "done", "failed", "dropped"
# What a process works on, and what state brings it there.
_WORK = {QUEUED: RUNNING, FETCHING: "fetched"}
_LOST_AFTER = timedelta(minutes=5)
_WAITS = Glance(select(DirectoryImport.id).where(col(DirectoryImport.state).in_((*_WORK, *_WORK.values()))))


def new_import(
    session: Session, name: str, text: str, *, actor: str, now: datetime, replace: bool = False, seen: str = "", **more: Any
) -> DirectoryImport:
    row = DirectoryImport(name=name, text=text, actor=actor, created_at=now, replace=replace, seen=seen, **more)
    session.add(row)
    session.flush()
    return row


def confirm(session: Session, import_id: int, seen: str) -> None:
    """Queues an import that was shown. Raises StaleError when the directory is no longer the one it was compared with."""
    row = session.get(DirectoryImport, import_id)
    if row is None or not _moved(session, row, SHOWN, state=QUEUED):
        raise StaleError("this import is no longer waiting to be taken over; upload it again")
    if row.seen != seen:
        raise StaleError("the directory has changed since this import was compared with it; upload it again")


def drop(session: Session, import_id: int) -> None:
    row = session.get(DirectoryImport, import_id)
    if row:
        _moved(session, row, SHOWN, state=DROPPED, text="")


def imports_wait(store: Store) -> bool:
    """Whether an import is to be worked on, or is being worked on somewhere: then a claim may find something."""
    return _WAITS(store)


def claim_import(session: Session, now: datetime) -> DirectoryImport | None:
    """Takes the oldest import that is to be fetched or taken over; one whose process died is taken again."""
    silent = func.coalesce(col(DirectoryImport.beat_at), col(DirectoryImport.created_at)) < now - _LOST_AFTER
    for waiting, working in _WORK.items():
        again = update(DirectoryImport).where(col(DirectoryImport.state) == working, silent).values(state=waiting)
        session.connection().execute(again)
    query = select(DirectoryImport).where(col(DirectoryImport.state).in_(_WORK)).order_by(col(DirectoryImport.id))
    row = session.exec(query).first()
    if row is None:
        return None
    session.refresh(row)
    return row if _moved(session, row, row.state, state=_WORK[row.state], beat_at=now) else None


def note(session: Session, row: DirectoryImport, **values: Any) -> None:
    session.connection().execute(update(DirectoryImport).where(col(DirectoryImport.id) == row.id).values(**values))


def newest_imports(session: Session, limit: int = 10) -> list[DirectoryImport]:
    return list(session.exec(select(DirectoryImport).order_by(col(DirectoryImport.id).desc()).limit(limit)))


def _moved(session: Session, row: DirectoryImport, before: str, **values: Any) -> bool:
    statement = update(DirectoryImport).where(col(DirectoryImport.id) == row.id, col(DirectoryImport.state) == before)
    return bool(session.connection().execute(statement.values(**values)).rowcount)
