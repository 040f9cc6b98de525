"""What the page of one ticket shows: report, conversation and history in one line of time, clocks, escalation, relations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from console.contact_view import AnswerLine, answer_line
from console.ticket_mail import TicketMail, ticket_mail
from models.tables import Contact, Event, Outbox, ReadingRecord, Ticket
from models.tables_desk import DeskCase
from models.tables_life import Deferral, EscalationNotice, Problem, Rfo
from models.words import OutboxState
from tickets.clock_pass import load_case
from tickets.escalation import holder, next_level, preview
from tickets.plan import Due, LifeCase, plan, target_due
from tickets.rfo import problem_of
from tickets.states import TRANSITIONS

_MOST = 400
_EXCERPT = 1500
# Told by the contact or mail that stands in the line of time itself.
_SAID_ELSEWHERE = frozenset({"mail_sent", "answer", "told", "reply"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on the line of time: a contact with its words, a mail of ours, a note, or a line of the history."""

    at: datetime
    kind: str
    text: str = ""
    contact: Contact | None = None
    mail: AnswerLine | None = None
    event: Event | None = None


@dataclass
class TicketView:
    ticket: Ticket
    case: LifeCase
    entries: list[Entry]
    contacts: Sequence[Contact]
    waiting: list[AnswerLine]
    more: TicketMail
    desk: DeskCase | None
    notices: Sequence[EscalationNotice]
    children: Sequence[Ticket]
    problem: Problem | None
    greeting: str
    history: list[Event] = field(default_factory=list)

    @property
    def preview(self) -> list[dict[str, str]]:
        return preview(self.case)

    @property
    def holder(self) -> str:
        return holder(self.case)

    @property
    def next_level(self) -> str:
        return next_level(self.case)

    @property
    def dues(self) -> list[Due]:
        return [d for d in plan(self.case) if d.kind.value not in ("level", "warning", "breach")]

    @property
    def response_due(self) -> datetime | None:
        return target_due(self.case, "response")

    @property
    def repair_due(self) -> datetime | None:
        return target_due(self.case, "repair")

    @property
    def deferral(self) -> Deferral | None:
        return self.case.deferral if isinstance(self.case.deferral, Deferral) else None

    @property
    def rfo(self) -> Rfo | None:
        return self.case.rfo if isinstance(self.case.rfo, Rfo) else None

    @property
    def waits(self) -> bool:
        return bool(self.case.present) and self.case.present[-1].acknowledged_at is None

    @property
    def possible(self) -> set[str]:
        return {e.value for e, rows in TRANSITIONS.items() if self.case.state in rows}


def ticket_view(session: Session, ticket_id: str, *, provider: str, now: datetime) -> TicketView | None:
    """Reads it all for the page; None when there is no such ticket."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        return None
    events = session.exec(select(Event).where(Event.ticket_id == ticket_id).order_by(col(Event.id).desc()).limit(_MOST)).all()
    contacts = session.exec(
        select(Contact).options(defer(Contact.raw)).where(Contact.ticket_id == ticket_id).order_by(col(Contact.id)).limit(_MOST)  # type: ignore[arg-type]
    ).all()
    mails = session.exec(select(Outbox).where(Outbox.ticket_id == ticket_id).order_by(col(Outbox.id)).limit(_MOST)).all()
    lines = [answer_line(m, provider) for m in mails]
    notices = select(EscalationNotice).where(EscalationNotice.ticket_id == ticket_id).order_by(col(EscalationNotice.id))
    waiting = (OutboxState.QUEUED.value, OutboxState.HELD.value)
    return TicketView(
        ticket=ticket,
        case=load_case(session, ticket),
        entries=_entries(session, contacts, lines, events),
        contacts=contacts,
        waiting=[a for a in lines if a.row.state in waiting],
        more=ticket_mail(session, ticket, now),
        desk=session.get(DeskCase, ticket_id),
        notices=session.exec(notices).all(),
        children=session.exec(select(Ticket).where(Ticket.parent_ticket == ticket_id)).all(),
        problem=problem_of(session, ticket_id),
        greeting=next((str(g) for m in reversed(mails) if (g := m.context.get("greeting_name"))), ""),
    )


def _entries(
    session: Session, contacts: Sequence[Contact], mails: Sequence[AnswerLine], events: Sequence[Event]
) -> list[Entry]:
    """Everything by time, the newest first."""
    ids = [c.id for c in contacts]
    read: dict[int, Any] = {
        r.contact_id: r.data for r in session.exec(select(ReadingRecord).where(col(ReadingRecord.contact_id).in_(ids)))
    }
    out = [Entry(c.arrived_at, "contact", str((read.get(c.id or 0) or {}).get("text") or "")[:_EXCERPT], c) for c in contacts]
    out += [Entry(m.row.sent_at or m.row.created_at, "mail", m.text[:_EXCERPT], mail=m) for m in mails]
    for e in events:
        if e.kind not in _SAID_ELSEWHERE:
            out.append(Entry(e.at, "note" if e.kind == "note" else "event", e.why, event=e))
    return sorted(out, key=lambda entry: entry.at, reverse=True)
