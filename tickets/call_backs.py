"""Calls that we owe: who takes one, how it ended, when it is tried again; each move a line in the ticket's history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from models.errors import NotFoundError, RefusedError, UserError
from models.tables import Event, Ticket
from models.tables_phone import CallBack
from tickets.review import for_review

TRY_AGAIN = timedelta(minutes=30)
MAX_NOTE = 500


class State(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"


class Move(StrEnum):
    """What an agent does with it. `missed`: nobody answered, it is due again; `fail`: given up."""

    TAKE = "take"
    RELEASE = "release"
    DONE = "done"
    MISSED = "missed"
    FAIL = "fail"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Row:
    """One move: from which states, to which, the words of its event, and whether it needs a note."""

    move: Move
    before: frozenset[State]
    after: State
    said: str
    needs_note: bool = False


_LIVE = frozenset({State.OPEN, State.TAKEN})
MOVES: dict[Move, Row] = {
    r.move: r
    for r in (
        Row(Move.TAKE, frozenset({State.OPEN}), State.TAKEN, "takes the call-back"),
        Row(Move.RELEASE, frozenset({State.TAKEN}), State.OPEN, "gives the call-back back"),
        Row(Move.DONE, _LIVE, State.DONE, "called back"),
        Row(Move.MISSED, _LIVE, State.OPEN, "called back and reached nobody"),
        Row(Move.FAIL, _LIVE, State.FAILED, "gave the call-back up", needs_note=True),
        Row(Move.REOPEN, frozenset({State.DONE, State.FAILED}), State.OPEN, "opened the call-back again"),
    )
}


def move(session: Session, number: int, what: Move, *, who: str, note: str, now: datetime) -> CallBack:
    """One move of a call-back, inside the caller's transaction.

    Raises NotFoundError, RefusedError where its state does not allow it or another agent has it, UserError without a note.
    """
    found = session.get(CallBack, number, with_for_update=True)
    if found is None:
        raise NotFoundError(f"there is no call-back {number}")
    row, state, note = MOVES[what], State(found.state), " ".join(note.split())[:MAX_NOTE]
    if state not in row.before:
        raise RefusedError(f"the call-back is {state.value}{f' by {found.taken_by}' if found.taken_by else ''}")
    if row.needs_note and not note:
        raise UserError("say in the note why this call-back is given up")
    _moved(found, row, who, note, now)
    session.add(found)
    _tell(session, found, row, who, note, now)
    return found


def _moved(found: CallBack, row: Row, who: str, note: str, now: datetime) -> None:
    found.state, found.changed_at, found.note = row.after.value, now, note or found.note
    match row.after:
        case State.TAKEN:
            found.taken_by = who
        case State.OPEN:
            found.taken_by, found.done_at = "", None
        case _:
            found.taken_by, found.done_at = who, now
    if row.move in (Move.DONE, Move.MISSED, Move.FAIL):
        found.tries += 1
    if row.move in (Move.MISSED, Move.REOPEN):
        found.due_at = now + TRY_AGAIN


def _tell(session: Session, found: CallBack, row: Row, who: str, note: str, now: datetime) -> None:
    ticket = session.get(Ticket, found.ticket_id, with_for_update=True) if found.ticket_id else None
    if ticket is None:
        return
    why = f"{row.said} to {found.number}" + (f": {note}" if note else "")
    session.add(Event(ticket_id=ticket.id, at=now, actor=who, kind="call_back", why=why))
    if row.move is Move.FAIL:
        for_review(ticket, f"the caller at {found.number} could not be called back: {note}")
        session.add(ticket)


def owed(session: Session) -> Sequence[CallBack]:
    """Those that are open or taken, the most overdue first."""
    states = [s.value for s in _LIVE]
    return session.exec(select(CallBack).where(col(CallBack.state).in_(states)).order_by(col(CallBack.due_at)).limit(500)).all()


def settled(session: Session, limit: int = 50) -> Sequence[CallBack]:
    """Those that are done or given up, the latest first."""
    states = (State.DONE.value, State.FAILED.value)
    newest = col(CallBack.done_at).desc()
    return session.exec(select(CallBack).where(col(CallBack.state).in_(states)).order_by(newest).limit(limit)).all()
