"""What an agent writes to a customer, and notes for colleagues. A reply is a person's mail: it carries no Auto-Submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.clock import iso
from models.errors import UserError
from models.tables import Outbox, Ticket
from models.tables_life import OutboxFile
from models.words import Field, MailEvent, TicketEvent
from tickets.held import check_letter, tidy
from tickets.mailing import Work, tell_customer
from tickets.report import LABELS
from tickets.states import transition
from tickets.telling import person_answered

MAX_FILES, MAX_FILE_BYTES = 10, 15_000_000
REPLY = "reply"
_LOOKING = "one of our engineers is looking at your ticket."


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    files: Sequence[Attached] = ()


def letter_text(words: str, provider: str, ticket_id: str) -> str:
    """The mail as the customer gets it: the agent's words, and from whom they come."""
    return f"{tidy(words)}\n-- \n{provider} Customer Contact Centre\nYour ticket ID: {ticket_id}\n"


def subject_for(ticket: Ticket) -> str:
    """The subject of a reply: the ticket ID in it keeps the thread where a mail program drops the references."""
    words = " ".join((ticket.subject or "your ticket").split())[:150]
    return words if ticket.id in words else f"[{ticket.id}] Re: {words}"


def send_reply(work: Work, ticket: Ticket, letter: Letter) -> Outbox:
    """Queues the reply in the customer's thread; the response target is met. Raises UserError."""
    check_letter(letter.subject, letter.text)
    check_files(letter.files)
    key = f"reply:{ticket.id}:{work.actor}:{iso(work.now)}:{len(letter.text)}"
    # The event only finds address and thread; the words are the agent's, so no template is used.
    row = tell_customer(work, ticket, MailEvent.STATUS_UPDATE, key, {}, counted=False)
    if row is None:
        raise UserError("This customer has no mail address on the ticket; call, or correct the address.")
    row.event, row.automatic = REPLY, False
    row.subject = " ".join(letter.subject.split())
    row.body_text = letter_text(letter.text, work.settings.answers.provider, ticket.id)
    work.session.add(row)
    work.session.flush()
    for file in letter.files:
        work.session.add(OutboxFile(outbox_id=row.id or 0, name=file.name, media_type=file.media_type, data=file.data))
    names = f" with {', '.join(f.name for f in letter.files)}" if letter.files else ""
    work.event(ticket, "reply", f"to {row.to_address}{names}")
    person_answered(work, ticket, "answered by a person")
    ticket.version += 1
    return row


def ask_for(work: Work, ticket: Ticket, fields: Sequence[Field], words: str = "") -> Outbox:
    """Asks the customer for these fields, with the questions that automatic answers use; the ticket waits for him."""
    if not fields:
        raise UserError("Choose at least one field to ask for.")
    named = ", ".join(LABELS[f] for f in fields)
    context = {"missing": [f.value for f in fields], "note": words.strip() or _LOOKING}
    key = f"asked:{ticket.id}:{work.actor}:{iso(work.now)}"
    row = tell_customer(work, ticket, MailEvent.INFORMATION_NEEDED, key, context, counted=False)
    if row is None:
        raise UserError("This customer has no mail address on the ticket; call, or correct the address.")
    transition(work.session, ticket, TicketEvent.ASK, now=work.now, actor=work.actor, why=f"asked for {named}")
    ticket.reminder_due_at = work.now + work.settings.answers.remind_after(ticket.impact)
    ticket.responded_at, ticket.accepted = ticket.responded_at or work.now, True
    ticket.version += 1
    work.session.add(ticket)
    return row


def add_note(work: Work, ticket: Ticket, words: str) -> None:
    """An internal note; customers never see it."""
    if not words.strip():
        raise UserError("A note needs words.")
    if len(words) > 10_000:
        raise UserError("A note has at most 10,000 characters.")
    work.event(ticket, "note", tidy(words).strip())


def check_files(files: Sequence[Attached]) -> None:
    if len(files) > MAX_FILES:
        raise UserError(f"At most {MAX_FILES} files go with a reply.")
    size = sum(len(f.data) for f in files)
    if size > MAX_FILE_BYTES:
        raise UserError(f"The files have {size:,} bytes; mail takes at most {MAX_FILE_BYTES:,} together.")
