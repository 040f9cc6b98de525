"""What is kept for how long, and what is known of one person: erased with a tombstone in the audit log.

Contacts and mails keep their row without content, so that the same mail is still known as a repeat, and figures stay right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, update
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from models.clock import iso
from models.errors import UserError
from models.store import Store
from models.tables import Contact, Event, Outbox, ReadingRecord, Ticket
from models.tables_life import OutboxFile
from models.tables_mail import SaidBefore, UndeliverableAddress
from models.tables_phone import CallBack, PhoneCall, PhoneStep, Recording
from models.tables_rules import LabelledValue
from models.tables_users import Audit, WebSession
from models.tables_webhooks import WebhookDelivery, WebhookEvent
from models.words import ContactState, OutboxState, TicketState

BATCH = 500
ERASED = "[erased]"
_ENDED = (TicketState.CLOSED.value, TicketState.MERGED.value)
Goes = Callable[[str, int], bool]


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that each class of data is kept; 0 keeps it for ever."""

    raw_days: int = 90
    ticket_days: int = 730
    session_days: int = 1


def purge(
    store: Store, retention: Retention, *, now: datetime, actor: str, goes: Goes = lambda _what, _done: True
) -> dict[str, int]:
    """Erases what is older than its class is kept, in short transactions; `goes` is told, and may say that it must stop."""
    done: dict[str, int] = {}
    for what, days, step in (
        ("raw mail", retention.raw_days, _raw_mail),
        ("sent mail", retention.raw_days, _sent_mail),
        ("webhook bodies", retention.raw_days, _hooks),
        ("tickets", retention.ticket_days, _tickets),
        ("web sessions", retention.session_days, _sessions),
    ):
        while days:
            with store.write() as session:
                count = step(session, now - timedelta(days=days))
                if count:
                    _tombstone(session, "purged", now, actor, {"what": what, "rows": count, "older_than_days": days})
            done[what] = done.get(what, 0) + count
            if not goes(what, done[what]):
                return done
            if count < BATCH:
                break
    return done


def known_of(session: Session, address: str) -> Iterator[dict[str, Any]]:
    """All that is kept of one person, by address or telephone number: one JSON row each."""
    for c in session.exec(select(Contact).where(_from(address)).order_by(col(Contact.id))):
        reading = session.get(ReadingRecord, c.id)
        yield {
            "kind": "contact", "id": c.id, "channel": c.channel, "arrived_at": iso(c.arrived_at), "subject": c.subject,
            "ticket": c.ticket_id, "source": c.raw.decode("utf-8", "replace"), "read": reading.data if reading else {},
        }  # fmt: skip
    for m in session.exec(select(Outbox).where(Outbox.to_address == address).order_by(col(Outbox.id))):
        yield {
            "kind": "mail to this address", "id": m.id, "event": m.event, "created_at": iso(m.created_at),
            "ticket": m.ticket_id, "subject": m.subject, "text": m.body_text,
        }  # fmt: skip
    for t in session.exec(select(Ticket).where(Ticket.requester == address).order_by(col(Ticket.id))):
        yield {"kind": "ticket", "id": t.id, "opened_at": iso(t.opened_at), "subject": t.subject, "report": t.report}
    for call in session.exec(select(PhoneCall).where(PhoneCall.number == address)):
        yield {"kind": "call", "id": call.sid, "started_at": iso(call.started_at), "said": call.draft, "ticket": call.ticket_id}


def erase_person(store: Store, address: str, *, now: datetime, actor: str) -> dict[str, int]:
    """Erases what a person has written and what was written to them; the cases stay, without the person.

    Raises UserError where nothing is known, or where one of their contacts is not filed yet.
    """
    with store.write() as session:
        contacts = [i for i in session.exec(select(Contact.id).where(_from(address)).with_for_update()) if i is not None]
        mails = [i for i in session.exec(select(Outbox.id).where(Outbox.to_address == address)) if i is not None]
        calls = list(session.exec(select(PhoneCall.sid).where(PhoneCall.number == address)))
        tickets = list(session.exec(select(Ticket.id).where(Ticket.requester == address)))
        if not (contacts or mails or calls or tickets):
            raise UserError(f"nothing is kept of {address!r}")
        waiting = select(Contact.id).where(_from(address), Contact.state == ContactState.RECEIVED.value)
        if session.exec(waiting.limit(1)).first():
            raise UserError(f"a contact of {address!r} is not filed yet; try again when it is")
        _erase_contacts(session, contacts)
        _erase_mails(session, mails)
        _erase_calls(session, calls)
        connection = session.connection()
        connection.execute(update(Ticket).where(col(Ticket.id).in_(tickets)).values(requester="", subject=ERASED, report={}))
        connection.execute(update(Event).where(col(Event.ticket_id).in_(tickets)).values(why=ERASED, data={}))
        _erase_hooks(session, tickets)
        connection.execute(delete(SaidBefore).where(col(SaidBefore.address) == address))
        connection.execute(delete(UndeliverableAddress).where(col(UndeliverableAddress.address) == address))
        done = {"contacts": len(contacts), "mails": len(mails), "calls": len(calls), "tickets": len(tickets)}
        # The address itself must not stay; its hash proves later that this person was erased.
        _tombstone(session, "person-erased", now, actor, {"sha256": hashlib.sha256(address.encode()).hexdigest(), **done})
    return done


def _from(address: str) -> Any:
    return or_(col(Contact.from_address) == address, col(Contact.envelope_from) == address)


def _raw_mail(session: Session, before: datetime) -> int:
    """Words of contacts; the report of the ticket, and who wrote when, stay."""
    rows = session.exec(
        select(Contact.id)
        .where(col(Contact.arrived_at) < before, Contact.state == ContactState.FILED.value, col(Contact.raw) != b"")
        .limit(BATCH)
    ).all()
    return _erase_contacts(session, [i for i in rows if i is not None], who_too=False)


def _sent_mail(session: Session, before: datetime) -> int:
    ended = (OutboxState.SENT.value, OutboxState.FAILED.value)
    query = select(Outbox.id).where(col(Outbox.created_at) < before, col(Outbox.state).in_(ended))
    rows = session.exec(query.where(col(Outbox.raw).is_not(None)).limit(BATCH)).all()
    return _erase_mails(session, [i for i in rows if i is not None])


def _tickets(session: Session, before: datetime) -> int:
    """Of an ended case its number, its services, its times and states stay: what happened, not who wrote what."""
    ids = session.exec(
        select(Ticket.id)
        .where(col(Ticket.last_contact_at) < before, col(Ticket.state).in_(_ENDED), col(Ticket.subject) != ERASED)
        .limit(BATCH)
    ).all()
    contacts = [i for i in session.exec(select(Contact.id).where(col(Contact.ticket_id).in_(ids))) if i is not None]
    mails = [i for i in session.exec(select(Outbox.id).where(col(Outbox.ticket_id).in_(ids))) if i is not None]
    _erase_contacts(session, contacts)
    _erase_mails(session, mails)
    _erase_hooks(session, ids)
    connection = session.connection()
    connection.execute(
        update(Ticket)
        .where(col(Ticket.id).in_(ids))
        .values(subject=ERASED, requester="", report={}, review_reasons=[], resolution="")
    )
    connection.execute(update(Event).where(col(Event.ticket_id).in_(ids)).values(why="", data={}))
    return len(ids)


def _hooks(session: Session, before: datetime) -> int:
    """What other systems were told: a body holds the words of its ticket. One that still waits to be sent stays."""
    rows = session.exec(
        select(WebhookDelivery.id)
        .where(col(WebhookDelivery.created_at) < before, col(WebhookDelivery.state) != "queued")
        .limit(BATCH)
    ).all()
    connection = session.connection()
    connection.execute(delete(WebhookDelivery).where(col(WebhookDelivery.id).in_(rows)))
    used = core_select(col(WebhookDelivery.event_id))
    old = (col(WebhookEvent.at) < before, col(WebhookEvent.spread).is_(True), col(WebhookEvent.id).not_in(used))
    connection.execute(delete(WebhookEvent).where(*old))
    return len(rows)


def _sessions(session: Session, before: datetime) -> int:
    old = core_select(col(WebSession.token_hash)).where(col(WebSession.seen_at) < before).limit(BATCH).scalar_subquery()
    return session.connection().execute(delete(WebSession).where(col(WebSession.token_hash).in_(old))).rowcount


def _erase_contacts(session: Session, ids: list[int], *, who_too: bool = True) -> int:
    connection = session.connection()
    connection.execute(delete(ReadingRecord).where(col(ReadingRecord.contact_id).in_(ids)))
    connection.execute(delete(LabelledValue).where(col(LabelledValue.contact_id).in_(ids)))
    gone: dict[str, Any] = {"raw": b"", "state": ContactState.DELETED.value, "last_error": ""}
    if who_too:
        gone |= {"subject": "", "from_address": "", "envelope_from": "", "peer": ""}
    connection.execute(update(Contact).where(col(Contact.id).in_(ids)).values(gone))
    return len(ids)


def _erase_mails(session: Session, ids: list[int]) -> int:
    connection = session.connection()
    connection.execute(delete(OutboxFile).where(col(OutboxFile.outbox_id).in_(ids)))
    connection.execute(
        update(Outbox)
        .where(col(Outbox.id).in_(ids))
        .values(raw=None, body_text="", context={}, subject="", to_address="", state=OutboxState.DELETED.value)
    )
    return len(ids)


def _erase_hooks(session: Session, tickets: Sequence[str]) -> None:
    """Also what still waits: nobody is told any more of what is erased."""
    events = core_select(col(WebhookEvent.id)).where(col(WebhookEvent.ticket_id).in_(tickets))
    connection = session.connection()
    connection.execute(delete(WebhookDelivery).where(col(WebhookDelivery.event_id).in_(events)))
    connection.execute(delete(WebhookEvent).where(col(WebhookEvent.ticket_id).in_(tickets)))


def _erase_calls(session: Session, sids: list[str]) -> None:
    connection = session.connection()
    connection.execute(update(PhoneCall).where(col(PhoneCall.sid).in_(sids)).values(number="", draft={}))
    connection.execute(update(PhoneStep).where(col(PhoneStep.call_sid).in_(sids)).values(given={}, answer=""))
    connection.execute(update(CallBack).where(col(CallBack.call_sid).in_(sids)).values(number=""))
    connection.execute(delete(Recording).where(col(Recording.call_sid).in_(sids)))


def _tombstone(session: Session, action: str, now: datetime, actor: str, detail: dict[str, Any]) -> None:
    session.add(Audit(at=now, actor=actor, action=action, detail=detail))
