"""Which answer a contact gets, to whom, and when: one row of the outbox, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from models.mail import MailFacts
from models.reading import Reading
from models.tables import Outbox, ThreadRef, Ticket
from models.words import MailEvent, OutboxState
from tickets import report as reports
from tickets.tokens import Tokens

MAX_ASKS = 2
PER_HOUR = 4
PER_DAY = 10
_QUOTED_LINES = 20


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    provider: str
    tokens: Tokens
    per_hour: int = PER_HOUR
    per_day: int = PER_DAY


def choose(ticket: Ticket, *, opened: bool, had_missing: bool, unreadable: bool, filled: bool) -> tuple[MailEvent, str]:
    """The event of the answer and why, as docs/architecture.md has it; the ticket is already merged."""
    if unreadable and opened:
        return MailEvent.UNREADABLE, "the message could not be read"
    if opened:
        if ticket.missing:
            return MailEvent.INFORMATION_NEEDED, "first question: " + ", ".join(ticket.missing)
        return MailEvent.TICKET_OPENED, "nothing is missing"
    if had_missing and not ticket.missing:
        return MailEvent.INFORMATION_RECEIVED, "the report is complete now"
    if had_missing and filled and ticket.asks < MAX_ASKS:
        return MailEvent.INFORMATION_NEEDED, "second question: " + ", ".join(ticket.missing)
    return MailEvent.FOLLOW_UP_FILED, "filed to the ticket"


def queue_answer(
    session: Session,
    ticket: Ticket,
    event: MailEvent,
    *,
    to: str,
    facts: MailFacts | None,
    reading: Reading | None,
    contact_id: int | None,
    now: datetime,
    settings: AnswerSettings,
    counted: bool,
    dedupe_key: str,
) -> Outbox:
    """Adds one mail to the outbox inside the caller's transaction; a full cap delays it, nothing is dropped."""
    message_id = settings.tokens.message_id(ticket.id)
    references = [*(facts.references if facts else ()), *([facts.message_id] if facts and facts.message_id else [])]
    row = Outbox(
        ticket_id=ticket.id,
        contact_id=contact_id,
        event=event.value,
        dedupe_key=dedupe_key,
        message_id=message_id,
        to_address=to,
        envelope_from=settings.tokens.envelope_sender(ticket.id),
        in_reply_to=facts.message_id if facts else "",
        references=" ".join(references[-10:]),
        context=_context(ticket, facts, reading, settings),
        state=OutboxState.QUEUED.value,
        counted=counted,
        created_at=now,
        due_at=_due(session, to, now, settings) if counted else now,
    )
    session.add(row)
    session.add(ThreadRef(message_id=message_id, ticket_id=ticket.id))
    session.flush()
    return row


def _context(ticket: Ticket, facts: MailFacts | None, reading: Reading | None, settings: AnswerSettings) -> dict[str, object]:
    return {
        "provider": settings.provider,
        "ticket": ticket.id,
        "greeting_name": facts.from_name if facts else "",
        "subject_of_customer": facts.subject if facts else ticket.subject,
        "recorded": reports.recorded(ticket.report),
        "missing": list(ticket.missing),
        "quoted": "\n".join(_own_words(reading).splitlines()[:_QUOTED_LINES]) if reading else "",
        "priority": "" if ticket.provisional or ticket.customer_id is None else ticket.priority.capitalize(),
        "language": reading.language if reading else "en",
        "second_ask": ticket.asks > 1,
        "unreadable": list(reading.unreadable) if reading else [],
    }


def _own_words(reading: Reading) -> str:
    kept = [z for z in reading.zones if z.kind in ("prose", "form", "log")]
    return "\n".join(reading.text[z.start : z.end].strip("\n") for z in kept)


def _due(session: Session, to: str, now: datetime, settings: AnswerSettings) -> datetime:
    """Now, or when the caps for this address leave room again."""
    caps: Mapping[timedelta, int] = {timedelta(hours=1): settings.per_hour, timedelta(days=1): settings.per_day}
    due = now
    for span, most in caps.items():
        times = session.exec(
            select(Outbox.due_at)
            .where(Outbox.to_address == to, col(Outbox.counted).is_(True), col(Outbox.due_at) > now - span)
            .order_by(col(Outbox.due_at).desc())
            .limit(most)
        ).all()
        if len(times) == most:
            due = max(due, times[-1] + span)
    return due


def waiting(session: Session) -> int:
    """How many mails stand in the outbox unsent."""
    return session.exec(select(func.count()).select_from(Outbox).where(Outbox.state == OutboxState.QUEUED.value)).one()
