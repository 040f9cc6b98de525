"""The session of a writer: the lines of tickets' histories, of which each filing has several, go in as one statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, insert
from sqlmodel import Session

from models.tables import Event

_WAITING = "events_to_insert"
_COLUMNS = tuple(c.key for c in Event.__table__.columns if c.key != "id")  # type: ignore[attr-defined]


class WriteSession(Session):
    """Events are inserted after the rows they belong to, without asking for their numbers, which nobody needs."""


@event.listens_for(WriteSession, "before_flush")
def _take_out(session: Session, _context: Any, _instances: Any) -> None:
    events = [o for o in session.new if type(o) is Event and o.id is None]
    for one in events:
        session.expunge(one)
    session.info.setdefault(_WAITING, []).extend({c: getattr(e, c) for c in _COLUMNS} for e in events)
    if events and not _other_work(session):
        # A flush that has nothing else to do ends here and tells nobody: `after_flush` would not come.
        _put_in(session, _context)


def _other_work(session: Session) -> bool:
    return bool(session.new or session.deleted) or any(session.is_modified(o) for o in session.dirty)


@event.listens_for(WriteSession, "after_flush")
def _put_in(session: Session, _context: Any) -> None:
    if rows := session.info.pop(_WAITING, None):
        session.connection().execute(insert(Event), rows)
