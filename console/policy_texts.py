"""Texts of mails and spoken prompts: an own version in the place of the shipped one, with a preview on real cases."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError
from sqlmodel import Session, col, select

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.policy_page import ADMINS
from console.site import Site
from models.errors import UserError
from models.tables import Outbox
from models.tuning_file import MailTextRow, PromptRow
from models.words import MailEvent
from outbound.context import VARIABLES, MailContext, context_of
from outbound.own_texts import PARTS, TextError, check_own, render_own, samples, shipped
from tickets.policy import load_policy, retire, save

_TEXT = Annotated[str, Form()]
_CASES = 3


def add_policy_texts(app: FastAPI, site: Site) -> None:
    user, admin = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(ADMINS))

    @app.get("/policy/texts", response_class=HTMLResponse)
    def texts(request: Request, who: SignedIn = user) -> Response:
        with site.store.read() as session:
            policy = load_policy(session)
        context = {"who": who, "events": list(MailEvent), "policy": policy, "prompts": site.tuning.prompts}
        return site.pages.TemplateResponse(request, "policy_texts.html", context)

    @app.get("/policy/mail-text/{event}", response_class=HTMLResponse)
    def mail_text(request: Request, event: str, who: SignedIn = user) -> Response:
        known = _event(event)
        with site.store.read() as session:
            own = load_policy(session).mail_texts.get(event)
        return _mail_page(site, request, who, known, (own or shipped(known)).model_dump(), {}, own)

    @app.post("/policy/mail-text/{event}", response_class=HTMLResponse)
    def mail_text_sent(
        request: Request,
        event: str,
        who: SignedIn = admin,
        csrf: _TEXT = "",
        act: _TEXT = "preview",
        subject: _TEXT = "",
        text: _TEXT = "",
        html: _TEXT = "",
    ) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        known = _event(event)
        given = {k: v.replace("\r\n", "\n") for k, v in (("subject", subject), ("text", text), ("html", html))}
        if act == "retire":
            return _retired(site, who, "mail-text", event)
        try:
            own = MailTextRow.model_validate(given)
            check_own(known, own)
        except ValidationError as e:
            wrong = {str(x["loc"][0]): x["msg"] for x in e.errors()}
            return _mail_page(site, request, who, known, given, wrong, None, status=422)
        except TextError as e:
            return _mail_page(site, request, who, known, given, {e.part: str(e)}, None, status=422)
        if act == "save":
            with site.store.write() as session:
                save(session, "mail-text", event, own.model_dump(), author=who.name, now=site.clock())
            return RedirectResponse("/policy/texts", status_code=303)
        return _mail_page(site, request, who, known, given, {}, own)

    @app.get("/policy/voice-text/{prompt}", response_class=HTMLResponse)
    def voice_text(request: Request, prompt: str, who: SignedIn = user) -> Response:
        with site.store.read() as session:
            own = load_policy(session).prompts.get(prompt)
        return _prompt_page(site, request, who, prompt, own.text if own else _prompt(site, prompt))

    @app.post("/policy/voice-text/{prompt}", response_class=HTMLResponse)
    def voice_text_sent(
        request: Request, prompt: str, who: SignedIn = admin, csrf: _TEXT = "", act: _TEXT = "preview", text: _TEXT = ""
    ) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        _prompt(site, prompt)
        if act == "retire":
            return _retired(site, who, "voice-text", prompt)
        text = text.replace("\r\n", "\n")
        try:
            own = PromptRow.model_validate({"text": text})
            site.tuning.say(prompt, own.text)
        except ValidationError as e:
            return _prompt_page(site, request, who, prompt, text, e.errors()[0]["msg"], 422)
        except UserError as e:
            return _prompt_page(site, request, who, prompt, text, str(e), 422)
        if act == "save":
            with site.store.write() as session:
                save(session, "voice-text", prompt, own.model_dump(), author=who.name, now=site.clock())
            return RedirectResponse("/policy/texts", status_code=303)
        return _prompt_page(site, request, who, prompt, text)


def _event(name: str) -> MailEvent:
    try:
        return MailEvent(name)
    except ValueError as e:
        raise HTTPException(404, "There is no such mail.") from e


def _prompt(site: Site, name: str) -> str:
    """The text of a prompt as it is without one of the console's. Raises 404."""
    if name not in site.tuning.prompts:
        raise HTTPException(404, "There is no such prompt.")
    return site.tuning.prompts[name]


def _retired(site: Site, who: SignedIn, kind: str, name: str) -> Response:
    """Back to the shipped words."""
    try:
        with site.store.write() as session:
            retire(session, kind, name, author=who.name, now=site.clock())
    except UserError as e:
        raise HTTPException(404, "There is no text of your own to take out of force.") from e
    return RedirectResponse("/policy/texts", status_code=303)


def _mail_page(
    site: Site,
    request: Request,
    who: SignedIn,
    event: MailEvent,
    given: dict[str, Any],
    wrong: dict[str, str],
    own: MailTextRow | None,
    status: int = 200,
) -> Response:
    cases = [] if wrong else _cases(site, event, own or shipped(event))
    context = {
        **{"who": who, "event": event, "given": given, "wrong": wrong, "cases": cases, "variables": VARIABLES},
        **{"parts": PARTS, "shipped": shipped(event), "may_edit": who.role in ADMINS},
    }
    return site.pages.TemplateResponse(request, "policy_mail_text.html", context, status_code=status)


def _cases(site: Site, event: MailEvent, text: MailTextRow) -> list[dict[str, Any]]:
    """The newest mails of this kind in these words, or an invented case where none was sent yet."""
    with site.store.read() as session:
        found = [(f"{r.ticket_id or ''} to {r.to_address}", _context(site, r)) for r in _newest(session, event)]
    out = []
    for name, context in found or [("an invented case", samples(event)[0])]:
        try:
            out.append({"name": name, "made": render_own(context, text), "wrong": ""})
        except TextError as e:
            out.append({"name": name, "made": None, "wrong": f"{e.part}: {e}; it would go out in the shipped words"})
    return out


def _newest(session: Session, event: MailEvent) -> list[Outbox]:
    query = select(Outbox).where(Outbox.event == event.value, Outbox.channel == "email")
    return list(session.exec(query.order_by(col(Outbox.id).desc()).limit(_CASES)))


def _context(site: Site, row: Outbox) -> MailContext:
    return context_of(row.context, provider=site.life.answers.provider, ticket=row.ticket_id or "")


def _prompt_page(
    site: Site, request: Request, who: SignedIn, prompt: str, text: str, wrong: str = "", status: int = 200
) -> Response:
    said = "" if wrong else site.tuning.say(prompt, text)
    context = {
        **{"who": who, "prompt": prompt, "text": text, "wrong": wrong, "said": said, "may_edit": who.role in ADMINS},
        **{"variables": site.tuning.prompt_variables, "shipped": _prompt(site, prompt)},
    }
    return site.pages.TemplateResponse(request, "policy_prompt.html", context, status_code=status)
