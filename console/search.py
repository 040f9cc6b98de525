"""One field for everything: an exact ID opens its page, words are looked for in tickets, contacts and the directory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import String, literal_column
from sqlmodel import Session, col, func, select

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.listing.contacts import CONTACTS, contact_of
from console.listing.directory import CUSTOMERS, SERVICES
from console.listing.fetch import fetch
from console.listing.filters import contains
from console.listing.query import parse
from console.listing.spec import ListPage, ListSpec
from console.listing.tickets import TICKETS
from console.site import Site
from models.directory import canonical
from models.tables import CustomerRecord, ServiceRecord, Ticket
from models.tables_mail import OtherRef
from models.time_limit import TooLong, limited

LIMIT_S = 4.0
_SHOWN = 10
_MOST_CHARS = 200


@dataclass(frozen=True, slots=True)
class Group:
    """What was found in one list; `more` is the address of the whole of it."""

    spec: ListSpec[Any]
    page: ListPage[Any]
    more: str


def add_search(app: FastAPI, site: Site) -> None:
    user = Depends(site.guard.may(EVERYBODY))

    @app.get("/search", response_class=HTMLResponse)
    def search_page(request: Request, who: SignedIn = user, q: str = "", stay: str = "") -> Response:
        typed = " ".join(q.split())[:_MOST_CHARS].replace("\x00", "")
        groups: list[Group] = []
        wrong, status = "", 200
        if typed:
            with site.store.read() as session:
                if not stay and (path := exact(session, typed)):
                    return RedirectResponse(path, status_code=303)
                try:
                    with limited(session, LIMIT_S):
                        groups = [g for s in (TICKETS, CONTACTS, SERVICES, CUSTOMERS) if (g := _group(session, s, typed))]
                except TooLong:
                    wrong, status = "This looks at too much at once. Type one more word, or a longer beginning.", 503
        context = {"who": who, "q": typed, "groups": groups, "wrong": wrong}
        return site.pages.TemplateResponse(request, "search.html", context, status_code=status)


def exact(session: Session, typed: str) -> str:
    """The page of the one thing that has exactly this ID; nothing when none or several have it."""
    upper = typed.upper()
    if session.get(Ticket, upper):
        return f"/tickets/{quote(upper)}"
    for service in (typed, upper):
        if session.get(ServiceRecord, service):
            return f"/services/{quote(service, safe='')}"
    if session.get(CustomerRecord, typed):
        return f"/customers/{quote(typed, safe='')}"
    if "@" in typed and typed.startswith("<") and (contact := contact_of(session, typed)):
        return f"/contacts/{contact}"
    if any(c.isdigit() for c in typed) and not set(' "*') & set(typed):
        return _by_circuit(session, typed) or _by_other_number(session, typed)
    return ""


def _by_circuit(session: Session, typed: str) -> str:
    named = (
        select(ServiceRecord)
        .where(contains(literal_column("service.words", String()), typed))
        .order_by(col(ServiceRecord.id))
        .limit(20)
    )
    wanted = canonical(typed)
    found = [s.id for s in session.exec(named) if wanted in {canonical(c) for c in s.circuits}]
    return f"/services/{quote(found[0], safe='')}" if len(found) == 1 else ""


def _by_other_number(session: Session, typed: str) -> str:
    """A ticket number of the customer's own system."""
    found = session.exec(select(OtherRef.ticket_id).where(func.lower(col(OtherRef.ref)) == typed.lower()).limit(2)).all()
    return f"/tickets/{quote(found[0])}" if len(set(found)) == 1 else ""


def _group(session: Session, spec: ListSpec[Any], typed: str) -> Group | None:
    page = fetch(session, spec, parse(spec, {"q": typed}), size=_SHOWN)
    if not page.rows:
        return None
    return Group(spec, replace(page, newer=""), f"{spec.path}?{urlencode({'q': typed})}")
