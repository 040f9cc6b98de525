"""Who may see which page: the session behind each request, the forms' tokens and origins, and the security headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request, Response

from console.auth import SignedIn, same_token, session_of
from models.access import Permission, declares
from models.clock import Clock
from models.store import Store
from models.words import Role

EVERYBODY: frozenset[Role] = frozenset(Role)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Where somebody who must choose a new password may go.
WHILE_CHANGING = frozenset({"/account", "/account/password", "/logout"})
_POLICY = ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'")
HEADERS = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
HSTS = "max-age=31536000"


class NotSignedIn(Exception):
    """The visitor must sign in first."""


class MustChange(Exception):
    """The user must choose a new password first."""


async def _form_token(request: Request) -> str:
    """The token that a form or a script sent; the form is read once and kept, so the route can read it again."""
    if request.method in SAFE:
        return ""
    if sent := request.headers.get("x-csrf-token", ""):
        return sent
    if request.headers.get("content-type", "").startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        return str((await request.form()).get("csrf", ""))
    return ""


class Guard:
    """Asks the session behind each request."""

    def __init__(self, store: Store, clock: Clock, *, public_url: str, secure: bool) -> None:
        self._store, self._clock = store, clock
        self._origins = {public_url.rstrip("/")}
        self.secure = secure
        self.cookie = "__Host-session" if secure else "session"

    def may(self, roles: frozenset[Role]) -> Callable[..., SignedIn]:
        """A dependency: the signed-in user, if the role is one of these. It declares the route's permission.

        A request that changes something must come from a page of ours: by its origin, and by the token in its form or in
        the header X-CSRF-Token.
        """

        @declares(Permission("roles", frozenset(r.value for r in roles)))
        def user(request: Request, token: str = Depends(_form_token)) -> SignedIn:
            who = self.who(request)
            if who is None:
                raise NotSignedIn
            if who.role not in roles:
                raise HTTPException(403, "Your role may not see this page.")
            if request.method not in SAFE:
                self.check_origin(request)
                self.check_csrf(who, token)
            if who.must_change and request.url.path not in WHILE_CHANGING:
                raise MustChange
            request.state.who = who
            return who

        return user

    def who(self, request: Request) -> SignedIn | None:
        token = request.cookies.get(self.cookie, "")
        # A list that refreshes itself is no sign of a person at the keyboard.
        by_person = request.url.path != "/stream" and "x-live" not in request.headers
        return session_of(self._store, token, self._clock(), by_person=by_person) if token else None

    def check_origin(self, request: Request) -> None:
        """Refuses a form that another site sent."""
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        ours = origin in self._origins or (origin and urlsplit(origin).netloc == request.headers.get("host"))
        # A browser that hides the origin says at least that it is the same one.
        hidden = origin == "null" and site in ("same-origin", "none", None)
        if site == "cross-site" or not (origin is None or ours or hidden):
            raise HTTPException(403, "This form was sent from another site.")

    def check_csrf(self, who: SignedIn, sent: str) -> None:
        if not same_token(who.csrf, sent):
            raise HTTPException(403, "This form is out of date. Go back, load the page again, and repeat.")


async def add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Every answer carries the security headers; pages are not kept by browsers."""
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.url.scheme == "https":
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    if not request.url.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
