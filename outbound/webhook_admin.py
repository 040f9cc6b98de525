"""Endpoints as admins see them: checked at the door, switched on and off, their secrets made and changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from models.audit_log import record
from models.errors import NotFoundError, UserError
from models.tables_mail import Alarm
from models.tables_webhooks import WebhookDelivery, WebhookEndpoint
from outbound.webhook_bodies import BodyError, check_template
from outbound.webhook_secrets import Box, new_secret
from outbound.webhook_sending import Allowed, UrlRefused, check_url
from outbound.webhooks import alarm_name, switch_off

OLD_SECRET_LIFE = timedelta(hours=24)
_NAME_CHARS = 60


@dataclass(frozen=True, slots=True)
class EndpointForm:
    """What an admin enters. `key` is left empty to keep the one that is stored."""

    name: str
    url: str
    events: Sequence[str] = ()
    kind: str = "standard"
    template: str = ""
    key: str = ""


def wrong_fields(form: EndpointForm, allowed: Allowed, known: Sequence[str], *, has_key: bool) -> dict[str, str]:
    """What is wrong, by field; nothing where all can be used. `known` are the names of the events."""
    wrong: dict[str, str] = {}
    if not form.name.strip() or len(form.name) > _NAME_CHARS or not form.name.isprintable():
        wrong["name"] = f"A name of 1 to {_NAME_CHARS} characters is needed."
    try:
        check_url(form.url.strip(), allowed)
    except UrlRefused as e:
        wrong["url"] = _sentence(e)
    try:
        check_template(form.kind, form.template)
    except BodyError as e:
        wrong["template" if form.kind == "custom" else "kind"] = _sentence(e)
    if strange := [e for e in form.events if e not in known]:
        wrong["events"] = f"There is no event {strange[0]!r}."
    if form.kind in ("pagerduty", "opsgenie") and not form.key.strip() and not has_key:
        wrong["key"] = "This receiver needs its key: the routing key of PagerDuty, the API key of Opsgenie."
    if len(form.key) > 500 or not form.key.isprintable():
        wrong["key"] = "A key is one line of at most 500 characters."
    return wrong


def add(session: Session, form: EndpointForm, box: Box, *, actor: str, now: datetime) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret, which is shown this once. Raises UserError where the name is taken."""
    _free_name(session, form.name.strip(), None)
    secret = new_secret()
    row = WebhookEndpoint(
        name=form.name.strip(), url=form.url.strip(), secret=box.seal(secret), created_at=now, created_by=actor
    )
    _fill(row, form, box)
    session.add(row)
    session.flush()
    _audit(session, actor, now, "webhook-added", row)
    return row, secret


def change(session: Session, endpoint_id: int, form: EndpointForm, box: Box, *, actor: str, now: datetime) -> WebhookEndpoint:
    """Raises NotFoundError, or UserError where the name is taken."""
    row = find(session, endpoint_id)
    _free_name(session, form.name.strip(), row.id)
    row.name, row.url = form.name.strip(), form.url.strip()
    _fill(row, form, box)
    session.add(row)
    _audit(session, actor, now, "webhook-changed", row)
    return row


def new_secret_for(session: Session, endpoint_id: int, box: Box, *, actor: str, now: datetime) -> str:
    """A new secret; the old one signs beside it for a day, so that the receiver can change without a gap."""
    row, secret = find(session, endpoint_id), new_secret()
    row.old_secret, row.old_until, row.secret = row.secret, now + OLD_SECRET_LIFE, box.seal(secret)
    session.add(row)
    _audit(session, actor, now, "webhook-secret", row)
    return secret


def switch(session: Session, endpoint_id: int, *, on: bool, actor: str, now: datetime) -> WebhookEndpoint:
    """On again with a clean slate, or off by hand, which is no alarm."""
    row = find(session, endpoint_id)
    if on:
        row.active, row.why_off, row.failing_since = True, "", None
    else:
        switch_off(session, row, f"switched off by {actor}", now)
        row.why_off = ""
    _clear_alarm(session, row, now)
    session.add(row)
    _audit(session, actor, now, "webhook-on" if on else "webhook-off", row)
    return row


def remove(session: Session, endpoint_id: int, *, actor: str, now: datetime) -> None:
    """The endpoint and the log of what was sent there."""
    row = find(session, endpoint_id)
    _clear_alarm(session, row, now)
    session.connection().execute(delete(WebhookDelivery).where(col(WebhookDelivery.endpoint_id) == row.id))
    session.delete(row)
    _audit(session, actor, now, "webhook-removed", row)


def find(session: Session, endpoint_id: int) -> WebhookEndpoint:
    row = session.get(WebhookEndpoint, endpoint_id, with_for_update=True)
    if row is None:
        raise NotFoundError(f"there is no webhook {endpoint_id}")
    return row


def renew_alarms(session: Session, now: datetime) -> None:
    """An endpoint that was switched off by itself is an alarm until a person has seen to it."""
    for row in session.exec(
        select(WebhookEndpoint).where(col(WebhookEndpoint.active).is_(False), col(WebhookEndpoint.why_off) != "")
    ):
        alarm = session.get(Alarm, alarm_name(row))
        if alarm:
            alarm.last_at, alarm.cleared_at = now, None
            session.add(alarm)


def _fill(row: WebhookEndpoint, form: EndpointForm, box: Box) -> None:
    row.events, row.kind = list(dict.fromkeys(form.events)), form.kind
    row.template = form.template if form.kind == "custom" else ""
    if form.key.strip():
        row.key = box.seal(form.key.strip())


def _free_name(session: Session, name: str, but: int | None) -> None:
    found = session.exec(select(WebhookEndpoint).where(WebhookEndpoint.name == name)).first()
    if found is not None and found.id != but:
        raise UserError(f"a webhook is named {name!r} already")


def _clear_alarm(session: Session, row: WebhookEndpoint, now: datetime) -> None:
    alarm = session.get(Alarm, alarm_name(row))
    if alarm:
        alarm.cleared_at = now
        session.add(alarm)


def _audit(session: Session, actor: str, now: datetime, action: str, row: WebhookEndpoint) -> None:
    record(session, action, at=now, actor=actor, subject=f"webhook {row.name}", webhook=row.id, url=row.url, events=row.events)


def _sentence(error: Exception) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
