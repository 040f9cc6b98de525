"""Who may enter: the session behind each request, forms of our own pages only, bodies of a size that we can take."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.clock import Clock
from models.directory import Directory
from models.store import Store
from panel.sessions import Visitor, same, visitor_of

MAX_BODY = 26_000_000
# Not `no-referrer`: with that, browsers name no origin in the posts of our own pages either.
_HEADERS = ((b"referrer-policy", b"same-origin"), (b"x-robots-tag", b"noindex"))
_KEPT = (b"cache-control", b"public, max-age=3600")


class SignInFirst(Exception):
    """The visitor must sign in; `to` is where he wanted to go."""

    def __init__(self, to: str) -> None:
        super().__init__("sign in first")
        self.to = to


class Gate:
    """Asks the session behind each request."""

    def __init__(
        self, store: Store, clock: Clock, directory: Callable[[], Directory], *, public_url: str, secure: bool
    ) -> None:
        self._store, self._clock, self._directory = store, clock, directory
        self._origins = {public_url.rstrip("/")}
        self.secure = secure
        self.cookie = "__Host-panel" if secure else "panel"

    def visitor(self, request: Request) -> Visitor:
        """A dependency: the signed-in customer."""
        found = self.who(request)
        if found is None:
            raise SignInFirst(request.url.path if request.method == "GET" else "")
        return found

    def who(self, request: Request) -> Visitor | None:
        token = request.cookies.get(self.cookie, "")
        return visitor_of(self._store, token, self._directory(), self._clock()) if token else None

    def check_origin(self, request: Request) -> None:
        """Refuses a form that another site sent."""
        origin = request.headers.get("origin")
        if origin and origin not in self._origins and urlsplit(origin).netloc != request.headers.get("host"):
            raise HTTPException(403, "This form was sent from another site.")

    def check(self, request: Request, visitor: Visitor, csrf: str) -> None:
        """Refuses what did not come from a page of ours in this session."""
        self.check_origin(request)
        if not same(visitor.csrf, csrf):
            raise HTTPException(403, "This form is out of date. Go back, load the page again, and repeat.")


class Limits:
    """Bounds the body of each request, whether its length is announced or not, and adds the panel's own headers."""

    def __init__(self, app: ASGIApp, most: int = MAX_BODY) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = next((v for n, v in scope["headers"] if n == b"content-length"), b"0")
        if not announced.isdigit() or int(announced) > self._most:
            await _too_large(send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                return {"type": "http.disconnect"}
            return message

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = (*_HEADERS, _KEPT) if "/static/" in scope["path"] else _HEADERS
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self._app(scope, counted, with_headers)


async def _too_large(send: Send) -> None:
    words = b"Too large: 25 MB in all at most. Please go back and send less, or smaller files."
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-type", b"text/plain; charset=utf-8")]})
    await send({"type": "http.response.body", "body": words})
