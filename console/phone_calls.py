"""The pages of the phone line: live calls as their fields fill in, ended calls, one call's record, and the report."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from console import phone_queries as queries
from console.auth import SignedIn
from console.guard import EVERYBODY
from console.phone_sound import sound
from console.site import Site
from models.tables_phone import Recording
from tickets import call_backs

_DAYS = (1, 7, 30, 90)


def add_phone_calls(app: FastAPI, site: Site) -> None:
    reader = Depends(site.guard.may(EVERYBODY))

    @app.get("/calls", response_class=HTMLResponse)
    def calls(request: Request, who: SignedIn = reader, q: str = "", before: str = "") -> Response:
        now = site.clock()
        with site.store.read() as session:
            live = queries.live_calls(session, now)
            ended = queries.ended_calls(session, search=q.strip(), before=before)
            owed = call_backs.owed(session)
        context = {
            "who": who,
            "live": live,
            "ended": ended,
            "owed": len(owed),
            "overdue": sum(b.due_at < now for b in owed),
            "q": q,
            "now": now,
            "older": ended[-1].sid if len(ended) == queries.PAGE else "",
        }
        return site.pages.TemplateResponse(request, "calls.html", context)

    @app.get("/calls/report", response_class=HTMLResponse)
    def call_report(request: Request, who: SignedIn = reader, days: int = 30) -> Response:
        days = days if days in _DAYS else 30
        with site.store.read() as session:
            report = queries.report(session, site.clock() - timedelta(days=days))
        return site.pages.TemplateResponse(request, "call_report.html", {"who": who, "r": report, "days": days, "spans": _DAYS})

    @app.get("/calls/{sid}", response_class=HTMLResponse)
    def call_record(request: Request, sid: str, who: SignedIn = reader) -> Response:
        with site.store.read() as session:
            found = queries.call_record(session, sid)
        if found is None:
            raise HTTPException(404, "There is no such call.")
        row, steps, recordings, back = found
        context = {
            "who": who, "c": row, "steps": steps, "recordings": recordings, "back": back, "said": queries.said_of(row),
            "now": site.clock(),
        }  # fmt: skip
        return site.pages.TemplateResponse(request, "call.html", context)

    @app.get("/recordings/{sid}")
    def recording(request: Request, sid: str, who: SignedIn = reader) -> Response:
        with site.store.read() as session:
            row = session.get(Recording, sid)
            media, kind = (row.media, row.content_type) if row else (None, "")
        if not media:
            raise HTTPException(404, "There is no such recording here.")
        return sound(media, kind, sid, request.headers.get("range", ""))
