"""Who may come in: a bearer token with the scope that the route declares, within its rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as ASGIScope

from api.problems import Problem
from models.access import Permission, Scope, declares
from models.audit_log import CALLER
from models.clock import Clock
from models.directory import Directory
from models.reading import Reading
from models.store import Store
from models.token_store import Bearer, bearer_of, mark_used
from tickets.filing import FilingSettings
from tickets.mailing import LifeSettings

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="intake"'}
# Wrong tokens from one address in a minute; after that it is not even looked whether one is right.
GUESSES_PER_MINUTE = 30
_bearer = HTTPBearer(auto_error=False, description="A token made on the console's page API tokens or by `intake token add`.")


class ReadWords(Protocol):
    """Reads free words, or a whole mail, under limits of time and memory. Raises ParseTimeout."""

    def words(self, text: str, *, sender: str, customer: str, at: datetime, directory: Directory) -> Reading: ...

    def mail(self, raw: bytes, *, at: datetime) -> Reading: ...


@dataclass(frozen=True, slots=True)
class Api:
    """What the routes are given. `check_rules` raises RuleError for a rule set that cannot be used."""

    store: Store
    clock: Clock
    life: LifeSettings
    filing: FilingSettings
    directory: Callable[[], Directory]
    reader: ReadWords
    check_rules: Callable[[str, str], None]
    provider: str
    per_minute: int
    rates: Rates = field(default_factory=lambda: Rates())


class Rates:
    """Requests counted by the minute, in this process: a machine runs one for the web.

    `take` says how many are left and how long until the next minute.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window, self._counts = 0, dict[str, int]()

    def take(self, key: str, limit: int, *, cost: int = 1) -> tuple[int, int]:
        """Counts a request. Less than nothing left means that it is one too many."""
        now = time.time()
        window, wait = int(now // 60), 60 - int(now % 60)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            count = self._counts.get(key, 0) + cost
            self._counts[key] = count
        return limit - count, wait

    def clear(self) -> None:
        """Begins to count anew."""
        with self._lock:
            self._counts = {}


class Door:
    """Makes the dependency that a route declares its scope with."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def may(self, scope: Scope) -> Callable[..., Bearer]:
        @declares(Permission("scope", frozenset({scope.value})))
        def caller(request: Request, sent: HTTPAuthorizationCredentials | None = Depends(_bearer)) -> Bearer:
            who = self._known(request, sent.credentials if sent else "")
            headers = self._within_rate(who)
            request.state.rate_headers = headers
            if scope not in who.scopes:
                raise Problem(403, f"This token may not do this: it needs the scope {scope.value}.", headers=headers)
            return who

        return caller

    def _known(self, request: Request, presented: str) -> Bearer:
        api, ip = self._api, request.client.host if request.client else ""
        left, wait = api.rates.take(f"ip:{ip}", GUESSES_PER_MINUTE, cost=0)
        if left <= 0:
            raise Problem(429, "Too many wrong tokens from this address.", headers={"Retry-After": str(wait)})
        with api.store.read() as session:
            who = bearer_of(session, presented, api.clock()) if presented else None
        if who is None:
            if presented:
                api.rates.take(f"ip:{ip}", GUESSES_PER_MINUTE)
            raise Problem(401, "Send a token that is known, not expired and not revoked.", headers=_CHALLENGE)
        CALLER.set(ip)
        if who.stale:
            with api.store.write() as session:
                mark_used(session, who.id, api.clock())
        return who

    def _within_rate(self, who: Bearer) -> Mapping[str, str]:
        limit = who.per_minute or self._api.per_minute
        left, wait = self._api.rates.take(who.id, limit)
        headers = {"RateLimit-Limit": str(limit), "RateLimit-Remaining": str(max(0, left)), "RateLimit-Reset": str(wait)}
        if left < 0:
            raise Problem(429, f"{limit} requests a minute are allowed.", headers={**headers, "Retry-After": str(wait)})
        return headers


class RateHeaders:
    """Middleware: every answer to a known token says what is left of its rate."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in scope.get("state", {}).get("rate_headers", {}).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
