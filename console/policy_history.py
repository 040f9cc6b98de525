"""The versions of a document, each with what it changed, and an earlier one put in force again."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.policy_diff import differences
from console.policy_documents import version_of, versions
from console.policy_page import ADMINS
from console.site import Site
from models.directory_store import read_directory
from models.errors import UserError
from tickets.policy import KINDS, check_against, load_policy, save


def add_policy_history(app: FastAPI, site: Site) -> None:
    user, admin = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(ADMINS))

    @app.get("/policy/{kind}/{name}/history", response_class=HTMLResponse)
    def policy_history(request: Request, kind: str, name: str, who: SignedIn = user) -> Response:
        return _history(site, request, who, kind, name)

    @app.post("/policy/{kind}/{name}/restore", response_class=HTMLResponse)
    def policy_restore(
        request: Request,
        kind: str,
        name: str,
        who: SignedIn = admin,
        csrf: Annotated[str, Form()] = "",
        version: Annotated[str, Form()] = "",
    ) -> Response:
        """Puts an earlier version in force again, as a new one."""
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        directory = read_directory(site.store)
        try:
            with site.store.write() as session:
                save(session, kind, name, version_of(session, kind, name, version), author=who.name, now=site.clock())
                check_against(load_policy(session), directory)
        except UserError as e:
            return _history(site, request, who, kind, name, str(e), 422)
        return RedirectResponse(f"/policy/{kind}/{quote(name)}/history", status_code=303)


def _history(site: Site, request: Request, who: SignedIn, kind: str, name: str, wrong: str = "", status: int = 200) -> Response:
    if kind not in KINDS:
        raise HTTPException(404, "There is no such document.")
    with site.store.read() as session:
        found = versions(session, kind, name)
    pairs = zip(found, [*(v.body for v in found[1:]), {}], strict=True) if found else ()
    rows = [(v, differences(older, v.body)) for v, older in pairs]
    context = {"who": who, "kind": kind, "name": name, "rows": rows, "wrong": wrong, "may_edit": who.role in ADMINS}
    return site.pages.TemplateResponse(request, "policy_history.html", context, status_code=status)
