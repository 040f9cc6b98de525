"""Matrices, targets, calendars and care: as they are in force, their versions, and a new version from JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session, col, select

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.policy_forms import FORMS, beside, body_of, differences, fields
from console.policy_previews import previewed
from console.site import Site
from models.directory_store import read_directory
from models.errors import NotFoundError, UserError
from models.tables_life import PolicyDocument
from models.words import Impact, Priority, Role, Urgency
from outbound.pdf import matrix_pdf
from tickets.handover import hours_words, issue_matrix
from tickets.policy import KINDS, DocumentError, check_against, load_policy, proposed, retire, save

ADMINS: frozenset[Role] = frozenset({Role.ADMIN})
_MOST_CHARS = 200_000


def add_life_policy(app: FastAPI, site: Site) -> None:
    user, admin = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(ADMINS))

    @app.get("/policy", response_class=HTMLResponse)
    def policy_page(request: Request, who: SignedIn = user) -> Response:
        with site.store.read() as session:
            policy = load_policy(session)
            versions = session.exec(
                select(PolicyDocument).order_by(col(PolicyDocument.created_at).desc(), col(PolicyDocument.id).desc()).limit(50)
            ).all()
        context = {
            "who": who, "policy": policy, "versions": versions, "impacts": list(Impact), "urgencies": list(Urgency),
            "priorities": list(Priority), "hours": {n: hours_words(c) for n, c in policy.calendars.items()},
            "may_edit": who.role in ADMINS,
        }  # fmt: skip
        return site.pages.TemplateResponse(request, "life_policy.html", context)

    @app.get("/policy/{kind}/{name}", response_class=HTMLResponse)
    def policy_edit(request: Request, kind: str, name: str, who: SignedIn = user) -> Response:
        return _edit(site, request, who, kind, name, _body(site, kind, name))

    @app.get("/policy/{kind}/{name}/history", response_class=HTMLResponse)
    def policy_history(request: Request, kind: str, name: str, who: SignedIn = user) -> Response:
        return _history(site, request, who, kind, name)

    @app.post("/policy/{kind}/{name}", response_class=HTMLResponse)
    def policy_save(
        request: Request, kind: str, name: str, sent: Annotated[Mapping[str, str], Depends(sent_form)], who: SignedIn = admin
    ) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, sent.get("csrf", ""))
        if kind not in KINDS:
            raise HTTPException(404, "There is no such document.")
        directory, now, act = read_directory(site.store), site.clock(), sent.get("act", "save")
        body: dict[str, Any] | None = None
        try:
            if act != "retire":
                body = _json(sent["text"]) if "text" in sent else body_of(kind, sent)
            if act == "preview" and body is not None:
                return _preview(site, request, who, kind, name, body, sent.get("text"))
            with site.store.write() as session:
                if body is None:
                    retire(session, kind, name, author=who.name, now=now)
                else:
                    save(session, kind, name, body, author=who.name, now=now)
                check_against(load_policy(session), directory)
        except UserError as e:
            places = e.places if isinstance(e, DocumentError) else {}
            return _edit(site, request, who, kind, name, body or {}, sent.get("text"), str(e), places, status=422)
        return RedirectResponse(f"/policy#{quote(kind)}", status_code=303)

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
                save(session, kind, name, _version(session, kind, name, version), author=who.name, now=site.clock())
                check_against(load_policy(session), directory)
        except UserError as e:
            return _history(site, request, who, kind, name, str(e), 422)
        return RedirectResponse(f"/policy/{kind}/{quote(name)}/history", status_code=303)

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
    async with request.form(max_fields=300) as form:
        return {k: v[:_MOST_CHARS] for k, v in form.items() if isinstance(v, str)}


def _preview(
    site: Site, request: Request, who: SignedIn, kind: str, name: str, body: dict[str, Any], text: str | None
) -> Response:
    """What the document would change; nothing is kept. Raises UserError as saving would."""
    old, now = _body(site, kind, name), site.clock()
    with site.store.write() as session:
        before = load_policy(session)
        after = proposed(session, kind, name, body, now=now)
        check_against(after, read_directory(site.store))
        words = previewed(session, kind, name, before, after, now)
    whole = KINDS[kind].model_validate({**body, **({"name": name} if "name" in KINDS[kind].model_fields else {})})
    changes = differences(old, whole.model_dump(mode="json"))
    return _edit(site, request, who, kind, name, body, text, changes=changes, effect=words)


def _edit(
    site: Site,
    request: Request,
    who: SignedIn,
    kind: str,
    name: str,
    body: dict[str, Any],
    text: str | None = None,
    wrong: str = "",
    places: Mapping[str, str] | None = None,
    changes: list[tuple[str, Any, Any]] | None = None,
    effect: list[str] | None = None,
    status: int = 200,
) -> Response:
    form = fields(kind, body) if kind in FORMS else []
    shown = json.dumps(body, indent=1, ensure_ascii=False) if text is None else text
    context = {
        **{"who": who, "kind": kind, "name": name, "text": shown, "wrong": wrong, "places": beside(form, places or {})},
        **{"fields": form, "changes": changes, "effect": effect or []},
        **{"may_edit": who.role in ADMINS, "given": site.tuning.settings},
    }
    return site.pages.TemplateResponse(request, "life_policy_edit.html", context, status_code=status)


def _versions(session: Session, kind: str, name: str) -> list[PolicyDocument]:
    query = select(PolicyDocument).where(PolicyDocument.kind == kind, PolicyDocument.name == name)
    return list(session.exec(query.order_by(col(PolicyDocument.version).desc()).limit(50)))


def _version(session: Session, kind: str, name: str, version: str) -> dict[str, Any]:
    found = next((v for v in _versions(session, kind, name) if str(v.version) == version), None)
    if found is None:
        raise UserError(f"there is no version {version[:20]!r} of it")
    return found.body


def _history(site: Site, request: Request, who: SignedIn, kind: str, name: str, wrong: str = "", status: int = 200) -> Response:
    if kind not in KINDS:
        raise HTTPException(404, "There is no such document.")
    with site.store.read() as session:
        versions = _versions(session, kind, name)
    pairs = zip(versions, [*(v.body for v in versions[1:]), {}], strict=True) if versions else ()
    rows = [(v, differences(older, v.body)) for v, older in pairs]
    context = {"who": who, "kind": kind, "name": name, "rows": rows, "wrong": wrong, "may_edit": who.role in ADMINS}
    return site.pages.TemplateResponse(request, "policy_history.html", context, status_code=status)


def _body(site: Site, kind: str, name: str) -> dict[str, Any]:
    """The newest version, else what stands by default, else an example to begin with."""
    if kind not in KINDS:
        raise HTTPException(404, "There is no such document.")
    with site.store.read() as session:
        row = session.exec(
            select(PolicyDocument)
            .where(PolicyDocument.kind == kind, PolicyDocument.name == name)
            .order_by(col(PolicyDocument.version).desc())
        ).first()
        policy = load_policy(session)
    if row:
        return row.body
    if kind in ("priority", "care", "labels", "limits", "phone"):
        whole: dict[str, Any] = getattr(policy, kind).model_dump(mode="json")
        return whole
    if kind in ("id-formats", "mail-text", "voice-text"):
        return KINDS[kind].model_construct().model_dump(mode="json", warnings=False)
    if kind == "targets":
        return policy.targets[-1].model_dump(mode="json") | {"name": name}
    if kind == "calendar":
        return next(iter(policy.calendars.values())).row.model_dump(mode="json") | {"name": name}
    way = {"by": "mail", "to": "person@example.net"}
    return {"default": True, "levels": [{"level": 1, "title": "Shift lead", "persons": [{"name": "Name", "ways": [way]}]}]}


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text[:_MOST_CHARS])
    except ValueError as e:
        raise UserError(f"not JSON: {e}") from e
    if not isinstance(found, dict):
        raise UserError("not a JSON object")
    return found
