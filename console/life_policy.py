"""Matrices, targets, calendars and care: as they are in force, and a new version from a form or from text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError
from sqlmodel import col, select

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.policy_diff import differences
from console.policy_documents import NAMED, body_in_force, check_seen, stands, unnamed, usable_name
from console.policy_forms import FORMS, body_of, filled, view
from console.policy_page import ADMINS, Shown, document_page
from console.policy_places import mistakes
from console.policy_previews import previewed
from console.policy_rows import rearranged
from console.site import Site
from models.directory_store import read_directory
from models.errors import NotFoundError, StaleError, UserError
from models.tables_life import PolicyDocument
from models.words import Impact, Priority, Urgency
from outbound.pdf import matrix_pdf
from tickets.handover import hours_words, issue_matrix
from tickets.policy import KINDS, DocumentError, check_against, load_policy, proposed, retire, save

_MOST_CHARS = 200_000
_MOST_FIELDS = 3000


def add_life_policy(app: FastAPI, site: Site) -> None:
    user, admin = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(ADMINS))

    @app.get("/policy", response_class=HTMLResponse)
    def policy_page(request: Request, who: SignedIn = user) -> Response:
        return _overview(site, request, who)

    @app.get("/policy/new", response_class=HTMLResponse)
    def policy_new(request: Request, who: SignedIn = admin, kind: str = "", name: str = "") -> Response:
        """The form of a document that there is not yet; nothing is kept until it is sent."""
        if not kind:
            return _overview(site, request, who)
        if kind not in NAMED:
            raise HTTPException(404, "There is no such document.")
        try:
            return RedirectResponse(f"/policy/{kind}/{quote(usable_name(name))}", status_code=303)
        except UserError as e:
            return _overview(site, request, who, (kind, name[:80], str(e)), status=422)

    @app.get("/policy/{kind}/{name}", response_class=HTMLResponse)
    def policy_edit(request: Request, kind: str, name: str, who: SignedIn = user) -> Response:
        return document_page(site, request, who, kind, name, Shown(_stored(site, kind, name)))

    @app.post("/policy/{kind}/{name}", response_class=HTMLResponse)
    def policy_save(
        request: Request, kind: str, name: str, sent: Annotated[Mapping[str, str], Depends(sent_form)], who: SignedIn = admin
    ) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, sent.get("csrf", ""))
        if kind not in KINDS:
            raise HTTPException(404, "There is no such document.")
        return _sent(site, request, who, kind, name, sent)

    @app.get("/services/{service_id}/matrix.pdf")
    def service_matrix(service_id: str, who: SignedIn = user) -> Response:
        directory, provider = read_directory(site.store), site.life.answers.provider
        try:
            pdf = issue_matrix(site.store, directory, service_id, matrix_pdf, provider=provider, now=site.clock())
        except NotFoundError as e:
            raise HTTPException(404, f"{e}.") from e
        if pdf is None:
            raise HTTPException(404, "This service has no escalation matrix.")
        name = f'inline; filename="escalation-matrix-{quote(service_id)}.pdf"'
        return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": name})


async def sent_form(request: Request) -> Mapping[str, str]:
    """A form whose fields depend on the document."""
    async with request.form(max_fields=_MOST_FIELDS) as form:
        return {k: v[:_MOST_CHARS] for k, v in form.items() if isinstance(v, str)}


def _overview(
    site: Site, request: Request, who: SignedIn, new: tuple[str, str, str] = ("", "", ""), *, status: int = 200
) -> Response:
    """All that is in force; `new` is the kind and name of a document that cannot be begun, and why."""
    with site.store.read() as session:
        policy = load_policy(session)
        versions = session.exec(
            select(PolicyDocument).order_by(col(PolicyDocument.created_at).desc(), col(PolicyDocument.id).desc()).limit(50)
        ).all()
    context = {
        "who": who, "policy": policy, "versions": versions, "impacts": list(Impact), "urgencies": list(Urgency),
        "priorities": list(Priority), "hours": {n: hours_words(c) for n, c in policy.calendars.items()},
        "may_edit": who.role in ADMINS, "new": new,
    }  # fmt: skip
    return site.pages.TemplateResponse(request, "life_policy.html", context, status_code=status)


def _sent(site: Site, request: Request, who: SignedIn, kind: str, name: str, sent: Mapping[str, str]) -> Response:
    """Rows added or removed, a preview, a new version, or what is wrong; only a version without a mistake is kept."""
    act, text = sent.get("act", "save"), sent.get("text")
    shown = Shown({}, text, seen=sent.get("seen"))
    try:
        if act != "retire":
            shown = replace(shown, body=body_of(kind, sent) if text is None and kind in FORMS else _json(text or ""))
        if text is None and kind in FORMS and act != "retire":
            if moved := rearranged(kind, shown.body, act):
                return document_page(
                    site, request, who, kind, name, replace(shown, body=moved.body, focus=moved.focus, touched=True)
                )
            shown = replace(shown, body=filled(kind, shown.body))
        if act == "preview":
            return document_page(site, request, who, kind, name, _previewed(site, kind, name, shown))
        _keep(site, who, kind, name, act, shown)
    except StaleError as e:
        return document_page(site, request, who, kind, name, _stale(site, kind, name, shown, str(e)), status=409)
    except UserError as e:
        shown = replace(shown, body=shown.body or _stored(site, kind, name), wrong=str(e))
        form = view(kind, shown.body)
        wrong = mistakes(e, form, kind, name) | (unnamed(form) if isinstance(e, DocumentError) else {})
        return document_page(site, request, who, kind, name, replace(shown, errors=wrong), status=422)
    return RedirectResponse(f"/policy#{quote(kind)}", status_code=303)


def _keep(site: Site, who: SignedIn, kind: str, name: str, act: str, shown: Shown) -> None:
    """Raises UserError; nothing was kept then."""
    directory, now = read_directory(site.store), site.clock()
    with site.store.write() as session:
        check_seen(session, kind, name, shown.seen)
        if act == "retire":
            retire(session, kind, name, author=who.name, now=now)
        else:
            save(session, kind, name, shown.body, author=who.name, now=now)
            _all_named(kind, shown.body)
        check_against(load_policy(session), directory)


def _previewed(site: Site, kind: str, name: str, shown: Shown) -> Shown:
    """What the document would change; nothing is kept. Raises UserError as saving would."""
    directory, now = read_directory(site.store), site.clock()
    with site.store.write() as session:
        check_seen(session, kind, name, shown.seen)
        before = load_policy(session)
        old = body_in_force(session, kind, name) if stands(before, kind, name) else {}
        after = proposed(session, kind, name, shown.body, now=now)
        _all_named(kind, shown.body)
        check_against(after, directory)
        effect = previewed(session, kind, name, before, after, now)
    return replace(shown, changes=differences(old, _whole(kind, name, shown.body)), effect=effect, focus="preview")


def _all_named(kind: str, body: Mapping[str, Any]) -> None:
    if missing := unnamed(view(kind, body)):
        raise DocumentError(next(iter(missing.values())), missing)


def _stale(site: Site, kind: str, name: str, shown: Shown, wrong: str) -> Shown:
    """What was typed, beside the version that came in force meanwhile: the next press is about that one."""
    stored = _stored(site, kind, name)
    if not shown.body:
        return replace(shown, body=stored, wrong=wrong, seen=None)
    try:
        changes = differences(stored, _whole(kind, name, shown.body))
    except ValidationError:
        changes = []
    return replace(shown, wrong=wrong, changes=changes, seen=None)


def _whole(kind: str, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    model = KINDS[kind]
    return model.model_validate({**body, **({"name": name} if "name" in model.model_fields else {})}).model_dump(mode="json")


def _stored(site: Site, kind: str, name: str) -> dict[str, Any]:
    if kind not in KINDS:
        raise HTTPException(404, "There is no such document.")
    with site.store.read() as session:
        return body_in_force(session, kind, name)


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text[:_MOST_CHARS])
    except ValueError as e:
        raise UserError(f"not JSON: {e}") from e
    if not isinstance(found, dict):
        raise UserError("not a JSON object")
    return found
