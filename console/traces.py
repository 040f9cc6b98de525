"""What pages leave in the audit log by themselves: from which address, who looked at personal data, what was exported."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from console.auth import SignedIn
from console.site import Site
from models.audit_log import CALLER, record

# Path parameters that name something with a person's words or data in it, and what it is called in the log.
PERSONAL = {"ticket_id": "ticket", "contact_id": "contact", "customer_id": "customer", "call_sid": "call"}
# The same page looked at again by the same session within this time is one look.
ONE_LOOK = timedelta(minutes=10)
_KEPT = 20_000


class Traces:
    """The middleware that writes them."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._seen: dict[tuple[str, str, str], datetime] = {}
        self._lock = threading.Lock()

    async def __call__(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        token = CALLER.set(request.client.host if request.client else "")
        try:
            response = await call_next(request)
            who = getattr(request.state, "who", None)
            if isinstance(who, SignedIn) and request.method == "GET" and response.status_code == 200:
                found = self._trace(request, response)
                if found and self._first_look(who, *found):
                    await run_in_threadpool(self._write, who, request.url.path, *found)
            return response
        finally:
            CALLER.reset(token)

    def _trace(self, request: Request, response: Response) -> tuple[str, str] | None:
        """What to write, and about what; None for a page without personal data."""
        named = [(kind, str(v)) for k, v in request.path_params.items() if (kind := PERSONAL.get(k))]
        subject = f"{named[0][0]}:{named[0][1]}" if named else request.url.path.strip("/").partition("/")[0] or "cases"
        # The lists write their exports themselves, with the filters.
        is_list = response.headers.get("content-type", "").startswith("text/csv")
        if response.headers.get("content-disposition", "").startswith("attachment") and not is_list:
            return "exported", subject
        return ("viewed", subject) if named else None

    def _first_look(self, who: SignedIn, action: str, subject: str) -> bool:
        if action == "exported":
            return True
        now, key = self._site.clock(), (who.session, action, subject)
        with self._lock:
            before = self._seen.get(key)
            if before and now - before < ONE_LOOK:
                return False
            if len(self._seen) > _KEPT:
                self._seen = {k: at for k, at in self._seen.items() if now - at < ONE_LOOK}
            self._seen[key] = now
        return True

    def _write(self, who: SignedIn, path: str, action: str, subject: str) -> None:
        with self._site.store.write() as session:
            record(session, action, at=self._site.clock(), actor=who.name, subject=subject, path=path[:200])
