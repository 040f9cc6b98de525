"""The customers' application, mounted at /panel: its areas, its error pages, its files."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException as StarletteHTTPException

from panel.gate import Limits, SignInFirst
from panel.links import add_links
from panel.looking import GONE
from panel.signing import add_signing
from panel.site import HERE, PanelSite
from panel.support import add_support
from panel.tickets import add_tickets

AREAS: tuple[Callable[[FastAPI, PanelSite], None], ...] = (add_signing, add_links, add_tickets, add_support)
# What the framework says of an address that no route has.
_NOT_FOUND = HTTPStatus.NOT_FOUND.phrase
# Routes that anybody may call; all others ask the gate.
PUBLIC = frozenset(
    {"sign_in_page", "sign_in", "enter_page", "enter", "token_by_link", "token_by_form", "link_page", "link_press", "static"}
)


def build_panel(site: PanelSite) -> FastAPI:
    """The pages over a store."""
    app = FastAPI(title="Customer pages", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Limits)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    _errors(app, site)
    for add_area in AREAS:
        add_area(app, site)
    return app


def _errors(app: FastAPI, site: PanelSite) -> None:
    @app.exception_handler(SignInFirst)
    def sign_in_first(request: Request, error: Exception) -> Response:
        to = error.to if isinstance(error, SignInFirst) else ""
        return RedirectResponse("/panel/sign-in" + (f"?to={quote(to)}" if to else ""), status_code=303)

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, _error: Exception) -> Response:
        return _page(request, 404, GONE)

    @app.exception_handler(StarletteHTTPException)
    def as_page(request: Request, error: Exception) -> Response:
        code = error.status_code if isinstance(error, StarletteHTTPException) else 500
        detail = str(getattr(error, "detail", ""))
        return _page(request, code, GONE if code == 404 and detail == _NOT_FOUND else detail)

    def _page(request: Request, code: int, text: str) -> Response:
        visitor = site.gate.who(request)
        return site.page(request, "error.html", visitor, {"code": code, "text": text}, status=code)
