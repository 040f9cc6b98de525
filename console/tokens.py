"""Tokens of other systems: made here and shown once, listed, revoked."""

from __future__ import annotations

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.site import Site
from models.access import ROLE_SCOPES
from models.errors import NotFoundError, UserError
from models.token_store import NewToken, create_token, list_tokens, revoke_token, state_of
from models.words import Role


def add_tokens(app: FastAPI, site: Site) -> None:
    user = Depends(site.guard.may(EVERYBODY))

    @app.get("/tokens", response_class=HTMLResponse)
    def token_list(request: Request, who: SignedIn = user) -> Response:
        return _page(site, request, who)

    @app.post("/tokens", response_class=HTMLResponse)
    async def token_create(request: Request, who: SignedIn = user) -> Response:
        form = await request.form()
        try:
            with site.store.write() as session:
                made = _made(session, site, who, form)
        except UserError as e:
            return _page(site, request, who, wrong=str(e), given=form, status=422)
        return _page(site, request, who, made=made)

    @app.post("/tokens/{token_id}/revoke", response_class=HTMLResponse)
    def token_revoke(request: Request, token_id: str, who: SignedIn = user) -> Response:
        try:
            with site.store.write() as session:
                revoke_token(session, token_id, now=site.clock(), actor=who.name, owner=_owner(who))
        except NotFoundError as e:
            return _page(site, request, who, wrong=str(e), status=404)
        return RedirectResponse("/tokens", status_code=303)


def _owner(who: SignedIn) -> str:
    """Admins see and revoke the tokens of all."""
    return "" if who.role is Role.ADMIN else who.name


def _made(session: Session, site: Site, who: SignedIn, form: FormData) -> NewToken:
    days = str(form.get("days", ""))
    customer = str(form.get("customer", "")).strip() if who.role is Role.ADMIN else ""
    return create_token(
        session,
        str(form.get("name", "")).strip(),
        [str(s) for s in form.getlist("scope")],
        days=int(days) if days.isdigit() and len(days) < 6 else 0,
        now=site.clock(),
        actor=who.name,
        owner=who.name,
        customer=customer,
    )


def _page(
    site: Site,
    request: Request,
    who: SignedIn,
    *,
    wrong: str = "",
    made: NewToken | None = None,
    given: FormData | None = None,
    status: int = 200,
) -> Response:
    now = site.clock()
    with site.store.read() as session:
        rows = list_tokens(session, owner=_owner(who))
    sent = given or FormData()
    context = {
        "who": who,
        "rows": [(r, state_of(r, now)) for r in rows],
        "scopes": sorted(ROLE_SCOPES[who.role]),
        "wrong": wrong,
        "made": made,
        "name": str(sent.get("name", "")),
        "days": str(sent.get("days", "90")),
        "customer": str(sent.get("customer", "")),
        "chosen": sent.getlist("scope"),
    }
    return site.pages.TemplateResponse(request, "tokens.html", context, status_code=status)
