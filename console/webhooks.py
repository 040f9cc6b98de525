"""Webhooks: the endpoints with their forms, the log of what was sent, and sending it once more. For admins only."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session, col, func, select

from console.auth import SignedIn
from console.site import Site
from models.errors import NotFoundError, UserError
from models.tables_webhooks import WebhookDelivery, WebhookEndpoint, WebhookEvent
from models.words import Role
from outbound import webhook_admin as admin
from outbound.webhook_admin import EndpointForm, wrong_fields
from outbound.webhook_bodies import KINDS, VARIABLES, indented
from outbound.webhook_secrets import Box
from outbound.webhooks import HookSettings, queue_test, replay
from tickets.webhook_events import HookEvent

ADMINS: frozenset[Role] = frozenset({Role.ADMIN})
_SHOWN = 100
EVENTS = tuple(e.value for e in HookEvent)


def add_webhooks(app: FastAPI, site: Site) -> None:
    user = Depends(site.guard.may(ADMINS))
    settings = hook_settings(site)

    @app.get("/webhooks", response_class=HTMLResponse)
    def webhooks(request: Request, who: SignedIn = user) -> Response:
        with site.store.read() as session:
            rows = session.exec(select(WebhookEndpoint).order_by(col(WebhookEndpoint.name))).all()
            counts = _counts(session)
        return site.pages.TemplateResponse(
            request, "webhooks.html", {"who": who, "rows": rows, "counts": counts, "kinds": KINDS}
        )

    @app.get("/webhooks/new", response_class=HTMLResponse)
    def webhook_new(request: Request, who: SignedIn = user) -> Response:
        return _form(site, request, who, None, EndpointForm("", ""), {})

    @app.post("/webhooks/new", response_class=HTMLResponse)
    def webhook_add(request: Request, sent: Annotated[_Sent, Depends()], who: SignedIn = user) -> Response:
        return _save(site, request, who, None, sent)

    @app.get("/webhooks/{hook_id}", response_class=HTMLResponse)
    def webhook_page(request: Request, hook_id: int, who: SignedIn = user, said: str = "", wrong: str = "") -> Response:
        return _page(site, request, who, hook_id, said=_SAID.get(said, ""), wrong=wrong[:300])

    @app.get("/webhooks/{hook_id}/edit", response_class=HTMLResponse)
    def webhook_edit(request: Request, hook_id: int, who: SignedIn = user) -> Response:
        row = _row(site, hook_id)
        return _form(site, request, who, row, EndpointForm(row.name, row.url, row.events, row.kind, row.template), {})

    @app.post("/webhooks/{hook_id}/edit", response_class=HTMLResponse)
    def webhook_change(request: Request, hook_id: int, sent: Annotated[_Sent, Depends()], who: SignedIn = user) -> Response:
        return _save(site, request, who, _row(site, hook_id), sent)

    @app.post("/webhooks/{hook_id}/secret", response_class=HTMLResponse)
    def webhook_secret(request: Request, hook_id: int, who: SignedIn = user, csrf: Annotated[str, Form()] = "") -> Response:
        _check(site, request, who, csrf)
        _row(site, hook_id)
        with site.store.write() as session:
            secret = admin.new_secret_for(session, hook_id, settings.box, actor=who.name, now=site.clock())
        return _page(site, request, who, hook_id, secret=secret)

    @app.post("/webhooks/{hook_id}/{act}")
    def webhook_act(
        request: Request, hook_id: int, act: str, who: SignedIn = user, csrf: Annotated[str, Form()] = ""
    ) -> Response:
        _check(site, request, who, csrf)
        _row(site, hook_id)
        if act not in _SAID:
            raise HTTPException(404, "There is no such act.")
        with site.store.write() as session:
            if act == "remove":
                admin.remove(session, hook_id, actor=who.name, now=site.clock())
            elif act == "test":
                queue_test(session, settings, admin.find(session, hook_id), site.clock())
            else:
                admin.switch(session, hook_id, on=act == "on", actor=who.name, now=site.clock())
        return RedirectResponse("/webhooks" if act == "remove" else f"/webhooks/{hook_id}?said={act}", status_code=303)

    @app.get("/webhooks/deliveries/{delivery_id}", response_class=HTMLResponse)
    def webhook_delivery(request: Request, delivery_id: int, who: SignedIn = user) -> Response:
        with site.store.read() as session:
            row = session.get(WebhookDelivery, delivery_id)
            if row is None:
                raise HTTPException(404, "There is no such delivery.")
            event, hook = session.get(WebhookEvent, row.event_id), session.get(WebhookEndpoint, row.endpoint_id)
        context = {"who": who, "d": row, "event": event, "hook": hook, "body": indented(row.body)}
        return site.pages.TemplateResponse(request, "webhook_delivery.html", context)

    @app.post("/webhooks/deliveries/{delivery_id}/replay")
    def webhook_replay(request: Request, delivery_id: int, who: SignedIn = user, csrf: Annotated[str, Form()] = "") -> Response:
        _check(site, request, who, csrf)
        try:
            with site.store.write() as session:
                made = replay(session, settings, delivery_id, site.clock())
        except NotFoundError as e:
            raise HTTPException(404, "There is no such delivery.") from e
        except UserError as e:
            raise HTTPException(409, f"{e}.") from e
        return RedirectResponse(f"/webhooks/deliveries/{made.id}", status_code=303)


class _Sent:
    """The form of an endpoint as it comes."""

    def __init__(
        self,
        csrf: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        url: Annotated[str, Form()] = "",
        kind: Annotated[str, Form()] = "standard",
        template: Annotated[str, Form()] = "",
        key: Annotated[str, Form()] = "",
        events: Annotated[list[str] | None, Form()] = None,
    ) -> None:
        self.csrf = csrf
        self.form = EndpointForm(name, url, events or [], kind, template.replace("\r\n", "\n"), key)


_SAID = {
    "saved": "Saved.",
    "on": "Switched on.",
    "off": "Switched off. What waited is dropped.",
    "test": "A test is on its way; look at the log below.",
    "remove": "Removed.",
}


def hook_settings(site: Site) -> HookSettings:
    life = site.life
    return HookSettings(life.answers.provider, life.public_url, Box(life.answers.tokens.key))


def _save(site: Site, request: Request, who: SignedIn, row: WebhookEndpoint | None, sent: _Sent) -> Response:
    _check(site, request, who, sent.csrf)
    wrong = wrong_fields(sent.form, site.hooks_to, EVENTS, has_key=bool(row and row.key))
    if wrong:
        return _form(site, request, who, row, sent.form, wrong, status=422)
    box, now = hook_settings(site).box, site.clock()
    try:
        with site.store.write() as session:
            if row is not None:
                admin.change(session, row.id or 0, sent.form, box, actor=who.name, now=now)
                return RedirectResponse(f"/webhooks/{row.id}?said=saved", status_code=303)
            made, secret = admin.add(session, sent.form, box, actor=who.name, now=now)
    except UserError as e:
        text = str(e)
        return _form(site, request, who, row, sent.form, {"name": f"{text[:1].upper()}{text[1:]}."}, status=422)
    return _page(site, request, who, made.id or 0, secret=secret)


def _page(
    site: Site, request: Request, who: SignedIn, hook_id: int, *, secret: str = "", said: str = "", wrong: str = ""
) -> Response:
    row = _row(site, hook_id)
    with site.store.read() as session:
        log = session.exec(
            select(WebhookDelivery, WebhookEvent)
            .join(WebhookEvent, col(WebhookEvent.id) == col(WebhookDelivery.event_id))
            .where(WebhookDelivery.endpoint_id == hook_id)
            .order_by(col(WebhookDelivery.id).desc())
            .limit(_SHOWN)
        ).all()
    context = {
        "who": who, "h": row, "log": log, "secret": secret, "said": said, "wrong": wrong, "kinds": KINDS, "shown": _SHOWN,
        "now": site.clock(),
    }  # fmt: skip
    return site.pages.TemplateResponse(request, "webhook.html", context)


def _form(
    site: Site,
    request: Request,
    who: SignedIn,
    row: WebhookEndpoint | None,
    form: EndpointForm,
    wrong: dict[str, str],
    *,
    status: int = 200,
) -> Response:
    context: dict[str, Any] = {
        "who": who, "h": row, "f": form, "errors": wrong, "events": EVENTS, "kinds": list(KINDS.items()),
        "variables": VARIABLES,
    }  # fmt: skip
    return site.pages.TemplateResponse(request, "webhook_form.html", context, status_code=status)


def _row(site: Site, hook_id: int) -> WebhookEndpoint:
    with site.store.read() as session:
        row = session.get(WebhookEndpoint, hook_id)
    if row is None:
        raise HTTPException(404, "There is no such webhook.")
    return row


def _check(site: Site, request: Request, who: SignedIn, csrf: str) -> None:
    site.guard.check_origin(request)
    site.guard.check_csrf(who, csrf)


def _counts(session: Session) -> dict[int, dict[str, int]]:
    """Endpoint -> state of its deliveries -> how many."""
    query = select(WebhookDelivery.endpoint_id, WebhookDelivery.state, func.count()).group_by(
        col(WebhookDelivery.endpoint_id), col(WebhookDelivery.state)
    )
    out: dict[int, dict[str, int]] = {}
    for endpoint, state, count in session.exec(query).all():
        out.setdefault(endpoint, {})[state] = count
    return out
