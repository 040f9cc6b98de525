"""Sign-in by a link that is mailed to an address on file, or by a token of the provider's own control panel; sign-out."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote

import structlog
from fastapi import BackgroundTasks, Depends, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from panel import sessions
from panel.asking import send_links
from panel.sessions import Visitor
from panel.site import PanelSite
from panel.tokens import Entrance, TokenRefused, read_token

log = structlog.get_logger("panel.signing")
_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_WANTED = re.compile(r"/panel(?:/[A-Za-z0-9._~%/-]*)?")


def add_signing(app: FastAPI, site: PanelSite) -> None:
    @app.get("/sign-in", response_class=HTMLResponse)
    def sign_in_page(request: Request, to: str = "") -> Response:
        if site.gate.who(request):
            return RedirectResponse(_safe(to), status_code=303)
        return _page(site, request, to=to)

    @app.post("/sign-in", response_class=HTMLResponse)
    def sign_in(
        request: Request, later: BackgroundTasks, email: Annotated[str, Form()] = "", to: Annotated[str, Form()] = ""
    ) -> Response:
        site.gate.check_origin(request)
        address = email.strip().lower()[:320]
        if not _ADDRESS.fullmatch(address):
            wrong = "This is no mail address. Write it as name@example.net."
            return _page(site, request, email=email[:320], to=to, wrong=wrong, status=422)
        asked = sessions.ask(site.store, address, _peer(request), _safe(to), site.clock())
        if asked is None:
            wrong = "There were too many tries. Please use the link that we have sent, or try again in an hour."
            return _page(site, request, email=address, to=to, wrong=wrong, status=429)
        later.add_task(_send, site)
        return _page(site, request, email=address, sent=True)

    @app.get("/enter/{token}", response_class=HTMLResponse)
    def enter_page(request: Request, token: str) -> Response:
        with site.store.read() as session:
            good = sessions.link_is_good(session, token, site.clock())
        return site.page(request, "enter.html", None, {"good": good}, status=200 if good else 410)

    @app.post("/enter/{token}", response_class=HTMLResponse)
    def enter(request: Request, token: str) -> Response:
        site.gate.check_origin(request)
        used = sessions.use_link(site.store, token, site.clock())
        if used is None or not site.directory().customers_of_address(used[0]):
            return site.page(request, "enter.html", None, {"good": False}, status=410)
        return _signed_in(site, request, used[0], "", "link", _safe(used[1]))

    @app.get("/token")
    def token_by_link(request: Request, token: str = "") -> Response:
        return _by_token(site, request, token)

    @app.post("/token")
    def token_by_form(request: Request, token: Annotated[str, Form()] = "") -> Response:
        return _by_token(site, request, token)

    @app.post("/sign-out")
    def sign_out(
        request: Request, visitor: Visitor = Depends(site.gate.visitor), csrf: Annotated[str, Form()] = ""
    ) -> Response:
        site.gate.check(request, visitor, csrf)
        sessions.end(site.store, request.cookies[site.gate.cookie])
        answer = RedirectResponse("/panel/sign-in", status_code=303)
        answer.delete_cookie(site.gate.cookie, path="/", secure=site.gate.secure, httponly=True, samesite="lax")
        return answer


def _page(
    site: PanelSite, request: Request, *, email: str = "", to: str = "", sent: bool = False, wrong: str = "", status: int = 200
) -> Response:
    context = {"email": email, "to": to[:300], "sent": sent, "wrong": wrong, "minutes": sessions.LINK_LIFE.seconds // 60}
    return site.page(request, "sign_in.html", None, context, status=status)


def _send(site: PanelSite) -> None:
    for row in send_links(site.store, site.directory(), site.life, site.clock()):
        site.hint(row)


def _by_token(site: PanelSite, request: Request, text: str) -> Response:
    """The same page for every reason; the reason itself is for the log, where the control panel's developers look."""
    try:
        found = _entrance(site, text)
    except TokenRefused as e:
        log.warning("panel_token_refused", why=str(e))
        return site.page(request, "token_refused.html", None, {}, status=403)
    to = f"/panel/services/{quote(found.service, safe='')}/support" if found.service else "/panel"
    return _signed_in(site, request, found.address, found.customer, "token", to)


def _entrance(site: PanelSite, text: str) -> Entrance:
    s, directory = site.settings, site.directory()
    found = read_token(text, s.token_keys, audience=s.token_audience, now=site.clock())
    if found.customer not in {c.id for c in directory.customers_of_address(found.address)}:
        raise TokenRefused(f"{found.address!r} is not on file for customer {found.customer!r}")
    service = directory.service_by_id.get(found.service)
    if found.service and (service is None or service.customer != found.customer):
        raise TokenRefused(f"service {found.service!r} is not one of customer {found.customer!r}")
    if not sessions.use_token(site.store, found.jti, found.until):
        raise TokenRefused(f"jti {found.jti!r} was used before")
    return found


def _signed_in(site: PanelSite, request: Request, address: str, customer: str, way: str, to: str) -> Response:
    if old := request.cookies.get(site.gate.cookie):
        sessions.end(site.store, old)
    token = sessions.begin(site.store, address, customer, way, site.clock())
    answer = RedirectResponse(to, status_code=303)
    answer.set_cookie(site.gate.cookie, token, httponly=True, samesite="lax", secure=site.gate.secure, path="/")
    return answer


def _safe(to: str) -> str:
    """Where to go after sign-in: a page of ours, whatever the address bar said."""
    return to if _WANTED.fullmatch(to) and "//" not in to and ".." not in to else "/panel"


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""
