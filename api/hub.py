"""Tells the hubs what has happened: each event in order, again after failures, by one machine at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

import httpx
import structlog
from sqlalchemy import ColumnElement, or_, update
from sqlmodel import Session, col, select

from api.problems import Problem
from api.targets import post
from api.tmf import bodies
from api.tmf_shapes import STATUS, event_of
from models.clock import Clock
from models.store import Store
from models.tables import Event, Ticket
from models.tables_api import ApiToken, EventHub
from models.words import TicketState

log = structlog.get_logger("api.hub")
EVERY_S = 5.0
_LEASE = timedelta(seconds=60)
_FIRST, _LONGEST = timedelta(seconds=10), timedelta(hours=1)
_BATCH = 50


@dataclass
class Hubs:
    """`work` is called again and again; it never raises for what another system does."""

    store: Store
    clock: Clock
    local: bool = False

    def work(self) -> None:
        with self.store.read() as session:
            ids = session.exec(select(EventHub.id).where(self._due())).all()
        for hub_id in ids:
            if self._take(hub_id):
                self._tell(hub_id)

    def _due(self) -> ColumnElement[bool]:
        return or_(col(EventHub.next_try_at).is_(None), col(EventHub.next_try_at) <= self.clock())

    def _take(self, hub_id: str) -> bool:
        with self.store.write() as session:
            lease = update(EventHub).where(col(EventHub.id) == hub_id, self._due()).values(next_try_at=self.clock() + _LEASE)
            return bool(session.connection().execute(lease).rowcount)

    def _tell(self, hub_id: str) -> None:
        with self.store.read() as session:
            hub = session.get(EventHub, hub_id)
            told = self._events(session, hub) if hub and self._alive(session, hub) else []
        if hub is None:
            return
        for event_id, body in told:
            why = self._posted(hub, body) if body else ""
            if why:
                return self._settle(hub_id, None, why)
            if body:
                self._settle(hub_id, event_id, "")
        # What none of them is told moves the mark too, so that it is not looked at again.
        self._settle(hub_id, told[-1][0] if told else None, "", rest=True)

    def _events(self, session: Session, hub: EventHub) -> list[tuple[int, dict[str, object] | None]]:
        rows = session.exec(
            select(Event, Ticket)
            .join(Ticket, col(Ticket.id) == col(Event.ticket_id))
            .where(col(Event.id) > hub.last_event, col(Event.kind) == "state")
            .order_by(col(Event.id))
            .limit(_BATCH)
        ).all()
        out: list[tuple[int, dict[str, object] | None]] = []
        for e, t in rows:
            kind = _kind(e)
            mine = kind and (not hub.customer_id or t.customer_id == hub.customer_id)
            wanted = mine and (not hub.query or f"eventType={kind}" in hub.query)
            out.append((e.id or 0, event_of(kind, e.id or 0, e.at, bodies(session, [t])[0]) if wanted else None))
        return out

    def _alive(self, session: Session, hub: EventHub) -> bool:
        token = session.get(ApiToken, hub.token_id)
        return token is not None and token.revoked_at is None and token.expires_at > self.clock()

    def _posted(self, hub: EventHub, body: dict[str, object]) -> str:
        """Empty where the other system took it, else why not."""
        try:
            headers = {"Content-Type": "application/json"}
            code = post(hub.callback, json.dumps(body).encode(), headers, local=self.local)
        except (httpx.HTTPError, Problem, OSError) as e:
            return f"{type(e).__name__}: {e}"[:300]
        return "" if 200 <= code < 300 else f"answered {code}"

    def _settle(self, hub_id: str, event_id: int | None, why: str, *, rest: bool = False) -> None:
        with self.store.write() as session:
            row = session.get(EventHub, hub_id, with_for_update=True)
            if row is None:
                return
            if event_id:
                row.last_event = max(row.last_event, event_id)
            if why:
                row.failures += 1
                wait = min(_LONGEST, _FIRST * 2 ** min(row.failures - 1, 12))
                row.next_try_at, row.last_error = self.clock() + wait, why
                log.warning("hub_failed", hub=hub_id, why=why, failures=row.failures)
            elif rest or event_id:
                row.failures, row.last_error = 0, ""
                row.next_try_at = None if rest else row.next_try_at
            session.add(row)


def _kind(e: Event) -> str:
    """Which of TMF621's events this change of state is, or none."""
    before, after = str(e.data.get("from", "")), TicketState(str(e.data.get("to")))
    if not before:
        return "TroubleTicketCreateEvent"
    if after is TicketState.AWAITING_CUSTOMER:
        return "TroubleTicketInformationRequiredEvent"
    return "TroubleTicketStatusChangeEvent" if STATUS[TicketState(before)] != STATUS[after] else ""
