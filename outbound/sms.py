"""Text messages: written from templates/sms/, sent once, never blindly repeated; the only Twilio of this folder.

The carrier's interface has no key against repeats. So a row is marked *uncertain* before it is handed over, and what a
time-out leaves open is looked up in the carrier's list of messages before anything is sent again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import Session, col, select
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response as TwilioResponse
from twilio.rest import Client

from models.clock import Clock
from models.errors import DeliveryDeferred, DeliveryRefused
from models.store import Store
from models.tables import Event, Outbox, Ticket
from models.words import OutboxState
from outbound.headers import one_line
from outbound.outbox import next_wait

SMS = "sms"
TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "sms"
DEFAULT = "follow-up-filed"
MAX_CHARS = 480
LOOK_AFTER = timedelta(minutes=2)
_LABELS = {"service_id": "service ID", "start_time": "start time", "description": "description", "impact": "impact"}
_environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False)  # noqa: S701


@dataclass(frozen=True, slots=True)
class TextSettings:
    provider: str
    mail: str
    number: str
    status_url: str


class TextSender(Protocol):
    """Sends one text message and gives the carrier's ID for it.

    Raises DeliveryDeferred if it surely was not taken, DeliveryRefused if that is for good; any other error leaves it open.
    """

    def send(self, to: str, text: str, settings: TextSettings) -> str: ...

    def find(self, to: str, text: str, since: datetime) -> str:
        """The ID of a message with this text that the carrier has taken since then, or an empty string."""
        ...


class FolderTexts:
    """Writes each text message into a folder, for an installation without an account."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, to: str, text: str, settings: TextSettings) -> str:
        name = f"sms-{to.strip('+')}-{os.urandom(4).hex()}.txt"
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            (self._path / name).write_text(f"To: {to}\n\n{text}\n")
        except OSError as e:
            raise DeliveryDeferred(f"{self._path}: {e.strerror or e}") from e
        return name

    def find(self, to: str, text: str, since: datetime) -> str:
        return next((p.name for p in self._path.glob(f"sms-{to.strip('+')}-*.txt") if text in p.read_text()), "")


class _Moved(TwilioHttpClient):  # type: ignore[misc]
    def __init__(self, base: str, timeout_s: float) -> None:
        super().__init__(timeout=timeout_s)
        self._base = base.rstrip("/")

    def request(self, method: str, url: str, *args: object, **given: object) -> TwilioResponse:
        parts = urlsplit(url)
        return super().request(method, self._base + parts.path + (f"?{parts.query}" if parts.query else ""), *args, **given)


def carrier_client(account: str, token: str, api_url: str, timeout_s: float = 10.0) -> Client:
    """The carrier's own library, with a time-out, and at another address where one is set."""
    return Client(account, token, http_client=_Moved(api_url, timeout_s))


class TwilioTexts:
    """Sends through the carrier's REST interface, by its own library, with a time-out."""

    def __init__(self, account: str, token: str, api_url: str, *, timeout_s: float = 10.0) -> None:
        self._client = carrier_client(account, token, api_url, timeout_s)

    def send(self, to: str, text: str, settings: TextSettings) -> str:
        try:
            sent = self._client.messages.create(to=to, from_=settings.number, body=text, status_callback=settings.status_url)
        except TwilioRestException as e:
            if e.status == 429:
                raise DeliveryDeferred(f"the carrier answers 429: {e.msg}") from e
            if e.status < 500:
                raise DeliveryRefused(f"the carrier answers {e.status} (error {e.code}): {e.msg}") from e
            raise
        return str(sent.sid)

    def find(self, to: str, text: str, since: datetime) -> str:
        try:
            found = self._client.messages.list(to=to, date_sent_after=since - timedelta(days=1), limit=50)
        except (TwilioException, OSError) as e:
            raise DeliveryDeferred(f"{type(e).__name__}: {e}"[:300]) from e
        return next((str(m.sid) for m in found if m.body == text), "")


def text_of(row: Outbox, settings: TextSettings) -> str:
    """The words of a text message, on one line."""
    name = row.event if (TEMPLATES / f"{row.event}.txt").is_file() else DEFAULT
    missing = ", ".join(_LABELS.get(m, m) for m in row.context.get("missing", ()))
    given = {
        "provider": settings.provider,
        "mail": settings.mail,
        "ticket": row.ticket_id,
        "service": row.context.get("service", ""),
        "missing": missing,
    }
    return one_line(_environment.get_template(f"{name}.txt").render(given), MAX_CHARS)


def deliver_text(store: Store, row_id: int, *, owner: str, clock: Clock, sender: TextSender, settings: TextSettings) -> bool:
    """Sends the row if it is a text message that is due; False if it is none, and then nothing was done."""
    with store.read() as session:
        row = session.get(Outbox, row_id)
    if row is None or row.channel != SMS:
        return False
    now = clock()
    with store.write() as session:
        row = session.get(Outbox, row_id, with_for_update=True)
        if row is None or row.state != OutboxState.QUEUED.value or row.due_at > now:
            return True
        # From here on it may have gone out, whatever happens to us.
        row.body_text = row.body_text or text_of(row, settings)
        row.state, row.lease_owner, row.due_at = OutboxState.UNCERTAIN.value, owner, now + LOOK_AFTER
        session.add(row)
    try:
        carrier_id = sender.send(row.to_address, row.body_text, settings)
    except DeliveryDeferred as e:
        _again(store, row_id, clock(), str(e))
    except DeliveryRefused as e:
        _finish(store, row_id, clock(), OutboxState.FAILED, why=str(e))
    except Exception as e:  # a time-out or a 5xx: perhaps it was taken; the reconciliation finds out
        _note(store, row_id, f"{type(e).__name__}: {e}")
    else:
        _finish(store, row_id, clock(), OutboxState.SENT, carrier_id=carrier_id)
    return True


def reconcile_texts(store: Store, sender: TextSender, clock: Clock, *, limit: int = 50) -> list[int]:
    """Asks the carrier about uncertain messages; those it never took are queued again, and their rows are given."""
    now = clock()
    with store.read() as session:
        rows = session.exec(
            select(Outbox).where(Outbox.state == OutboxState.UNCERTAIN.value, col(Outbox.due_at) <= now).limit(limit)
        ).all()
    again: list[int] = []
    for row in rows:
        assert row.id
        try:
            found = sender.find(row.to_address, row.body_text, row.created_at)
        except DeliveryDeferred as e:
            _note(store, row.id, str(e))
            continue
        if found:
            _finish(store, row.id, now, OutboxState.SENT, carrier_id=found)
        elif _again(store, row.id, now, row.last_error or "not in the carrier's list"):
            again.append(row.id)
    return again


def _again(store: Store, row_id: int, now: datetime, why: str) -> bool:
    with store.write() as session:
        row = _uncertain(session, row_id)
        if row is None:
            return False
        row.tries += 1
        wait = next_wait(row.tries)
        if wait is not None:
            row.state, row.due_at, row.last_error = OutboxState.QUEUED.value, now + wait, one_line(why, 300)
            row.lease_owner = ""
            session.add(row)
            return True
    _finish(store, row_id, now, OutboxState.FAILED, why=why)
    return False


def _note(store: Store, row_id: int, why: str) -> None:
    with store.write() as session:
        row = _uncertain(session, row_id)
        if row is not None:
            row.last_error = one_line(why, 300)
            session.add(row)


def _finish(store: Store, row_id: int, now: datetime, state: OutboxState, *, carrier_id: str = "", why: str = "") -> None:
    with store.write() as session:
        row = _uncertain(session, row_id)
        if row is None:
            return
        row.state, row.carrier_id, row.last_error = state.value, carrier_id, one_line(why, 300)
        row.sent_at = now if state is OutboxState.SENT else None
        row.lease_owner, row.lease_until = "", None
        session.add(row)
        kind = "text_sent" if state is OutboxState.SENT else "text_failed"
        told = f"{row.event} to {row.to_address}" + (f": {why}" if why else "")
        if row.ticket_id is None:
            return
        session.add(Event(ticket_id=row.ticket_id, at=now, actor="outbound", kind=kind, why=told, contact_id=row.contact_id))
        ticket = session.get(Ticket, row.ticket_id, with_for_update=True) if state is OutboxState.FAILED else None
        if ticket is not None:
            ticket.review, ticket.version = True, ticket.version + 1
            ticket.review_reasons = [*ticket.review_reasons, f"text message to {row.to_address} failed: {why}"]
            session.add(ticket)


def _uncertain(session: Session, row_id: int) -> Outbox | None:
    row = session.get(Outbox, row_id, with_for_update=True)
    return row if row is not None and row.state == OutboxState.UNCERTAIN.value else None
