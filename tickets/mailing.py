"""Mails of a ticket's life, queued inside the caller's transaction: to the customer, or to a person of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.clock import iso
from models.mail import MailFacts
from models.tables import Outbox, ThreadRef, Ticket
from models.words import MailEvent, OutboxState
from models.write_session import add_event
from tickets.answers import AnswerSettings, queue_answer
from tickets.links import LinkPurpose, link

_TO_STAFF = (MailEvent.ESCALATION_NOTICE.value, MailEvent.RFO_DUE.value)


@dataclass(frozen=True, slots=True)
class LifeSettings:
    """What the mails of a ticket's life need to know of the installation."""

    answers: AnswerSettings
    public_url: str = "http://127.0.0.1:8080"

    def link(self, purpose: LinkPurpose, row: str) -> str:
        return link(self.answers.tokens, self.public_url, purpose, row)

    def page(self, path: str) -> str:
        return self.public_url.rstrip("/") + path


@dataclass
class Work:
    """One transaction of the clock, an agent or a contact."""

    session: Session
    now: datetime
    settings: LifeSettings
    actor: str = "clock"
    contact_id: int | None = None
    # Where a contact is answered: its header lines, for the thread, and the address that its answers go to.
    facts: MailFacts | None = None
    answer_to: str = ""

    def __post_init__(self) -> None:
        self._mails: list[Outbox] = []

    @property
    def queued(self) -> list[int]:
        """The outbox rows it has made, as far as they are written to the database."""
        return [m.id for m in self._mails if m.id is not None]

    def made(self, mail: Outbox) -> None:
        self._mails.append(mail)

    def event(self, ticket: Ticket, kind: str, why: str, **data: Any) -> None:
        """Appends a line to the ticket's history."""
        add_event(self.session, ticket.id, kind, at=self.now, actor=self.actor, why=why, contact_id=self.contact_id, data=data)

    def review(self, ticket: Ticket, reason: str) -> None:
        """Puts the ticket before a person, with the reason."""
        ticket.review = True
        if reason not in ticket.review_reasons:
            ticket.review_reasons = [*ticket.review_reasons, reason]
        self.session.add(ticket)


def tell_customer(
    work: Work, ticket: Ticket, event: MailEvent, key: str, context: Mapping[str, Any], *, counted: bool = True
) -> Outbox | None:
    """One mail in the customer's thread. None, and a line in the history, where there is nobody who could be told."""
    last = work.session.exec(
        select(Outbox)
        .where(Outbox.ticket_id == ticket.id, col(Outbox.event).not_in(_TO_STAFF))
        .order_by(col(Outbox.id).desc())
        .limit(1)
    ).first()
    to = work.answer_to or (last.to_address if last else ticket.requester)
    if not to or "@" not in to:
        work.event(ticket, "told", f"{event.value}: there is no mail address to tell it to")
        return None
    row = _queue(work, ticket, event, to, key, context, counted=counted)
    if last and work.facts is None:
        row.in_reply_to, row.references = last.message_id, f"{last.references} {last.message_id}".strip()
    ticket.told_at = work.now
    work.session.add(ticket)
    work.event(ticket, "told", event.value)
    return row


def tell_staff(
    work: Work, ticket: Ticket, event: MailEvent, to: str, name: str, key: str, context: Mapping[str, Any]
) -> Outbox:
    """One mail to a person of ours; it counts for no customer's cap. Its row is written with the next flush."""
    answers = work.settings.answers
    whole = {"provider": answers.provider, "ticket": ticket.id, "subject_of_customer": ticket.subject, "greeting_name": name}
    row = Outbox(
        ticket_id=ticket.id,
        event=event.value,
        dedupe_key=key,
        message_id=answers.tokens.message_id(ticket.id),
        to_address=to,
        envelope_from=answers.tokens.envelope_sender(ticket.id),
        context={**whole, **context},
        counted=False,
        created_at=work.now,
        due_at=work.now,
    )
    work.session.add(row)
    work.session.add(ThreadRef(message_id=row.message_id, ticket_id=ticket.id))
    work.made(row)
    return row


def still_unsent(session: Session, ticket_id: str, event: MailEvent) -> bool:
    """Whether a mail of this kind still waits, so that another would only pile up behind it."""
    waiting = select(Outbox.id).where(
        Outbox.ticket_id == ticket_id, Outbox.event == event.value, Outbox.state == OutboxState.QUEUED.value
    )
    return session.exec(waiting.limit(1)).first() is not None


def in_words(instant: datetime) -> str:
    """As a customer reads it: `04 May 2026, 10:00 UTC`."""
    return datetime.fromisoformat(iso(instant)).strftime("%d %B %Y, %H:%M UTC")


def _queue(
    work: Work, ticket: Ticket, event: MailEvent, to: str, key: str, context: Mapping[str, Any], *, counted: bool
) -> Outbox:
    row = queue_answer(
        work.session,
        ticket,
        event,
        to=to,
        facts=work.facts,
        reading=None,
        contact_id=work.contact_id,
        now=work.now,
        settings=work.settings.answers,
        counted=counted,
        dedupe_key=key,
    )
    row.context = {**row.context, "missing": [], "recorded": [], "priority": "", **context}
    work.session.add(row)
    work.made(row)
    return row
