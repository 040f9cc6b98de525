"""The web application: routes, each with its declared permission."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException as StarletteHTTPException

from console import queries
from console.auth import SignedIn, sign_in, sign_out
from console.guard import EVERYBODY, Guard, NotSignedIn, add_headers
from console.highlight import pieces
from models.clock import Clock
from models.store import Store

Checks = Mapping[str, Callable[[], tuple[bool, str]]]
_HERE = Path(__file__).resolve().parent
_STREAM_EVERY_S = 1.0
_HEARTBEAT_EVERY = 15
# The names of routes that anybody may call; all others ask the guard.
PUBLIC = frozenset({"login_page", "login", "healthz", "readyz", "static"})


def build_app(*, store: Store, clock: Clock, provider: str, public_url: str, secure_cookies: bool, checks: Checks) -> FastAPI:
    """The console over a store; `checks` are what `/readyz` asks."""
    app = FastAPI(title="Intake console", docs_url=None, redoc_url=None, openapi_url=None)
    guard = Guard(store, clock, public_url=public_url, secure=secure_cookies)
    pages = _templates(provider)
    app.state.closing = threading.Event()
    app.middleware("http")(add_headers)
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    _errors(app, pages)
    _signing(app, store, clock, guard, pages)
    _lists(app, store, guard, pages)
    _details(app, store, guard, pages)
    _health(app, checks)
    return app


def _templates(provider: str) -> Jinja2Templates:
    loader = FileSystemLoader(_HERE.parent / "templates" / "console")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals["provider"] = provider
    environment.filters["words"] = lambda value: str(value or "").replace("_", " ")
    environment.filters["stamp"] = lambda at: at.strftime("%d %b %H:%M") if at else ""
    return Jinja2Templates(env=environment)


def _signing(app: FastAPI, store: Store, clock: Clock, guard: Guard, pages: Jinja2Templates) -> None:
    @app.get("/login", response_class=HTMLResponse)
    def login_page(request: Request) -> Response:
        return pages.TemplateResponse(request, "login.html", {"error": "", "name": "", "who": None})

    @app.post("/login", response_class=HTMLResponse)
    def login(request: Request, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "") -> Response:
        guard.check_origin(request)
        token = sign_in(store, name[:100], password[:1000], clock())
        if token is None:
            error = "Name or password is wrong, or too many tries: after five wrong ones wait 15 minutes."
            return pages.TemplateResponse(
                request, "login.html", {"error": error, "name": name[:100], "who": None}, status_code=401
            )
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(guard.cookie, token, httponly=True, samesite="lax", secure=guard.secure, path="/")
        return answer

    @app.post("/logout")
    def logout(request: Request, who: SignedIn = Depends(guard.may(EVERYBODY)), csrf: Annotated[str, Form()] = "") -> Response:
        guard.check_origin(request)
        guard.check_csrf(who, csrf)
        sign_out(store, request.cookies[guard.cookie])
        answer = RedirectResponse("/login", status_code=303)
        answer.delete_cookie(guard.cookie, path="/", secure=guard.secure, httponly=True, samesite="lax")
        return answer


def _lists(app: FastAPI, store: Store, guard: Guard, pages: Jinja2Templates) -> None:
    user = Depends(guard.may(EVERYBODY))

    @app.get("/", response_class=HTMLResponse)
    def home(request: Request, who: SignedIn = user, q: str = "", before: int | None = None) -> Response:
        with store.read() as session:
            lines = queries.newest_contacts(session, before=before, search=q.strip())
            tickets = queries.newest_tickets(session, search=q.strip())
            figures = queries.counts(session)
        older = lines[-1].contact.id if len(lines) == queries.PAGE else None
        context = {"who": who, "lines": lines, "tickets": tickets, "counts": figures, "q": q, "older": older}
        return pages.TemplateResponse(request, "home.html", context)

    @app.get("/outbox", response_class=HTMLResponse)
    def outbox(request: Request, who: SignedIn = user) -> Response:
        with store.read() as session:
            mails = queries.newest_mails(session)
        return pages.TemplateResponse(request, "outbox.html", {"who": who, "mails": mails})

    @app.get("/stream")
    async def stream(request: Request, who: SignedIn = user) -> Response:
        return StreamingResponse(_changes(store, guard, request), media_type="text/event-stream")


async def _changes(store: Store, guard: Guard, request: Request) -> AsyncIterator[str]:
    """An event `change` whenever the lists would look different; ends with the session."""

    def look() -> str:
        with store.read() as session:
            return str(queries.mark(session))

    seen = await asyncio.to_thread(look)
    yield "retry: 2000\n\n"
    beat = 0
    while not (request.app.state.closing.is_set() or await request.is_disconnected()):
        await asyncio.sleep(_STREAM_EVERY_S)
        now = await asyncio.to_thread(look)
        beat += 1
        if now != seen:
            seen = now
            yield "event: change\ndata: lists\n\n"
        elif beat % _HEARTBEAT_EVERY == 0:
            if await asyncio.to_thread(guard.who, request) is None:
                return
            yield ": still here\n\n"


def _details(app: FastAPI, store: Store, guard: Guard, pages: Jinja2Templates) -> None:
    user = Depends(guard.may(EVERYBODY))

    @app.get("/contacts/{contact_id}", response_class=HTMLResponse)
    def contact(request: Request, contact_id: int, who: SignedIn = user) -> Response:
        with store.read() as session:
            found = queries.contact_page(session, contact_id)
        if found is None:
            raise HTTPException(404, "There is no such contact.")
        row, reading, answers = found
        data: dict[str, Any] = reading.data if reading else {}
        context = {"who": who, "c": row, "read": data, "pieces": pieces(data), "answers": answers}
        return pages.TemplateResponse(request, "contact.html", context)

    @app.get("/contacts/{contact_id}/raw")
    def raw(contact_id: int, who: SignedIn = user) -> Response:
        with store.read() as session:
            found = queries.contact_page(session, contact_id)
        if found is None:
            raise HTTPException(404, "There is no such contact.")
        name = f'attachment; filename="contact-{contact_id}.eml"'
        return Response(found[0].raw, media_type="application/octet-stream", headers={"Content-Disposition": name})

    @app.get("/tickets/{ticket_id}", response_class=HTMLResponse)
    def ticket(request: Request, ticket_id: str, who: SignedIn = user) -> Response:
        with store.read() as session:
            found = queries.ticket_page(session, ticket_id)
        if found is None:
            raise HTTPException(404, "There is no such ticket.")
        t, events, contacts, mails = found
        context = {"who": who, "t": t, "events": events, "contacts": contacts, "mails": mails}
        return pages.TemplateResponse(request, "ticket.html", context)


def _health(app: FastAPI, checks: Checks) -> None:
    @app.get("/healthz")
    def healthz() -> dict[str, bool]:
        return {"ok": True}

    @app.get("/readyz")
    def readyz() -> Response:
        found = {name: _asked(check) for name, check in checks.items()}
        ok = all(r["ok"] for r in found.values())
        return JSONResponse({"ok": ok, "checks": found}, status_code=200 if ok else 503)


def _asked(check: Callable[[], tuple[bool, str]]) -> dict[str, Any]:
    try:
        ok, detail = check()
    except Exception as e:  # a check that fails is the answer, not an error page
        ok, detail = False, f"{type(e).__name__}"
    return {"ok": ok, "detail": detail}


def _errors(app: FastAPI, pages: Jinja2Templates) -> None:
    @app.exception_handler(NotSignedIn)
    def sign_in_first(request: Request, _error: Exception) -> Response:
        if request.url.path == "/stream":
            return PlainTextResponse("sign in first", status_code=401)
        return RedirectResponse("/login", status_code=303)

    @app.exception_handler(StarletteHTTPException)
    def as_page(request: Request, error: Exception) -> Response:
        code = error.status_code if isinstance(error, StarletteHTTPException) else 500
        text = str(getattr(error, "detail", ""))
        return pages.TemplateResponse(request, "error.html", {"who": None, "code": code, "text": text}, status_code=code)
