"""From events to deliveries: spread over the endpoints, leased, sent, marked; retries are columns and survive everything."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, update
from sqlmodel import Session, col, select

from models.clock import Clock, iso
from models.errors import NotFoundError, UserError
from models.glance import Glance
from models.store import Store
from models.tables import Ticket
from models.tables_mail import Alarm
from models.tables_webhooks import WebhookDelivery, WebhookEndpoint, WebhookEvent
from outbound.webhook_bodies import SAMPLE, headers_for, render_body
from outbound.webhook_secrets import Box, sign
from outbound.webhook_sending import Answer, HookSender

# After each failed try, as Standard Webhooks advises; then the delivery has failed and can be replayed by hand.
BACKOFF = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400))
LEASE = timedelta(minutes=2)
# An endpoint that has taken nothing for so long is switched off, with an alarm.
OFF_AFTER = timedelta(days=5)
KEPT = timedelta(days=30)
SPREAD, SENT_AT_ONCE = 200, 8
GONE = 410
_UNSPREAD = select(WebhookEvent.id).where(col(WebhookEvent.spread).is_(False)).limit(1)
_ANY = Glance(_UNSPREAD, select(WebhookDelivery.id).where(WebhookDelivery.state == "queued"))


@dataclass(frozen=True, slots=True)
class HookSettings:
    provider: str
    public_url: str
    box: Box


@dataclass(frozen=True, slots=True)
class Parcel:
    """A leased delivery, with all that sending it needs."""

    delivery: int
    owner: str
    url: str
    headers: dict[str, str]
    body: str
    problem: str = ""


def spread(store: Store, settings: HookSettings, now: datetime) -> int:
    """Makes a delivery for each endpoint that wants an event, its body as the ticket is now; gives how many events."""
    with store.write() as session:
        events = session.exec(
            select(WebhookEvent)
            .where(col(WebhookEvent.spread).is_(False))
            .order_by(col(WebhookEvent.at), col(WebhookEvent.id))
            .limit(SPREAD)
            .with_for_update(skip_locked=True)
        ).all()
        endpoints = session.exec(select(WebhookEndpoint).where(col(WebhookEndpoint.active).is_(True))).all() if events else ()
        for event in events:
            event.spread = True
            session.add(event)
            for endpoint in endpoints:
                if not endpoint.events or event.type in endpoint.events:
                    session.add(_delivery(session, settings, event, endpoint, now))
        return len(events)


def lease(store: Store, settings: HookSettings, *, owner: str, now: datetime) -> list[Parcel]:
    """Takes deliveries that are due and free, the oldest first."""
    with store.write() as session:
        due = session.exec(
            select(WebhookDelivery.id)
            .where(*_free(now))
            .order_by(col(WebhookDelivery.due_at))
            .limit(SENT_AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        taken = session.connection().execute(
            update(WebhookDelivery)
            .where(col(WebhookDelivery.id).in_(due), *_free(now))
            .values(lease_owner=owner, lease_until=now + LEASE)
            .returning(col(WebhookDelivery.id))
        )
        ids = list(taken.scalars())
        return [_parcel(session, settings, i, owner, now) for i in ids if i is not None]


def mark(store: Store, parcel: Parcel, answer: Answer, now: datetime) -> str:
    """Writes down what became of a delivery; gives its state. One whose lease is over is left alone."""
    with store.write() as session:
        row = session.get(WebhookDelivery, parcel.delivery, with_for_update=True)
        if row is None or row.lease_owner != parcel.owner or row.state != "queued":
            return row.state if row else "gone"
        endpoint = session.get(WebhookEndpoint, row.endpoint_id, with_for_update=True)
        assert endpoint is not None
        row.tries, row.status, row.last_error = row.tries + 1, answer.status, "" if answer.good else _why(answer)
        row.lease_owner, row.lease_until = "", None
        if answer.good:
            row.state, row.sent_at = "sent", now
            endpoint.failing_since, endpoint.last_ok_at = None, now
        else:
            _failed(session, row, endpoint, answer, now)
        session.add(row)
        session.add(endpoint)
        return row.state


def work(store: Store, sender: HookSender, settings: HookSettings, *, owner: str, clock: Clock) -> int:
    """One round: spread, lease, send, mark; gives how many were sent or tried."""
    if not waits(store, clock()):
        return 0
    spread(store, settings, clock())
    parcels = lease(store, settings, owner=owner, now=clock())
    for parcel in parcels:
        deliver(store, sender, parcel, clock)
    return len(parcels)


def deliver(store: Store, sender: HookSender, parcel: Parcel, clock: Clock) -> str:
    """Sends one leased delivery and marks it; gives its state."""
    answer = Answer(0, parcel.problem) if parcel.problem else sender.post(parcel.url, parcel.headers, parcel.body)
    return mark(store, parcel, answer, clock())


def replay(session: Session, settings: HookSettings, delivery_id: int, now: datetime) -> WebhookDelivery:
    """The same event to the same endpoint once more, as a row of its own with the same body. Raises UserError."""
    row = session.get(WebhookDelivery, delivery_id)
    if row is None:
        raise NotFoundError(f"there is no delivery {delivery_id}")
    endpoint = session.get(WebhookEndpoint, row.endpoint_id, with_for_update=True)
    assert endpoint is not None
    if not endpoint.active:
        raise UserError(f"the endpoint {endpoint.name} is switched off; switch it on before you replay")
    last = session.exec(
        select(WebhookDelivery.replay)
        .where(WebhookDelivery.endpoint_id == row.endpoint_id, WebhookDelivery.event_id == row.event_id)
        .order_by(col(WebhookDelivery.replay).desc())
    ).first()
    made = WebhookDelivery(
        endpoint_id=row.endpoint_id, event_id=row.event_id, replay=(last or 0) + 1, body=row.body, created_at=now, due_at=now
    )
    session.add(made)
    session.flush()
    return made


def queue_test(session: Session, settings: HookSettings, endpoint: WebhookEndpoint, now: datetime) -> WebhookDelivery:
    """A sample event to one endpoint, so that its owner sees what comes."""
    event = WebhookEvent(id=f"evt_{uuid.uuid4().hex}", type="ticket.opened", at=now, data={"test": True}, spread=True)
    session.add(event)
    session.flush()
    row = _delivery(session, settings, event, endpoint, now)
    session.add(row)
    session.flush()
    return row


def forget_old(session: Session, now: datetime) -> None:
    """Deliveries and events of more than 30 days ago are deleted; what still waits stays."""
    connection, old = session.connection(), now - KEPT
    connection.execute(
        delete(WebhookDelivery).where(col(WebhookDelivery.created_at) < old, col(WebhookDelivery.state) != "queued")
    )
    used = select(WebhookDelivery.event_id)
    connection.execute(
        delete(WebhookEvent).where(
            col(WebhookEvent.at) < old, col(WebhookEvent.spread).is_(True), col(WebhookEvent.id).not_in(used)
        )
    )


def values_of(session: Session, settings: HookSettings, event: WebhookEvent, key: str) -> dict[str, Any]:
    """What a body is made of (docs/formats.md); only an endpoint's own key, never a secret."""
    ticket = session.get(Ticket, event.ticket_id) if event.ticket_id else None
    shown = _ticket(ticket) if ticket else _SAMPLE if event.data.get("test") else None
    base = settings.public_url.rstrip("/")
    return {
        "event": event.type,
        "id": event.id,
        "time": iso(event.at),
        "provider": settings.provider,
        "key": key,
        "url": f"{base}/tickets/{ticket.id}" if ticket else "",
        "ticket": shown,
        "data": event.data,
    }


def _ticket(t: Ticket) -> dict[str, Any]:
    def known(name: str) -> list[str]:
        entry = t.report.get(name)
        return [str(v) for v in entry["values"]] if isinstance(entry, dict) else []

    return {
        "id": t.id,
        "subject": t.subject,
        "state": t.state,
        "priority": t.priority,
        "impact": t.impact or "",
        "customer": t.customer_id or "",
        "company": t.company,
        "services": known("service_id"),
        "missing": list(t.missing),
        "description": " ".join(known("description")),
        "opened_at": iso(t.opened_at),
        "escalation_level": t.escalation_level,
        "resolution": t.resolution,
    }


_SAMPLE: dict[str, Any] = {**SAMPLE["ticket"], "subject": "This is a test", "priority": "low", "company": "Test", "missing": []}


def _delivery(
    session: Session, settings: HookSettings, event: WebhookEvent, endpoint: WebhookEndpoint, now: datetime
) -> WebhookDelivery:
    """A delivery; a body that cannot be made is a delivery that has failed, for a person to see."""
    row = WebhookDelivery(endpoint_id=endpoint.id or 0, event_id=event.id, created_at=now, due_at=now)
    try:
        key = settings.box.open(endpoint.key)
        row.body = render_body(endpoint.kind, endpoint.template, values_of(session, settings, event, key))
    except UserError as e:
        row.state, row.last_error = "failed", str(e)
    return row


def _parcel(session: Session, settings: HookSettings, delivery_id: int, owner: str, now: datetime) -> Parcel:
    row = session.get(WebhookDelivery, delivery_id, populate_existing=True)
    assert row is not None
    endpoint = session.get(WebhookEndpoint, row.endpoint_id)
    assert endpoint is not None
    try:
        known = [settings.box.open(endpoint.secret)]
        if endpoint.old_secret and endpoint.old_until and endpoint.old_until > now:
            known.append(settings.box.open(endpoint.old_secret))
        headers = headers_for(endpoint.kind, settings.box.open(endpoint.key)) | sign(known, row.event_id, now, row.body)
    except UserError as e:
        return Parcel(delivery_id, owner, endpoint.url, {}, row.body, problem=str(e))
    return Parcel(delivery_id, owner, endpoint.url, headers, row.body)


def _failed(session: Session, row: WebhookDelivery, endpoint: WebhookEndpoint, answer: Answer, now: datetime) -> None:
    endpoint.failing_since = endpoint.failing_since or now
    if row.tries > len(BACKOFF):
        row.state = "failed"
    else:
        row.due_at = now + max(BACKOFF[row.tries - 1], timedelta(seconds=min(answer.retry_after_s, 86_400)))
    if answer.status == GONE:
        switch_off(session, endpoint, "the receiver says that it is gone (410)", now)
        row.state = "failed"
    elif now - endpoint.failing_since >= OFF_AFTER:
        switch_off(session, endpoint, f"it has taken nothing since {endpoint.failing_since:%d %b %Y}: {_why(answer)}", now)


def switch_off(session: Session, endpoint: WebhookEndpoint, why: str, now: datetime) -> None:
    """Nothing more is sent there; what waits is dropped, and an alarm says so."""
    endpoint.active, endpoint.why_off = False, why
    waiting = (col(WebhookDelivery.endpoint_id) == endpoint.id, col(WebhookDelivery.state) == "queued")
    session.connection().execute(update(WebhookDelivery).where(*waiting).values(state="dropped", last_error=why))
    name, detail = alarm_name(endpoint), f"webhook {endpoint.name} is switched off: {why}"
    session.merge(Alarm(name=name, detail=detail, raised_at=now, last_at=now))
    session.add(endpoint)


def alarm_name(endpoint: WebhookEndpoint) -> str:
    return f"webhook-{endpoint.id}"


def waits(store: Store, now: datetime) -> bool:
    """Whether there is anything to do, asked without taking the writers' turn; mostly there is not."""
    if not _ANY(store):
        return False
    free = select(WebhookDelivery.id).where(*_free(now)).limit(1)
    with store.read() as session:
        return bool(session.exec(_UNSPREAD).first() or session.exec(free).first())


def _free(now: datetime) -> Sequence[ColumnElement[bool]]:
    unleased = or_(col(WebhookDelivery.lease_until).is_(None), col(WebhookDelivery.lease_until) < now)
    return (col(WebhookDelivery.state) == "queued", col(WebhookDelivery.due_at) <= now, unleased)


def _why(answer: Answer) -> str:
    return f"{answer.status}: {answer.words}" if answer.status else answer.words
