"""Users: add, role, lock, unlock, reset."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from console import user_acts
from console.auth import SignedIn
from console.site import Site
from models.errors import UserError
from models.words import Role

ADMINS: frozenset[Role] = frozenset({Role.ADMIN})
_TEXT = Annotated[str, Form()]


def add_users(app: FastAPI, site: Site) -> None:
    admin = Depends(site.guard.may(ADMINS))

    @app.get("/users", response_class=HTMLResponse)
    def user_list(request: Request, who: SignedIn = admin) -> Response:
        return _page(site, request, who)

    @app.post("/users", response_class=HTMLResponse)
    def user_add(request: Request, who: SignedIn = admin, name: _TEXT = "", role: _TEXT = "", password: _TEXT = "") -> Response:
        name = name.strip()
        try:
            with site.store.write() as session:
                now = site.clock()
                user_acts.add_user(session, name, role, password, now=now, actor=who.name, must_change=True)
        except UserError as e:
            return _page(site, request, who, wrong=str(e), given=(name, role), status=422)
        return _page(site, request, who, said=f"{name} can sign in as {role}, and must choose another password then")

    @app.post("/users/{user_name}/{act}", response_class=HTMLResponse)
    def user_act(request: Request, user_name: str, act: str, who: SignedIn = admin, role: _TEXT = "") -> Response:
        try:
            with site.store.write() as session:
                said = _act(session, site, user_name, act, role, who)
        except UserError as e:
            return _page(site, request, who, wrong=str(e), status=409)
        if act == "reset":
            # A password for once is shown on this one page and stands nowhere else.
            return _page(site, request, who, said=f"Password of {user_name} for one sign-in", secret=said)
        if user_name == who.name:
            return RedirectResponse("/login", status_code=303)
        return _page(site, request, who, said=said)


def _act(session: Session, site: Site, name: str, act: str, role: str, who: SignedIn) -> str:
    """Does it and says what was done; of a reset, the password."""
    now, actor = site.clock(), who.name
    match act:
        case "role":
            user_acts.set_role(session, name, role, now=now, actor=actor)
            return f"{name} is {role} now"
        case "lock":
            user_acts.lock(session, name, now=now, actor=actor)
            return f"{name} is locked; sessions and tokens have ended"
        case "unlock":
            user_acts.unlock(session, name, now=now, actor=actor)
            return f"{name} can sign in again"
        case "reset":
            return user_acts.reset_password(session, name, now=now, actor=actor)
    raise UserError(f"{act!r} cannot be done to a user; use role, lock, unlock or reset")


def _page(
    site: Site,
    request: Request,
    who: SignedIn,
    *,
    said: str = "",
    wrong: str = "",
    secret: str = "",
    given: tuple[str, str] = ("", Role.AGENT.value),
    status: int = 200,
) -> Response:
    with site.store.read() as session:
        users = user_acts.list_users(session)
    context = {
        "who": who, "users": users, "roles": list(Role), "now": site.clock(), "said": said, "wrong": wrong,
        "secret": secret, "given": given,
    }  # fmt: skip
    return site.pages.TemplateResponse(request, "users.html", context, status_code=status)
