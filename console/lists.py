"""The first page: what waits, and what came in last."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import col, select

from console.auth import SignedIn
from console.dashboard import waiting
from console.guard import EVERYBODY
from console.listing.contacts import CONTACTS
from console.listing.fetch import fetch
from console.listing.query import ListQuery
from console.listing.tickets import TICKETS
from console.site import Site
from models.tables_mail import Alarm

_SHOWN = 20


def add_lists(app: FastAPI, site: Site) -> None:
    user = Depends(site.guard.may(EVERYBODY))

    @app.get("/", response_class=HTMLResponse)
    def home(request: Request, who: SignedIn = user, q: str = "") -> Response:
        if q.strip():
            return RedirectResponse(f"/search?{urlencode({'q': q.strip()})}", status_code=303)
        with site.store.read() as session:
            context = {
                "who": who,
                "groups": [(spec, fetch(session, spec, ListQuery(), size=_SHOWN, count=False)) for spec in (TICKETS, CONTACTS)],
                "waiting": waiting(session),
                "alarms": session.exec(select(Alarm).where(col(Alarm.cleared_at).is_(None)).order_by(col(Alarm.name))).all(),
            }
        return site.pages.TemplateResponse(request, "home.html", context)
