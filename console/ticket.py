"""One ticket: everything of its life on one page, and every act that an agent has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, FastAPI, Form, HTTPException, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.auth import SignedIn
from console.contact_view import shown
from console.guard import EVERYBODY
from console.life_acts import ACTS, FREE
from console.mail_view import safe_name
from console.replies import prepared, words_of
from console.review import DESK, SNOOZES
from console.site import Site
from console.ticket_view import ticket_view
from models.errors import NotFoundError, StaleError, UserError
from models.tables import Ticket
from models.words import Priority, Role, Urgency
from tickets.clock_pass import load_case
from tickets.corrections import check_version
from tickets.desk import look_at
from tickets.mailing import Work
from tickets.reply import MAX_FILE_BYTES, Attached, Letter, letter_text, send_reply, subject_for
from tickets.report import LABELS
from tickets.states import look_again

_Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Refused:
    """An act that was refused: which, why, and what was typed for it, so that the page shows it all again."""

    act: str = ""
    why: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    code: int = 200


async def form_of(request: Request) -> dict[str, str]:
    """The words of the form; read here so that the act itself may run beside the event loop."""
    return {k: str(v)[:20_000] for k, v in (await request.form()).items() if isinstance(v, str)}


def add_ticket(app: FastAPI, site: Site) -> None:
    user, worker = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(DESK))

    @app.get("/tickets/{ticket_id}", response_class=HTMLResponse)
    def ticket(request: Request, ticket_id: str, who: SignedIn = user, said: str = "", wrong: str = "") -> Response:
        return ticket_page(site, request, who, ticket_id, said=said[:400], wrong=wrong[:400])

    @app.get("/tickets/{ticket_id}/case")
    def case_page(ticket_id: str, who: SignedIn = user) -> Response:
        """Where the case stood before it became part of the ticket's page; links in sent mails lead here."""
        return RedirectResponse(f"/tickets/{quote(ticket_id)}", status_code=303)

    @app.post("/tickets/{ticket_id}/case/{act}", response_class=HTMLResponse)
    def case_act(
        request: Request, ticket_id: str, act: str, who: SignedIn = worker, form: dict[str, str] = Depends(form_of)
    ) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, form.get("csrf", ""))
        if act not in ACTS:
            raise HTTPException(404, "There is no such act.")
        try:
            _act(site, ticket_id, act, form, who)
        except NotFoundError as e:
            raise HTTPException(404, str(e)) from e
        except UserError as e:
            code = 409 if isinstance(e, StaleError) else 422
            return ticket_page(site, request, who, ticket_id, refused=Refused(act, str(e), form, code))
        return _done(ticket_id, f"{ACTS[act].label}: done")

    @app.post("/tickets/{ticket_id}/reply", response_class=HTMLResponse)
    def reply(
        request: Request, ticket_id: str, who: SignedIn = worker, csrf: _Text = "", do: _Text = "send", subject: _Text = "",
        text: _Text = "", files: list[UploadFile] | None = None,
    ) -> Response:  # fmt: skip
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        typed = {"subject": subject, "text": text}
        if do != "send":
            return ticket_page(site, request, who, ticket_id, refused=Refused("reply", "", typed), draft=do)
        try:
            letter = Letter(subject, text, [_attached(f) for f in files or () if f.filename])
            with site.store.write() as session:
                found = _ticket(site, session.get(Ticket, ticket_id, with_for_update=True))
                row = send_reply(Work(session, site.clock(), site.life, who.name), found, letter)
                to = row.to_address
        except UserError as e:
            return ticket_page(site, request, who, ticket_id, refused=Refused("reply", str(e), typed, 422))
        return _done(ticket_id, f"Your reply goes to {to}.")


def ticket_page(
    site: Site,
    request: Request,
    who: SignedIn,
    ticket_id: str,
    *,
    said: str = "",
    wrong: str = "",
    refused: Refused | None = None,
    draft: str = "",
) -> Response:
    """The page; after a refused act with what was typed and what is wrong with it."""
    refused, provider, now = refused or Refused(), site.life.answers.provider, site.clock()
    with site.store.read() as session:
        view = ticket_view(session, ticket_id, provider=provider, now=now)
    if view is None:
        raise HTTPException(404, "There is no such ticket.")
    letter = dict(refused.typed) if refused.act == "reply" else {}
    if draft not in ("", "preview"):
        words = words_of(draft, view.ticket, agent=who.name, greeting=view.greeting)
        letter["text"] = "\n".join(x for x in (letter.get("text", "").rstrip(), words) if x)
    others: list[str] = []
    if who.role in DESK:
        with site.store.write() as session:
            others = look_at(session, ticket_id, who.name, now)
    context = {
        "who": who, "v": view, "t": view.ticket, "more": view.more, "now": now, "acts": ACTS, "priorities": list(Priority),
        "urgencies": list(Urgency), "may_act": who.role in DESK, "may_take_over": who.role in (Role.LEAD, Role.ADMIN),
        "snoozes": SNOOZES, "said": said, "wrong": wrong, "refused": refused, "others": others, "last": None,
        "labels": LABELS, "shown": shown, "prepared": prepared(), "provider_name": provider,
        "subject": letter.get("subject") or subject_for(view.ticket), "text": letter.get("text", ""), "drafting": bool(draft),
        "preview": letter_text(letter.get("text", ""), provider, ticket_id) if draft else "",
    }  # fmt: skip
    return site.pages.TemplateResponse(request, "ticket.html", context, status_code=refused.code)


def _act(site: Site, ticket_id: str, act: str, form: dict[str, str], who: SignedIn) -> None:
    known = site.known.with_rules()
    with site.store.write() as session:
        ticket = _ticket(site, session.get(Ticket, ticket_id, with_for_update=True))
        work = Work(session, site.clock(), site.life, who.name)
        if act not in FREE and form.get("version", "").isdigit():
            check_version(ticket, int(form["version"]), work)
        before = ticket.version
        ACTS[act].do(work, load_case(session, ticket), known, form)
        ticket.version = max(ticket.version, before + 1)
        look_again(ticket, work.now)
        session.add(ticket)


def _ticket(site: Site, found: Ticket | None) -> Ticket:
    if found is None:
        raise HTTPException(404, "There is no such ticket.")
    return found


def _attached(file: UploadFile) -> Attached:
    data = file.file.read(MAX_FILE_BYTES + 1)
    kind = (file.content_type or "").partition(";")[0].strip().lower()
    kind = kind if kind.count("/") == 1 and kind.isascii() and not kind.startswith(("multipart/", "message/")) else ""
    return Attached(safe_name(file.filename or "file"), kind or "application/octet-stream", data)


def _done(ticket_id: str, said: str) -> Response:
    return RedirectResponse(f"/tickets/{quote(ticket_id)}?said={quote(said)}", status_code=303)
