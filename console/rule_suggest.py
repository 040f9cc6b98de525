"""Proposed rules: from corrections with the cases behind them, and from words that somebody marks; each with its effect."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.rule_form import complaints, fields_of
from console.rule_sets import EDITORS, Shown, shown
from console.rule_try import mail_of
from console.rules import put_rule
from console.site import Site
from models.decided_store import ACCEPTED, DISMISSED, decide, decided, undecide
from models.directory_store import read_directory
from models.errors import RuleError, StaleError
from models.label_store import labels_of, newest_filed, newest_labelled
from models.rule_store import list_drafts

if TYPE_CHECKING:
    from parsers.rule_file import Rule
    from parsers.suggest import Proposal

_TEXT = Annotated[str, Form()]
_KIND = "rule"
_DAYS = 30
_LABELLED = 2000
_OTHERS = 1000
# So many contacts are looked through for the effect of a proposal, and so many of those it touches are read again.
_LOOKED_AT = 500
_READ_AGAIN = 40
_FIELDS = ("impact", "fault_pattern", "intent")
_COMPARED = ("service_ids", "circuit_ids", "impact", "start_time", "fault_pattern", "intent", "missing", "action")


def add_rule_suggest(app: FastAPI, site: Site) -> None:
    user, editor = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(EDITORS))

    @app.get("/rules/suggestions", response_class=HTMLResponse)
    def suggestions(request: Request, who: SignedIn = user, days: int = _DAYS) -> Response:
        days = min(max(days, 1), 3650)
        with site.store.read() as session:
            found, drafts, past = _mined(site, session, days), list_drafts(session), decided(session, _KIND)
        context = {"who": who, "found": found, "drafts": drafts, "past": past, "days": days, "may_edit": who.role in EDITORS}
        return site.pages.TemplateResponse(request, "rule_suggestions.html", context)

    @app.get("/rules/suggestions/one", response_class=HTMLResponse)
    def suggestion(request: Request, who: SignedIn = user, key: str = "", days: int = _DAYS) -> Response:
        """One proposal with its cases and its effect on past contacts."""
        with site.store.read() as session:
            found = next((p for p in _mined(site, session, days) if p.key == key), None)
        if found is None:
            return _words_page(site, request, who, "", "", None, "")
        return _words_page(site, request, who, found.words, "", found.rule, "", found)

    @app.post("/rules/suggestions/words", response_class=HTMLResponse)
    def words_marked(
        request: Request, who: SignedIn = user, csrf: _TEXT = "", words: _TEXT = "", meaning: _TEXT = "", contact: _TEXT = ""
    ) -> Response:
        """The rule that marked words would make."""
        from parsers.suggest import rule_for

        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        words = " ".join(words.split())[:200]
        meaning = meaning or _guess(words)
        of = contact if contact.isdigit() else ""
        try:
            return _words_page(site, request, who, words, meaning, rule_for(words, meaning), "", contact=of)
        except RuleError as e:
            return _words_page(site, request, who, words, meaning, None, str(e), status=422, contact=of)

    @app.post("/rules/suggestions", response_class=HTMLResponse)
    def suggestion_decided(
        request: Request,
        who: SignedIn = editor,
        csrf: _TEXT = "",
        do: _TEXT = "",
        key: _TEXT = "",
        words: _TEXT = "",
        meaning: _TEXT = "",
        set: _TEXT = "active",
        seen: _TEXT = "0",
        days: _TEXT = str(_DAYS),
    ) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        if do in ("dismiss", "again"):
            with site.store.write() as session:
                if do == "dismiss":
                    decide(session, _KIND, key, DISMISSED, actor=who.name, now=site.clock())
                else:
                    undecide(session, _KIND, key)
            return RedirectResponse("/rules/suggestions", status_code=303)
        return _accept(site, request, who, key, words, meaning, set, seen, int(days) if days.isdigit() else _DAYS)


def _accept(
    site: Site, request: Request, who: SignedIn, key: str, words: str, meaning: str, which: str, seen: str, days: int
) -> Response:
    """Puts the proposed rule into a draft."""
    from parsers.suggest import rule_for

    with site.store.read() as session:
        known = shown(session, which)
        found = next((p for p in _mined(site, session, days) if p.key == key), None) if key else None
    if key and found is None:
        raise HTTPException(404, "This proposal is no longer made; somebody has decided on it, or its cases have gone.")
    try:
        rule = _unique(found.rule if found else rule_for(words, meaning), known)
        # A draft that is named without the version that was seen is taken as it stands now.
        draft = put_rule(site, who, known, rule, "", int(seen) if seen.isdigit() and int(seen) else known.version)
    except (RuleError, StaleError) as e:
        return _words_page(site, request, who, words, meaning, found.rule if found else None, str(e), found, status=422)
    if key:
        with site.store.write() as session:
            decide(session, _KIND, key, ACCEPTED, actor=who.name, now=site.clock())
    return RedirectResponse(f"/rules/rule?set=draft-{draft}&id={rule.id}", status_code=303)


def _unique(rule: Rule, known: Shown) -> Rule:
    ids, name, n = known.rules().by_id, rule.id, 2
    while name in ids:
        name, n = f"{rule.id}-{n}", n + 1
    return rule.model_copy(update={"id": name})


def _guess(words: str) -> str:
    return "service_id" if sum(c.isdigit() for c in words) >= 3 and " " not in words else "impact=degradation"


def _mined(site: Site, session: Session, days: int) -> list[Proposal]:
    from parsers.suggest import mine, said_of

    labelled = newest_labelled(session, site.clock() - timedelta(days=days), _LABELLED)
    labels = labels_of(session, list(labelled))
    known = [
        s
        for id_, read in labelled.items()
        for s in said_of(id_, read.get("text", ""), labels.get(id_, {}), dict(read), _FIELDS)
    ]
    if not any(s.corrected for s in known):
        return []
    for mail in newest_filed(session, _OTHERS):
        if mail.id not in labels:
            known.extend(said_of(mail.id, str(mail.read.get("text", "")), {}, dict(mail.read), _FIELDS))
    return mine(known, frozenset(d.key for d in decided(session, _KIND)))


def _words_page(
    site: Site,
    request: Request,
    who: SignedIn,
    words: str,
    meaning: str,
    rule: Rule | None,
    error: str,
    proposal: Proposal | None = None,
    status: int = 200,
    contact: str = "",
) -> Response:
    from parsers.suggest import MEANINGS

    with site.store.read() as session:
        known, drafts = shown(session, "active"), list_drafts(session)
    wrong = complaints(rule, [r for r in known.rules().rules if r.id != rule.id]) if rule else {}
    changes = effect(site, rule, known) if rule and not wrong else None
    context = {
        **{"who": who, "words": words, "meaning": meaning, "meanings": MEANINGS, "rule": rule, "error": error},
        "contact": contact,
        **{"proposal": proposal, "drafts": drafts, "effect": changes, "wrong": wrong, "may_edit": who.role in EDITORS},
        **{"f": fields_of(rule) if rule else {}, "read_again": _READ_AGAIN},
    }
    return site.pages.TemplateResponse(request, "rule_words.html", context, status_code=status)


def effect(site: Site, rule: Rule, known: Shown) -> dict[str, Any]:
    """What the rule would change in past contacts: those that hold its words are read by the set with it and without it."""
    from parsers import read_mail
    from parsers.rule_checks import finder
    from parsers.rules import RuleSet

    rules = known.rules()
    more = RuleSet((*(r for r in rules.rules if r.id != rule.id), rule), "with it", rules.name, rules.calibration)
    found, directory, cases = finder(rule), read_directory(site.store), []
    with site.store.read() as session:
        newest = newest_filed(session, _LOOKED_AT)
    # A label is looked for as such: a form has it at the head of a line.
    touched = [m for m in newest if _touches(rule, found, str(m.read.get("text", "")))]
    for stored in touched[:_READ_AGAIN]:
        mail = mail_of(site, stored)
        rows = [
            read_mail(
                mail.raw,
                directory=directory,
                own_addresses=mail.own,
                rules=side,
                received_at=mail.at,
                previous_question=mail.question,
                customer_address=mail.customer_address,
            ).as_row()
            for side in (rules, more)
        ]
        cases += [(stored.id, key, rows[0][key], rows[1][key]) for key in _COMPARED if rows[0][key] != rows[1][key]]
    return {"looked": len(newest), "touched": len(touched), "cases": cases}


def _touches(rule: Rule, found: Any, text: str) -> bool:
    if rule.kind != "label":
        return bool(found(text))
    return any(v in line.casefold() for line in text.splitlines() for v in rule.values)
