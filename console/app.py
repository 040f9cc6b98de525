"""The web application: areas of routes, each route with its declared permission."""

from __future__ import annotations

import threading
from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException as StarletteHTTPException

from console.access_pages import add_access_pages
from console.answers import add_answers
from console.call_backs import add_call_backs
from console.contact import add_contact
from console.dashboard import add_dashboard
from console.directory_pages import add_directory_pages
from console.directory_upkeep import add_directory_upkeep
from console.guard import Guard, MustChange, NotSignedIn, add_headers
from console.health import add_health
from console.known import KnownDirectory
from console.life_links import add_life_links
from console.life_policy import add_life_policy
from console.life_problems import add_life_problems
from console.life_rfo import add_life_rfo
from console.listed import add_listed
from console.lists import add_lists
from console.live import add_live
from console.mail_view import add_mail_view
from console.mailboxes import add_mailboxes
from console.manners import add_manners
from console.oidc_settings import OidcSettings
from console.phone_calls import add_phone_calls
from console.phone_simulator import add_phone_simulator
from console.policy_history import add_policy_history
from console.policy_texts import add_policy_texts
from console.review import add_review
from console.rule_edit import add_rule_edit
from console.rule_labels import add_rule_labels
from console.rule_replay import add_rule_replay
from console.rule_suggest import add_rule_suggest
from console.rule_try import add_rule_try
from console.rule_versions import add_rule_versions
from console.rules import add_rules
from console.search import add_search
from console.set_aside import add_set_aside
from console.signing import add_signing
from console.site import HERE, Checks, Site, templates
from console.ticket import add_ticket
from console.traces import Traces
from console.tuning import Tuning
from console.webhooks import add_webhooks
from models.clock import Clock
from models.store import Store
from outbound.webhook_sending import Allowed
from tickets.mailing import LifeSettings

# The names of routes that anybody may call; all others ask the guard.
PUBLIC = frozenset({"login_page", "login", "oidc_start", "oidc_back", "healthz", "readyz", "static", "link_page", "link_press"})
_PUBLIC_ONLY = Allowed()
AREAS: tuple[Callable[[FastAPI, Site], None], ...] = (
    add_signing,
    add_review,
    add_access_pages,
    add_lists,
    add_listed,
    add_search,
    add_dashboard,
    add_directory_pages,
    add_live,
    add_contact,
    add_mail_view,
    add_answers,
    add_ticket,
    add_health,
    add_rules,
    add_rule_edit,
    add_rule_versions,
    add_rule_try,
    add_rule_replay,
    add_rule_suggest,
    add_rule_labels,
    add_manners,
    add_set_aside,
    add_mailboxes,
    add_life_links,
    add_life_rfo,
    add_life_problems,
    add_policy_texts,
    add_directory_upkeep,
    add_life_policy,
    add_policy_history,
    add_webhooks,
    add_phone_calls,
    add_call_backs,
    add_phone_simulator,
)


def build_app(
    *,
    store: Store,
    clock: Clock,
    provider: str,
    public_url: str,
    secure_cookies: bool,
    checks: Checks,
    life: LifeSettings,
    oidc: OidcSettings | None = None,
    hooks_to: Allowed = _PUBLIC_ONLY,
    tuning: Tuning | None = None,
) -> FastAPI:
    """The console over a store; `checks` are what `/readyz` asks, `life` is what mails set off by agents need.

    `hooks_to` is where webhooks may go beside public addresses.
    """
    app = FastAPI(title="Intake console", docs_url=None, redoc_url=None, openapi_url=None)
    guard = Guard(store, clock, public_url=public_url, secure=secure_cookies)
    pages = templates(provider)
    app.state.closing = threading.Event()
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    _errors(app, pages)
    known = KnownDirectory(store)
    site = Site(
        store=store,
        clock=clock,
        guard=guard,
        pages=pages,
        checks=checks,
        life=life,
        known=known,
        oidc=oidc,
        hooks_to=hooks_to,
        tuning=tuning or Tuning(),
    )
    app.middleware("http")(Traces(site))
    app.middleware("http")(add_headers)
    for add_area in AREAS:
        add_area(app, site)
    return app


def _errors(app: FastAPI, pages: Jinja2Templates) -> None:
    @app.exception_handler(NotSignedIn)
    def sign_in_first(request: Request, _error: Exception) -> Response:
        if request.url.path == "/stream":
            return PlainTextResponse("sign in first", status_code=401)
        return RedirectResponse("/login", status_code=303)

    @app.exception_handler(MustChange)
    def change_first(_request: Request, _error: Exception) -> Response:
        return RedirectResponse("/account", status_code=303)

    @app.exception_handler(StarletteHTTPException)
    def as_page(request: Request, error: Exception) -> Response:
        code = error.status_code if isinstance(error, StarletteHTTPException) else 500
        text = str(getattr(error, "detail", ""))
        return pages.TemplateResponse(request, "error.html", {"who": None, "code": code, "text": text}, status_code=code)
