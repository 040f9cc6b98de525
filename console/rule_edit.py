"""One rule: its form, checked as it is typed and as it is sent, with its examples and its effect on stored contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.rule_form import PARTS, RuleForm, Wrong, common, complaints, examples, fields_of, rule_from
from console.rule_sets import EDITORS, Shown, shown
from console.rules import put_rule
from console.site import Site
from models.errors import RuleError, StaleError
from models.label_store import newest_texts
from models.rule_store import history
from models.words import Impact, Intent, Pattern, ZoneKind

if TYPE_CHECKING:
    from parsers.rule_file import Rule

_TEXTS = 200
_MEANINGS = (*Impact, *Pattern, *Intent)


def add_rule_edit(app: FastAPI, site: Site) -> None:
    user, editor = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(EDITORS))

    @app.get("/rules/rule", response_class=HTMLResponse)
    def rule_page(request: Request, who: SignedIn = user, set: str = "active", id: str = "") -> Response:
        with site.store.read() as session:
            known = shown(session, set)
        rule = known.rules().by_id.get(id)
        if rule is None and id:
            raise HTTPException(404, "There is no such rule in this set.")
        return _form(site, request, who, known, fields_of(rule), rule, {})

    @app.post("/rules/check", response_class=HTMLResponse)
    def rule_typed(request: Request, form: Annotated[RuleForm, Form()], who: SignedIn = editor) -> Response:
        """What is wrong and what the examples say, for the form as it stands while somebody types."""
        site.guard.check_origin(request)
        site.guard.check_csrf(who, form.csrf)
        with site.store.read() as session:
            known = shown(session, form.set)
        rule, wrong = _judged(site, known, form)
        return site.pages.TemplateResponse(
            request, "_rule_check.html", _told(site, rule, wrong) | {"who": who, "typed": True, "parts": PARTS}
        )

    @app.post("/rules/rule", response_class=HTMLResponse)
    def rule_sent(request: Request, form: Annotated[RuleForm, Form()], who: SignedIn = editor) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, form.csrf)
        with site.store.read() as session:
            known = shown(session, form.set)
        sent = form.model_dump()
        gone = form.do == "remove" and bool(form.was)
        rule, wrong = (None, {}) if gone else _judged(site, known, form)
        if wrong or form.do not in ("save", "remove"):
            return _form(site, request, who, known, sent, rule, wrong, status=422 if wrong else 200)
        try:
            draft = put_rule(site, who, known, rule, form.was, int(form.seen) if form.seen.isdigit() else 0)
        except StaleError as e:
            return _form(site, request, who, known, sent, rule, {"": [str(e)]}, status=409)
        except RuleError as e:
            return _form(site, request, who, known, sent, rule, {"": [str(e)]}, status=422)
        return RedirectResponse(f"/rules?set=draft-{draft}&{urlencode({'q': rule.id if rule else ''})}", status_code=303)


def _judged(site: Site, known: Shown, form: RuleForm) -> tuple[Rule | None, Wrong]:
    """The rule of a sent form, and all that stands against it."""
    rule, wrong = rule_from(form.model_dump())
    if rule is None:
        return None, wrong
    rules = known.rules()
    wrong = complaints(rule, [r for r in rules.rules if r.id != form.was])
    if form.was != rule.id and rule.id in rules.by_id:
        wrong.setdefault("id", []).append("has the id of another rule of this set")
    if not wrong and (much := common(rule, _texts(site))[1]):
        wrong["values"] = [much]
    return rule, wrong


def _texts(site: Site) -> list[str]:
    with site.store.read() as session:
        return newest_texts(session, _TEXTS)


def _told(site: Site, rule: Rule | None, wrong: Wrong) -> dict[str, Any]:
    """Examples and reach of a rule that could be compiled."""
    shown_examples = examples(rule) if rule else []
    texts = _texts(site) if rule and not wrong else []
    count = common(rule, texts)[0] if rule and texts else None
    return {"wrong": wrong, "examples": shown_examples, "count": count, "texts": len(texts)}


def _form(
    site: Site,
    request: Request,
    who: SignedIn,
    known: Shown,
    fields: dict[str, Any],
    rule: Rule | None,
    wrong: Wrong,
    status: int = 200,
) -> Response:
    from parsers.rule_file import FIELDS, Kind

    was = fields.get("was", fields["id"])
    with site.store.read() as session:
        changes = history(session, 10, was) if was else []
    context = {
        **_told(site, rule, wrong),
        **{"who": who, "known": known, "f": fields, "was": was, "changes": changes, "meanings": _MEANINGS},
        **{"fields": FIELDS, "kinds": get_args(Kind), "zones": list(ZoneKind), "may_edit": who.role in EDITORS},
        "checked": request.method == "POST",
    }
    return site.pages.TemplateResponse(request, "rule.html", context, status_code=status)
