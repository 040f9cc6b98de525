"""The review queue: the list, the next case, assigning and snoozing, and who looks at what just now."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session, col, select

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.review_queue import Filters, next_ref, page_of, queue
from console.site import Site
from models.clock import iso
from models.errors import UserError
from models.tables import Contact, Event, Ticket
from models.tables_users import User
from models.words import Impact, Role
from tickets import desk
from tickets.review import ReviewKind

DESK: frozenset[Role] = frozenset({Role.AGENT, Role.LEAD, Role.ADMIN})
OVER: frozenset[Role] = frozenset({Role.LEAD, Role.ADMIN})
KIND_WORDS = {
    ReviewKind.CONFIRM: "To confirm",
    ReviewKind.CONFLICT: "Conflict",
    ReviewKind.HOLD: "Held",
    ReviewKind.VERDICT: "Robot or stranger",
    ReviewKind.UNPROCESSABLE: "Not readable",
    ReviewKind.DELIVERY: "Not delivered",
    ReviewKind.LOOK: "To look at",
}
SNOOZES = (("30min", "30 minutes"), ("2h", "2 hours"), ("8h", "8 hours"), ("1d", "a day"), ("3d", "3 days"))
_LENGTHS = {"min": "minutes", "h": "hours", "d": "days"}
_SHOWN = 50
_Text = Annotated[str, Form()]


def add_review(app: FastAPI, site: Site) -> None:
    user, worker = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(DESK))

    @app.get("/review", response_class=HTMLResponse)
    def review(
        request: Request, who: SignedIn = user, kind: str = "", impact: str = "", whose: str = "all", asleep: str = "",
        q: str = "", said: str = "", wrong: str = "", skip: str = "",
    ) -> Response:  # fmt: skip
        filters = Filters(kind, impact, whose, bool(asleep), q.strip()[:100])
        with site.store.read() as session:
            found = queue(session, filters, who.name, site.clock())
        first = _first(skip, len(found.lines))
        context = {
            "who": who, "queue": found, "lines": found.lines[first : first + _SHOWN], "first": first, "shown": _SHOWN,
            "filters": filters, "kinds": KIND_WORDS,
            "impacts": (*(i.value for i in Impact), "unknown"), "now": site.clock(), "may_act": who.role in DESK,
            "snoozes": SNOOZES, "said": said[:300], "wrong": wrong[:300],
        }  # fmt: skip
        return site.pages.TemplateResponse(request, "review.html", context)

    @app.get("/review/next")
    def review_next(who: SignedIn = worker, after: str = "", said: str = "") -> Response:
        with site.store.read() as session:
            ref = next_ref(session, who.name, site.clock(), after)
            to = page_of(session, ref) if ref else "/review"
        said = said[:300] if ref else f"{said[:300]} Nothing else waits for you.".strip()
        return RedirectResponse(f"{to}?said={quote(said)}" if said else to, status_code=303)

    @app.get("/review/open/{case_ref}")
    def review_open(case_ref: str, who: SignedIn = user) -> Response:
        with site.store.read() as session:
            _known(session, case_ref)
            return RedirectResponse(page_of(session, case_ref), status_code=303)

    @app.post("/review/{case_ref}/assign")
    def review_assign(
        request: Request, case_ref: str, who: SignedIn = worker, csrf: _Text = "", to: _Text = "", over: _Text = "",
        back: _Text = "",
    ) -> Response:  # fmt: skip
        def work(session: Session) -> str:
            if to and session.get(User, to) is None:
                raise UserError(f"There is no user {to}.")
            desk.assign(session, case_ref, to, by=who.name, now=site.clock(), over=over == "yes" or who.role in OVER)
            return "It is yours." if to == who.name else f"Given to {to}." if to else "Given back to all."

        return _act(site, request, who, csrf, case_ref, back, work)

    @app.post("/review/{case_ref}/snooze")
    def review_snooze(
        request: Request, case_ref: str, who: SignedIn = worker, csrf: _Text = "", length: _Text = "", until: _Text = "",
        why: _Text = "", back: _Text = "",
    ) -> Response:  # fmt: skip
        def work(session: Session) -> str:
            at = _until(length, until, site.clock())
            desk.snooze(session, case_ref, at, by=who.name, now=site.clock(), why=why)
            return f"Snoozed until {at:%d %b %H:%M} UTC; it comes back by itself."

        return _act(site, request, who, csrf, case_ref, back or "/review/next?after=" + quote(case_ref), work)

    @app.post("/review/{case_ref}/wake")
    def review_wake(request: Request, case_ref: str, who: SignedIn = worker, csrf: _Text = "", back: _Text = "") -> Response:
        def work(session: Session) -> str:
            desk.wake(session, case_ref, by=who.name, now=site.clock())
            return "It is back in the queue."

        return _act(site, request, who, csrf, case_ref, back, work)

    @app.get("/review/{case_ref}/presence", response_class=HTMLResponse)
    def review_presence(request: Request, case_ref: str, who: SignedIn = user, version: int = 0) -> Response:
        """Renews this user's presence and says what has happened since the page was loaded; asked every 15 seconds."""
        with site.store.write() as session:
            _known(session, case_ref)
            others = desk.look_at(session, case_ref, who.name, site.clock()) if who.role in DESK else []
            ticket = session.get(Ticket, case_ref)
            last = None
            if ticket and version and ticket.version != version:
                last = session.exec(select(Event).where(Event.ticket_id == case_ref).order_by(col(Event.id).desc())).first()
        context = {"who": who, "others": others, "last": last}
        return site.pages.TemplateResponse(request, "_presence.html", context)


def _first(skip: str, lines: int) -> int:
    """Where the part of the list that is shown begins: never behind its end, which comes nearer as cases are decided."""
    last = max(0, lines - 1) // _SHOWN * _SHOWN
    return min(int(skip), last) if skip.isdecimal() and len(skip) < 6 else 0


def _act(
    site: Site, request: Request, who: SignedIn, csrf: str, ref: str, back: str, work: Callable[[Session], str]
) -> Response:
    site.guard.check_origin(request)
    site.guard.check_csrf(who, csrf)
    to = back if re.fullmatch(r"/(?!/)[\w/?=&.%-]*", back) else "/review"
    try:
        with site.store.write() as session:
            _known(session, ref)
            name, text = "said", work(session)
    except UserError as e:
        name, text, to = "wrong", str(e), to if "next" not in to else page_back(site, ref)
    return RedirectResponse(f"{to}{'&' if '?' in to else '?'}{name}={quote(text)}", status_code=303)


def page_back(site: Site, ref: str) -> str:
    with site.store.read() as session:
        return page_of(session, ref)


def _known(session: Session, ref: str) -> None:
    number = ref[1:] if ref[:1] == "c" and ref[1:].isdigit() else ""
    contact = session.exec(select(Contact.id).where(Contact.id == int(number[:15] or 0))).first() if number else None
    if contact is None and session.get(Ticket, ref) is None:
        raise HTTPException(404, "There is no such case.")


def _until(length: str, until: str, now: datetime) -> datetime:
    """A length such as 2h, or a time as the browser's own field gives it, in UTC. Raises UserError."""
    found = re.fullmatch(r"(\d{1,3})(min|h|d)", length)
    if found and not until:
        return now + timedelta(**{_LENGTHS[found[2]]: int(found[1])})
    try:
        at = datetime.fromisoformat(until)
    except ValueError as e:
        raise UserError(f"{until[:40]!r} is no time; write it as {iso(now)[:16]} (UTC).") from e
    return at if at.tzinfo else at.replace(tzinfo=UTC)
