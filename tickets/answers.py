"""Which answer a contact gets, to whom, and when: one row of the outbox, or none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, func, select

from models.fresh import fresh
from models.mail import MailFacts
from models.reading import Reading
from models.tables import Outbox, ThreadRef, Ticket
from models.words import Impact, MailEvent, OutboxState
from models.write_session import add_row
from tickets import report as reports
from tickets.caps import STRANGER, Caps, breaker_time, due_time
from tickets.limits import caps_in_force
from tickets.other_refs import number_to_quote
from tickets.tokens import Tokens

MAX_ASKS = 2
_QUOTED_LINES = 20


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """`first_ack` is the time in which a service's first acknowledgement does not count; the rest as in settings.md."""

    provider: str
    tokens: Tokens
    caps: Caps = field(default_factory=Caps)
    first_ack: timedelta = timedelta(hours=24)
    remind_affecting: timedelta = timedelta(minutes=30)
    remind_others: timedelta = timedelta(hours=4)
    hold: str = "none"

    def holds(self, ticket: Ticket) -> bool:
        """Whether an answer to this case waits for an agent: all do, or those of a case with a reason for review."""
        return self.hold == "all" or (self.hold == "review" and bool(ticket.review_reasons))

    def remind_after(self, impact: str | None) -> timedelta:
        """How long a question waits for its answer; an unknown impact is routed as service affecting."""
        affecting = (impact or Impact.SERVICE_AFFECTING.value) == Impact.SERVICE_AFFECTING.value
        return self.remind_affecting if affecting else self.remind_others


def choose(ticket: Ticket, *, opened: bool, had_missing: bool, unreadable: bool, answered: bool) -> tuple[MailEvent, str]:
    """The event of the answer and why, as docs/architecture.md has it; the ticket is already merged.

    `answered`: the mail answers our question, by its thread or by what it fills in.
    """
    if unreadable and opened:
        return MailEvent.UNREADABLE, "the message could not be read"
    if opened:
        if ticket.missing:
            return MailEvent.INFORMATION_NEEDED, "first question: " + ", ".join(ticket.missing)
        return MailEvent.TICKET_OPENED, "nothing is missing"
    if had_missing and not ticket.missing:
        return MailEvent.INFORMATION_RECEIVED, "the report is complete now"
    if had_missing and answered and ticket.asks < MAX_ASKS:
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
    cc: tuple[str, ...] = (),
    stranger: bool = False,
) -> Outbox:
    """Adds one mail to the outbox inside the caller's transaction; a full cap delays it, nothing is dropped.

    `stranger`: the address is not on file, so the breaker counts it.
    """
    caps = caps_in_force(session, settings.caps)
    due = due_time(session, to, now, caps) if counted else now
    if stranger and counted:
        due = max(due, breaker_time(session, to, now, caps))
    message_id = settings.tokens.message_id(ticket.id)
    references = [*(facts.references if facts else ()), *([facts.message_id] if facts and facts.message_id else [])]
    row = fresh(
        Outbox,
        ticket_id=ticket.id,
        contact_id=contact_id,
        event=event.value,
        dedupe_key=f"{STRANGER}:{dedupe_key}" if stranger else dedupe_key,
        message_id=message_id,
        to_address=to,
        envelope_from=settings.tokens.envelope_sender(ticket.id),
        in_reply_to=facts.message_id if facts else "",
        references=" ".join(references[-10:]),
        context=_context(session, ticket, facts, reading, settings) | ({"cc": list(cc)} if cc else {}),
        state=OutboxState.QUEUED.value,
        counted=counted,
        created_at=now,
        due_at=due,
    )
    session.add(row)
    add_row(session, ThreadRef, message_id=message_id, ticket_id=ticket.id)
    session.flush()
    return row


def _context(
    session: Session, ticket: Ticket, facts: MailFacts | None, reading: Reading | None, settings: AnswerSettings
) -> dict[str, object]:
    return {
        "provider": settings.provider,
        "ticket": ticket.id,
        "greeting_name": facts.from_name if facts else "",
        "subject_of_customer": facts.subject if facts else ticket.subject,
        "recorded": reports.recorded(ticket.report),
        "missing": list(ticket.missing),
        "choices": list(ticket.report.get("choices", ())) if "service_id" in ticket.missing else [],
        "quoted": "\n".join(own_words(reading).splitlines()[:_QUOTED_LINES]) if reading else "",
        "priority": "" if ticket.provisional or ticket.customer_id is None else ticket.priority.capitalize(),
        "language": reading.language if reading else "en",
        "second_ask": ticket.asks > 1,
        "their_ref": number_to_quote(session, ticket.id),
        "unreadable": list(reading.unreadable) if reading else [],
        "on_file": ticket.customer_id is not None,
    }


def own_words(reading: Reading) -> str:
    """What the writer wrote himself: no quotes, no signature."""
    kept = [z for z in reading.zones if z.kind in ("prose", "form", "log")]
    return "\n".join(reading.text[z.start : z.end].strip("\n") for z in kept)


def waiting(session: Session) -> int:
    """How many mails stand in the outbox unsent."""
    return session.exec(select(func.count()).select_from(Outbox).where(Outbox.state == OutboxState.QUEUED.value)).one()
