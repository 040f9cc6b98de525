"""The list of calls that we owe: take one, call, and say how it ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.site import Site
from models.errors import NotFoundError, UserError
from models.words import Role
from tickets import call_backs
from tickets.call_backs import Move

WORKERS = frozenset({Role.AGENT, Role.LEAD, Role.ADMIN})


def add_call_backs(app: FastAPI, site: Site) -> None:
    reader = Depends(site.guard.may(EVERYBODY))
    worker = Depends(site.guard.may(WORKERS))

    def page(request: Request, who: SignedIn, *, error: str = "", at: int = 0, note: str = "") -> Response:
        now = site.clock()
        with site.store.read() as session:
            context = {
                "who": who,
                "owed": call_backs.owed(session),
                "settled": call_backs.settled(session),
                "now": now,
                "may_work": who.role in WORKERS,
                "error": error,
                "at": at,
                "note": note,
            }
        return site.pages.TemplateResponse(request, "call_backs.html", context, status_code=400 if error else 200)

    @app.get("/call-backs", response_class=HTMLResponse)
    def call_back_list(request: Request, who: SignedIn = reader) -> Response:
        return page(request, who)

    @app.post("/call-backs/{number}/{what}")
    def call_back_move(
        request: Request,
        number: int,
        what: Move,
        csrf: Annotated[str, Form()],
        note: Annotated[str, Form()] = "",
        who: SignedIn = worker,
    ) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        try:
            with site.store.write() as session:
                call_backs.move(session, number, what, who=who.name, note=note, now=site.clock())
        except NotFoundError as e:
            raise HTTPException(404, str(e)) from e
        except UserError as e:
            return page(request, who, error=str(e), at=number, note=note)
        return RedirectResponse("/call-backs", status_code=303)
