"""Who may see which page, security headers, and errors as pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import HTTPException, Request, Response

from console.auth import SignedIn, same_token, session_of
from models.clock import Clock
from models.store import Store
from models.words import Role

EVERYBODY: frozenset[Role] = frozenset(Role)
_POLICY = ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'")
HEADERS = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class NotSignedIn(Exception):
    """The visitor must sign in first."""


class Guard:
    """Asks the session behind each request."""

    def __init__(self, store: Store, clock: Clock, *, public_url: str, secure: bool) -> None:
        self._store, self._clock = store, clock
        self._origins = {public_url.rstrip("/")}
        self.secure = secure
        self.cookie = "__Host-session" if secure else "session"

    def may(self, roles: frozenset[Role]) -> Callable[[Request], SignedIn]:
        """A dependency: the signed-in user, if the role is one of these. It declares the route's permission."""

        def user(request: Request) -> SignedIn:
            who = self.who(request)
            if who is None:
                raise NotSignedIn
            if who.role not in roles:
                raise HTTPException(403, "Your role may not see this page.")
            return who

        return user

    def who(self, request: Request) -> SignedIn | None:
        token = request.cookies.get(self.cookie, "")
        # A list that refreshes itself is no sign of a person at the keyboard.
        by_person = request.url.path != "/stream" and "x-live" not in request.headers
        return session_of(self._store, token, self._clock(), by_person=by_person) if token else None

    def check_origin(self, request: Request) -> None:
        """Refuses a form that another site sent."""
        origin = request.headers.get("origin")
        if (
            origin
            and origin != "null"
            and origin not in self._origins
            and urlsplit(origin).netloc != request.headers.get("host")
        ):
            raise HTTPException(403, "This form was sent from another site.")

    def check_csrf(self, who: SignedIn, sent: str) -> None:
        if not same_token(who.csrf, sent):
            raise HTTPException(403, "This form is out of date. Go back, load the page again, and repeat.")


async def add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Every answer carries the security headers; pages are not kept by browsers."""
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if not request.url.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
