"""The session of a writer: what each filing adds goes in with few statements, and without the ORM's bookkeeping.

New tickets and then mails go in before all else, for the other rows name tickets. Lines of histories, readings, thread
references and a ticket's services go in after all else, those of a table as one statement; nobody needs them as objects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, event, insert
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session, SQLModel

from models.tables import Event, Outbox, ReadingRecord, ThreadRef, Ticket, TicketService

_WAITING = "rows_to_insert"
# In the order in which they go in.
_LAST: tuple[type[SQLModel], ...] = (ReadingRecord, ThreadRef, TicketService, Event)


def _table(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


_FIRST: tuple[type[SQLModel], ...] = (Ticket, Outbox)
_OURS = (*_LAST, *_FIRST)
_INSERT = {model: insert(_table(model)) for model in _OURS}
_COLUMNS = {model: tuple(c.key for c in _table(model).columns) for model in _OURS}
_KEYS = {model: next(iter(_table(model).primary_key)).key for model in _FIRST}
# The database counts these lines.
_COLUMNS[Event] = tuple(c for c in _COLUMNS[Event] if c != "id")
_Waiting = dict[type[SQLModel], list[Mapping[str, Any]]]


class WriteSession(Session):
    """Rows of the tables above are inserted before and after the others, without asking for their numbers."""

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        super().flush(objects)
        # A flush that has nothing else to do ends early and tells nobody.
        _put_in(self)


def add_event(
    session: Session,
    ticket_id: str,
    kind: str,
    *,
    at: datetime,
    actor: str,
    why: str = "",
    contact_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Appends a line to a ticket's history; in a writer's session no object is made for it."""
    about = {"ticket_id": ticket_id, "at": at, "actor": actor, "contact_id": contact_id}
    add_row(session, Event, **about, kind=kind, why=why, data=dict(data or {}))


def add_row(session: Session, model: type[SQLModel], **values: Any) -> None:
    """Adds a row of one of the tables that go in last; all columns are given, but the number of a line."""
    if isinstance(session, WriteSession):
        # The lines that stand before it, so that they keep their order.
        _take_out(session)
        _waiting(session).setdefault(model, []).append(values)
    else:
        session.add(model(**values))


def _waiting(session: Session) -> _Waiting:
    waiting: _Waiting = session.info.setdefault(_WAITING, {})
    return waiting


def _values(row: SQLModel) -> dict[str, Any]:
    return {c: getattr(row, c) for c in _COLUMNS[type(row)]}


def _take_out(session: Session) -> None:
    for row in [o for o in session.new if type(o) in _LAST and not (type(o) is Event and o.id is not None)]:
        session.expunge(row)
        _waiting(session).setdefault(type(row), []).append(_values(row))


@event.listens_for(WriteSession, "before_flush")
def _before(session: Session, _context: Any, _instances: Any) -> None:
    _take_out(session)
    for model in _FIRST:
        for row in [o for o in session.new if type(o) is model]:
            _put_before(session, row)


def _put_before(session: Session, row: SQLModel) -> None:
    session.expunge(row)
    values = _values(row)
    key = _KEYS[type(row)]
    if values[key] is None:
        del values[key]
    done = session.connection().execute(_INSERT[type(row)], values)
    given = done.inserted_primary_key
    row.__dict__[key] = given[0] if given else values[key]
    # From here on it is a row that was loaded, of which changes are written.
    make_transient_to_detached(row)
    session.add(row)


def _put_in(session: Session) -> None:
    waiting: _Waiting = session.info.pop(_WAITING, {})
    for model in _LAST:
        if rows := waiting.get(model):
            session.connection().execute(_INSERT[model], rows if len(rows) > 1 else rows[0])
