"""What a customer is told after an agent's word on his report: the mail that waits brought up to date, or one more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from models.clock import iso
from models.tables import Outbox, Ticket
from models.words import MailEvent, OutboxState
from tickets import report as reports
from tickets.mailing import Work, tell_customer

# So long a mail after a correction waits, for the agent to take it back or correct one thing more.
WINDOW = timedelta(seconds=10)
_ABOUT_THE_REPORT = (
    MailEvent.TICKET_OPENED.value,
    MailEvent.INFORMATION_NEEDED.value,
    MailEvent.INFORMATION_RECEIVED.value,
    MailEvent.FOLLOW_UP_FILED.value,
    MailEvent.RECORD_CORRECTED.value,
)


def tell_of_changes(work: Work, ticket: Ticket, *, had_missing: bool) -> str:
    """Queues or changes the mail, and says which, in words for the agent."""
    waits = waiting_mail(work.session, ticket.id)
    if waits:
        return _brought_up_to_date(work, ticket, waits)
    told = work.session.exec(
        select(Outbox)
        .where(Outbox.ticket_id == ticket.id, Outbox.state == OutboxState.SENT.value)
        .order_by(col(Outbox.id).desc())
    ).first()  # fmt: skip
    if told is None:
        return "The customer gets no automatic mail in this case."
    complete = had_missing and not ticket.missing
    event = MailEvent.INFORMATION_RECEIVED if complete else MailEvent.RECORD_CORRECTED
    context = {**_facts(ticket), "greeting_name": told.context.get("greeting_name", "")}
    row = tell_customer(work, ticket, event, f"corrected:{ticket.id}:{ticket.version}:{iso(work.now)}", context, counted=False)
    if row is None:
        return "There is no mail address to tell the customer."
    row.due_at = work.now + WINDOW
    work.session.add(row)
    return f"The customer is told in {WINDOW.seconds} seconds."


def waiting_mail(session: Session, ticket_id: str) -> Outbox | None:
    """The newest mail about the report that has not been written and that no worker holds; an agent's question stays his."""
    return session.exec(
        select(Outbox)
        .where(Outbox.ticket_id == ticket_id, col(Outbox.state).in_((OutboxState.QUEUED.value, OutboxState.HELD.value)))
        .where(col(Outbox.event).in_(_ABOUT_THE_REPORT), col(Outbox.raw).is_(None), col(Outbox.lease_until).is_(None))
        .where(col(Outbox.dedupe_key).not_like("asked:%"))
        .order_by(col(Outbox.id).desc())
        .with_for_update()
    ).first()


def _brought_up_to_date(work: Work, ticket: Ticket, row: Outbox) -> str:
    corrections = row.event in (MailEvent.RECORD_CORRECTED.value, MailEvent.INFORMATION_RECEIVED.value)
    if corrections and row.dedupe_key.startswith("corrected:") and _says_nothing_new(work.session, ticket, row):
        row.state = OutboxState.DELETED.value
        work.session.add(row)
        return "The mail about it is taken back; the customer hears nothing."
    if row.event == MailEvent.INFORMATION_NEEDED.value and not ticket.missing:
        row.event = MailEvent.INFORMATION_RECEIVED.value if ticket.asks > 1 else MailEvent.TICKET_OPENED.value
    elif row.event == MailEvent.INFORMATION_RECEIVED.value and ticket.missing:
        row.event = MailEvent.RECORD_CORRECTED.value
    row.context = row.context | _facts(ticket)
    if row.state == OutboxState.QUEUED.value:
        row.due_at = max(row.due_at, work.now + WINDOW)
    work.session.add(row)
    return "The answer waits for you; it is brought up to date." if row.state == OutboxState.HELD.value else (
        f"The customer is told in {WINDOW.seconds} seconds."
    )  # fmt: skip


def _says_nothing_new(session: Session, ticket: Ticket, row: Outbox) -> bool:
    """Whether the customer has been told exactly this before."""
    told = session.exec(
        select(Outbox)
        .where(Outbox.ticket_id == ticket.id, Outbox.state == OutboxState.SENT.value, Outbox.id != row.id)
        .where(col(Outbox.event).in_(_ABOUT_THE_REPORT))
        .order_by(col(Outbox.id).desc())
    ).first()
    return told is not None and _plain(told.context.get("recorded")) == _plain(reports.recorded(ticket.report))


def _plain(rows: Any) -> list[tuple[str, str]]:
    return [(str(r.get("field")), str(r.get("value"))) for r in rows or ()]


def _facts(ticket: Ticket) -> dict[str, Any]:
    shown = "" if ticket.provisional or ticket.customer_id is None else ticket.priority.capitalize()
    return {"recorded": reports.recorded(ticket.report), "missing": list(ticket.missing), "priority": shown}
