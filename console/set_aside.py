"""The pages of what is set aside: look at it, download it, process it again, accept it, delete it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.listing.mails import SET_ASIDE, TITLES
from console.listing.pages import list_file, list_page
from console.listing.query import parse
from console.listing.spec import ListSpec
from console.site import Site
from models.errors import NotFoundError, UserError
from models.words import Role
from outbound.headers import safe_address
from tickets import set_aside
from tickets.set_aside import Kind, SetAside

WORKERS = frozenset({Role.AGENT, Role.LEAD, Role.ADMIN})
DELETERS = frozenset({Role.LEAD, Role.ADMIN})
SHOWN = 10
T = TypeVar("T")


def add_set_aside(app: FastAPI, site: Site) -> None:
    reader = Depends(site.guard.may(EVERYBODY))
    worker = Depends(site.guard.may(WORKERS))
    deleter = Depends(site.guard.may(DELETERS))

    @app.get("/set-aside", response_class=HTMLResponse)
    def set_aside_page(request: Request, who: SignedIn = reader, kind: str = "") -> Response:
        if kind:
            spec = _spec(kind)
            return list_page(site, request, spec, who, parse(spec, request.query_params))
        with site.store.read() as session:
            groups = [(kind, TITLES[kind], set_aside.items(session, kind, limit=SHOWN)) for kind in Kind]
        return site.pages.TemplateResponse(request, "set-aside.html", {"who": who, "groups": groups, "shown": SHOWN})

    @app.get("/set-aside.csv")
    def set_aside_file(request: Request, who: SignedIn = reader, kind: str = Kind.HELD.value) -> Response:
        spec = _spec(kind)
        return list_file(site, spec, who, parse(spec, request.query_params))

    @app.get("/set-aside/{ref}", response_class=HTMLResponse)
    def set_aside_item(request: Request, ref: str, who: SignedIn = reader) -> Response:
        with site.store.read() as session:
            found, raw = _found(lambda: set_aside.item(session, ref))
        context = {
            "who": who,
            "i": found,
            "title": TITLES[found.kind],
            "source": set_aside.visible(raw),
            "may_work": who.role in WORKERS,
            "may_delete": who.role in DELETERS,
        }
        return site.pages.TemplateResponse(request, "set-aside-item.html", context)

    @app.get("/set-aside/{ref}/raw")
    def set_aside_raw(ref: str, who: SignedIn = reader) -> Response:
        with site.store.read() as session:
            found, raw = _found(lambda: set_aside.item(session, ref))
        name = f'attachment; filename="{found.ref}.eml"'
        return Response(raw, media_type="application/octet-stream", headers={"Content-Disposition": name})

    @app.post("/set-aside/{ref}/retry")
    def set_aside_retry(
        request: Request, ref: str, csrf: Annotated[str, Form()], to: Annotated[str, Form()] = "", who: SignedIn = worker
    ) -> Response:
        _check(site, request, who, csrf)
        with site.store.write() as session:
            address = _found(lambda: safe_address(to.strip())) if to.strip() else ""
            _found(lambda: set_aside.retry(session, ref, who=who.name, now=site.clock(), to=address))
        return RedirectResponse("/set-aside", status_code=303)

    @app.post("/set-aside-retry-all")
    def set_aside_retry_all(
        request: Request, csrf: Annotated[str, Form()], kind: Annotated[Kind, Form()], who: SignedIn = worker
    ) -> Response:
        _check(site, request, who, csrf)
        if kind is Kind.HELD:
            raise HTTPException(400, "Held mails are accepted one by one.")
        with site.store.write() as session:
            for found in set_aside.items(session, kind):
                set_aside.retry(session, found.ref, who=who.name, now=site.clock())
        return RedirectResponse("/set-aside", status_code=303)

    @app.post("/set-aside/{ref}/accept")
    def set_aside_accept(request: Request, ref: str, csrf: Annotated[str, Form()], who: SignedIn = worker) -> Response:
        _check(site, request, who, csrf)
        with site.store.write() as session:
            _found(lambda: set_aside.accept(session, ref, who=who.name, now=site.clock()))
        return RedirectResponse("/set-aside", status_code=303)

    @app.post("/set-aside/{ref}/delete")
    def set_aside_delete(request: Request, ref: str, csrf: Annotated[str, Form()], who: SignedIn = deleter) -> Response:
        _check(site, request, who, csrf)
        with site.store.write() as session:
            _found(lambda: set_aside.discard(session, ref, who=who.name, now=site.clock()))
        return RedirectResponse("/set-aside", status_code=303)


def _check(site: Site, request: Request, who: SignedIn, csrf: str) -> None:
    site.guard.check_origin(request)
    site.guard.check_csrf(who, csrf)


def _found(action: Callable[[], T]) -> T:
    """What the action gives; what it does not find, or cannot do, becomes a page."""
    try:
        return action()
    except NotFoundError as e:
        raise HTTPException(404, "This is not set aside any more. Somebody may have seen to it.") from e
    except UserError as e:
        raise HTTPException(400, str(e)) from e


def _spec(kind: str) -> ListSpec[SetAside]:
    try:
        return SET_ASIDE[Kind(kind)]
    except ValueError as e:
        raise HTTPException(404, "There is no such kind.") from e
