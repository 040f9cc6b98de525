"""A mail of ours that waits for an agent: changed, let go, taken back, or stopped before it goes."""

from __future__ import annotations

from models.errors import RefusedError, UserError
from models.tables import Outbox, Ticket
from models.words import MailEvent, OutboxState
from tickets.mailing import Work
from tickets.review import ANSWER_WAITS

MAX_LETTER = 20_000


def unsent(row: Outbox) -> bool:
    """Whether an agent may still change it: not written yet, or held, and no worker has it."""
    return row.state in (OutboxState.HELD.value, OutboxState.QUEUED.value) and row.raw is None and row.lease_until is None


def hold(work: Work, row: Outbox, ticket: Ticket) -> None:
    """Stops a queued mail until an agent lets it go."""
    _changeable(row)
    row.state = OutboxState.HELD.value
    work.session.add(row)
    work.review(ticket, ANSWER_WAITS)
    work.event(ticket, "answer_held", f"{row.event} to {row.to_address}")


def release(work: Work, row: Outbox, ticket: Ticket, *, subject: str = "", text: str = "") -> None:
    """Lets it go, in the words of the agent where he gives some: then a person wrote it, and it is marked as no robot's."""
    _changeable(row)
    if text.strip():
        check_letter(subject, text)
        row.subject, row.body_text, row.automatic = " ".join(subject.split()), tidy(text), False
    row.state, row.due_at = OutboxState.QUEUED.value, work.now
    work.session.add(row)
    _no_longer_waits(ticket)
    if text.strip() and row.event in {e.value for e in MailEvent}:
        ticket.responded_at = ticket.responded_at or work.now
    work.session.add(ticket)
    how = "in the agent's words" if text.strip() else "as it stood"
    work.event(ticket, "answer_released", f"{row.event} to {row.to_address}, {how}")


def drop(work: Work, row: Outbox, ticket: Ticket) -> None:
    """It never goes out; that it was there stays in the outbox."""
    _changeable(row)
    row.state = OutboxState.DELETED.value
    work.session.add(row)
    _no_longer_waits(ticket)
    work.session.add(ticket)
    work.event(ticket, "answer_dropped", f"{row.event} to {row.to_address}")


def check_letter(subject: str, text: str) -> None:
    """Raises UserError for what cannot be a mail."""
    if not text.strip():
        raise UserError("The mail has no words.")
    if not subject.strip():
        raise UserError("The mail has no subject.")
    if len(text) > MAX_LETTER:
        raise UserError(f"The mail has {len(text)} characters; at most {MAX_LETTER} are sent.")


def tidy(text: str) -> str:
    """The words as typed, without control characters, one line end at the end."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(c for c in line if c == "\t" or c.isprintable()).rstrip() for line in lines).strip() + "\n"


def _changeable(row: Outbox) -> None:
    if not unsent(row):
        raise RefusedError(f"This mail is {row.state} already or on its way; it cannot be changed any more.")


def _no_longer_waits(ticket: Ticket) -> None:
    ticket.review_reasons = [r for r in ticket.review_reasons if r != ANSWER_WAITS]
