"""Versions of the rule set: drafts, numbered versions, the difference between two, activation and roll-back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.rule_diff import differences
from console.rule_sets import EDITORS, shown
from console.site import Site
from models.errors import NotFoundError, RuleError, StaleError
from models.replay_store import objection, seen_replay
from models.rule_store import (
    activate,
    active_digest,
    digest_of,
    drop_draft,
    find_rules,
    history,
    keep_rules,
    list_drafts,
    list_rules,
    one_before,
    roll_back,
)

_TEXT = Annotated[str, Form()]
_MOST = 5_000_000


def add_rule_versions(app: FastAPI, site: Site) -> None:
    user, editor = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(EDITORS))

    @app.get("/rules/versions", response_class=HTMLResponse)
    def rule_versions(request: Request, who: SignedIn = user) -> Response:
        return _page(site, request, who, "")

    @app.get("/rules/export")
    def rule_export(who: SignedIn = user, set: str = "active") -> Response:
        with site.store.read() as session:
            known = shown(session, set)
        name = f'attachment; filename="rules-{known.which}.json"'
        return Response(known.text, media_type="application/json", headers={"Content-Disposition": name})

    @app.get("/rules/diff", response_class=HTMLResponse)
    def rule_diff(request: Request, who: SignedIn = user, a: str = "active", b: str = "shipped") -> Response:
        with site.store.read() as session:
            first, second = shown(session, a), shown(session, b)
            versions = list_rules(session)
            drafts = list_drafts(session)
        rows = differences(first.rules(), second.rules())
        context = {"who": who, "a": first, "b": second, "rows": rows, "versions": versions, "drafts": drafts}
        return site.pages.TemplateResponse(request, "rule_diff.html", context)

    @app.post("/rules/versions", response_class=HTMLResponse)
    def rule_change(request: Request, form: Annotated[VersionForm, Form()], who: SignedIn = editor) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, form.csrf)
        try:
            _change(site, who, form)
        except (RuleError, NotFoundError, StaleError) as e:
            return _page(site, request, who, str(e), form, status=409 if isinstance(e, StaleError) else 422)
        return RedirectResponse("/rules/versions", status_code=303)

    @app.post("/rules/import", response_class=HTMLResponse)
    def rule_import(request: Request, file: UploadFile, who: SignedIn = editor, csrf: _TEXT = "") -> Response:
        """A rule file is checked whole and kept as a version, as `intake rules import` does."""
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        data, name = file.file.read(_MOST + 1), (file.filename or "rules.json")[:100]
        try:
            text = _text_of(data, name)
            parse(text, name)
        except RuleError as e:
            return _page(site, request, who, f"{e}. Nothing was kept.", status=422)
        with site.store.write() as session:
            keep_rules(session, name.removesuffix(".json"), text, site.clock())
        return RedirectResponse("/rules/versions", status_code=303)


class VersionForm(BaseModel):
    """`seen` is the digest that was in force on the page, `override` switches on what speaks against it."""

    csrf: str = ""
    do: str = ""
    set: str = ""
    name: str = ""
    reason: str = ""
    override: bool = False
    seen: str | None = None


def _text_of(data: bytes, name: str) -> str:
    if len(data) > _MOST:
        raise RuleError(f"{name}: larger than {_MOST // 1_000_000} MB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise RuleError(f"{name}: not UTF-8 ({e})") from e


def parse(text: str, name: str) -> None:
    """Raises RuleError naming the rule that does not hold."""
    from parsers.rules import parse_rules

    parse_rules(text, name)


def _change(site: Site, who: SignedIn, form: VersionForm) -> None:
    """One of keep, drop, activate, rollback. Raises RuleError, NotFoundError or StaleError with what stands against it."""
    now, reason = site.clock(), form.reason.strip()
    with site.store.read() as session:
        known = shown(session, form.set) if form.do != "rollback" else None
    if known and form.do in ("keep", "activate"):
        parse(known.text, known.title)
    if form.do == "activate" and not reason:
        raise RuleError("say in a few words why this rule set is switched on; it stands in the history")
    with site.store.write() as session:
        if form.do == "keep" and known:
            keep_rules(session, form.name.strip()[:100] or known.title, known.text, now)
        elif form.do == "drop" and known and known.draft:
            drop_draft(session, known.draft)
        elif form.do == "activate" and known and not known.draft:
            row = None if form.set == "shipped" else find_rules(session, form.set)
            despite = objection(session, row.digest) if row else ""
            if despite and not form.override:
                raise RuleError(f"{despite}. Mend that first, or tick that you want it all the same")
            activate(session, row, actor=who.name, now=now, reason=reason, seen=form.seen, despite=despite)
        elif form.do == "rollback":
            roll_back(session, actor=who.name, now=now, reason=reason, seen=form.seen)


def _page(
    site: Site, request: Request, who: SignedIn, error: str, form: VersionForm | None = None, status: int = 200
) -> Response:
    """The page; after a refused act with what was typed, and what is wrong with it beside the button."""
    with site.store.read() as session:
        active = shown(session, "active")
        versions, drafts = list_rules(session), list_drafts(session)
        rows = history(session, 20)
        runs = {v.digest: seen_replay(session, v.digest) for v in versions}
        runs |= {digest_of(d.text): seen_replay(session, digest_of(d.text)) for d in drafts}
        context = {
            **{"who": who, "active": active, "versions": versions, "drafts": drafts, "history": rows, "error": error},
            "given": form or VersionForm(),
            **{"may_edit": who.role in EDITORS, "seen": active_digest(session), "runs": runs, "before": one_before(session)},
            "digests": {d.id: digest_of(d.text) for d in drafts},
        }
    return site.pages.TemplateResponse(request, "rule_versions.html", context, status_code=status)
