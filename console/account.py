"""One's own account: password, sessions, time zone."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import available_timezones

from fastapi import Depends, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import col, select

from console import user_acts
from console.auth import ABSOLUTE, IDLE, SignedIn, end_sessions
from console.guard import EVERYBODY
from console.signing import signed_out
from console.site import Site
from models.audit_log import record
from models.errors import UserError
from models.tables_users import User, WebSession

_TEXT = Annotated[str, Form()]


def add_account(app: FastAPI, site: Site) -> None:
    user = Depends(site.guard.may(EVERYBODY))

    @app.get("/account", response_class=HTMLResponse)
    def account_page(request: Request, who: SignedIn = user) -> Response:
        return _page(site, request, who)

    @app.post("/account/password", response_class=HTMLResponse)
    def account_password(
        request: Request, who: SignedIn = user, old: _TEXT = "", new: _TEXT = "", again: _TEXT = ""
    ) -> Response:
        try:
            with site.store.write() as session:
                user_acts.change_password(session, who.name, old, new, again, now=site.clock(), keep=who.session)
        except UserError as e:
            return _page(site, request, who, wrong=str(e), status=422)
        return RedirectResponse("/account?done=password", status_code=303)

    @app.post("/account/timezone", response_class=HTMLResponse)
    def account_timezone(request: Request, who: SignedIn = user, zone: _TEXT = "") -> Response:
        try:
            with site.store.write() as session:
                user_acts.set_timezone(session, who.name, zone.strip())
        except UserError as e:
            return _page(site, request, who, wrong_zone=str(e), zone=zone, status=422)
        return RedirectResponse("/account?done=timezone", status_code=303)

    @app.post("/account/sessions")
    def account_sessions(who: SignedIn = user, which: _TEXT = "") -> Response:
        everywhere = which == "all"
        with site.store.write() as session:
            count = end_sessions(session, who.name) if everywhere else end_sessions(session, who.name, only=which[:16] or "-")
            subject = f"user:{who.name}"
            record(session, "sessions-ended", at=site.clock(), actor=who.name, subject=subject, count=count)
        if everywhere or which[:16] == who.session:
            return signed_out(site.guard)
        return RedirectResponse("/account?done=session", status_code=303)


_DONE = {
    "password": "Your password is changed; your other sessions have ended.",
    "timezone": "Times are shown in this zone now.",
    "session": "That session has ended.",
}


def _page(
    site: Site,
    request: Request,
    who: SignedIn,
    *,
    wrong: str = "",
    wrong_zone: str = "",
    zone: str | None = None,
    status: int = 200,
) -> Response:
    now = site.clock()
    with site.store.read() as session:
        me = session.get(User, who.name)
        mine = select(WebSession).where(WebSession.user_name == who.name, WebSession.seen_at > now - IDLE)
        mine = mine.where(WebSession.created_at > now - ABSOLUTE).order_by(col(WebSession.seen_at).desc())
        sessions = session.exec(mine).all()
    context = {
        "who": who, "sessions": sessions, "zones": sorted(available_timezones()), "wrong": wrong, "wrong_zone": wrong_zone,
        "zone": who.timezone if zone is None else zone, "said": _DONE.get(request.query_params.get("done", ""), ""),
        "has_password": bool(me and me.password_hash),
    }  # fmt: skip
    return site.pages.TemplateResponse(request, "account.html", context, status_code=status)
