"""Rules: the list with filters and search, switching one on or off in a draft, and who changed what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.rule_diff import rule_change
from console.rule_sets import EDITORS, Shown, shown
from console.site import Site
from models.errors import RuleError, StaleError
from models.rule_store import history, new_draft, save_draft
from models.words import ZoneKind

if TYPE_CHECKING:
    from parsers.rule_file import Rule

_PAGE = 100
_TEXT = Annotated[str, Form()]


def add_rules(app: FastAPI, site: Site) -> None:
    user, editor = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(EDITORS))

    @app.get("/rules", response_class=HTMLResponse)
    def rule_list(
        request: Request,
        who: SignedIn = user,
        set: str = "active",
        q: str = "",
        field: str = "",
        kind: str = "",
        language: str = "",
        zone: str = "",
        state: str = "",
        start: int = 0,
    ) -> Response:
        with site.store.read() as session:
            known = shown(session, set)
        asked = {"q": q.strip(), "field": field, "kind": kind, "language": language, "zone": zone, "state": state}
        return _list(site, request, who, known, asked, max(0, start))

    @app.get("/rules/history", response_class=HTMLResponse)
    def rule_history(request: Request, who: SignedIn = user, id: str = "") -> Response:
        with site.store.read() as session:
            rows = history(session, 200, id)
        return site.pages.TemplateResponse(request, "rule_history.html", {"who": who, "rows": rows, "id": id})

    @app.post("/rules/switch", response_class=HTMLResponse)
    def rule_switch(
        request: Request, who: SignedIn = editor, csrf: _TEXT = "", set: _TEXT = "active", id: _TEXT = "", seen: _TEXT = "0"
    ) -> Response:
        """Turns one rule on or off in the draft, or in a new one."""
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        with site.store.read() as session:
            known = shown(session, set)
        rule = known.rules().by_id.get(id)
        if rule is None:
            raise HTTPException(404, "There is no such rule in this set.")
        turned = rule.model_copy(update={"enabled": not rule.enabled})
        try:
            draft = put_rule(site, who, known, turned, id, int(seen) if seen.isdigit() else 0)
        except (StaleError, RuleError) as e:
            return _list(site, request, who, known, {"q": id}, 0, str(e), 409)
        return RedirectResponse(f"/rules?set=draft-{draft}&{urlencode({'q': id})}", status_code=303)


def put_rule(site: Site, who: SignedIn, known: Shown, rule: Rule | None, was: str, seen: int) -> int:
    """Puts the rule in the place of `was` (None removes it) into the draft, or into a new one; gives the draft's number.

    Raises StaleError, or RuleError for what the set would not hold to: nothing is saved then.
    """
    from parsers.rule_checks import problems_of
    from parsers.rule_file import as_text

    rules = known.rules()
    old = rules.by_id.get(was)
    rows = [rule if r.id == was and rule else r for r in rules.rules if rule or r.id != was]
    if rule and old is None:
        rows.append(rule)
    if rule and (wrong := problems_of(rule, [r for r in rows if r is not rule])):
        raise RuleError(f"rule {rule.id!r} {wrong[0]}")
    text = as_text(rules.name, rows, rules.calibration)
    change = {"rule": rule.id if rule else was, **rule_change(old, rule)}
    with site.store.write() as session:
        if known.draft:
            draft = save_draft(session, known.draft, text, seen=seen, actor=who.name, now=site.clock(), change=change)
        else:
            draft = new_draft(
                session, f"by {who.name}", text, based_on=known.title, actor=who.name, now=site.clock(), change=change
            )
        return draft.id or 0


def _list(
    site: Site,
    request: Request,
    who: SignedIn,
    known: Shown,
    asked: dict[str, str],
    start: int,
    error: str = "",
    status: int = 200,
) -> Response:
    from parsers.rule_file import FIELDS, Kind

    asked = {"q": "", "field": "", "kind": "", "language": "", "zone": "", "state": ""} | asked
    rules = known.rules().rules
    found = [r for r in rules if _fits(r, asked)]
    languages = sorted({x for r in rules for x in r.languages})
    context = {
        **{"who": who, "known": known, "may_edit": who.role in EDITORS, "fields": FIELDS, "kinds": get_args(Kind)},
        **{"found": found[start : start + _PAGE], "count": len(found), "asked": asked, "error": error},
        **{"zones": list(ZoneKind), "languages": languages, "filtered": any(asked.values())},
        "more": urlencode({"set": known.which, **asked, "start": start + _PAGE}) if start + _PAGE < len(found) else "",
    }
    return site.pages.TemplateResponse(request, "rules.html", context, status_code=status)


def _fits(rule: Rule, asked: dict[str, str]) -> bool:
    words = asked["q"].casefold()
    tests: tuple[tuple[str, Any], ...] = (
        ("field", rule.field == asked["field"]),
        ("kind", rule.kind == asked["kind"]),
        ("language", asked["language"] in rule.languages),
        ("zone", asked["zone"] in [z.value for z in rule.zones]),
        ("state", rule.enabled == (asked["state"] == "on")),
    )
    if not all(fits for name, fits in tests if asked[name]):
        return False
    own = (rule.id, rule.note, rule.group, str(rule.meaning or ""), *rule.values)
    return not words or any(words in v.casefold() for v in own)
