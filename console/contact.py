"""One contact: what was written beside what was read, and the agent's decisions about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.auth import SignedIn
from console.contact_view import contact_view
from console.field_values import Words, values_of
from console.guard import EVERYBODY
from console.known import Known
from console.mail_view import parts_of
from console.review import DESK, SNOOZES
from console.site import Site
from models.errors import NotFoundError, RefusedError, StaleError, UserError
from models.tables import Contact, ReadingRecord, Ticket
from models.words import Field, Role
from tickets import corrections
from tickets.corrections import Change, Done
from tickets.desk import look_at
from tickets.mailing import Work

_UNDO_FOR = timedelta(hours=12)
_Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Given:
    """What the form of a decision carries."""

    contact_id: int
    field: str = ""
    text: str = ""
    start: str = ""
    end: str = ""
    anyway: bool = False
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """`do` works inside one transaction; `said` is what the page says then, `on` whether the next case opens."""

    do: Callable[[Work, Ticket, Known, Given], Done]
    said: str
    on: bool = False


def add_contact(app: FastAPI, site: Site) -> None:
    user, worker = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(DESK))

    @app.get("/contacts/{contact_id}", response_class=HTMLResponse)
    def contact(request: Request, contact_id: int, who: SignedIn = user, said: str = "", wrong: str = "") -> Response:
        return contact_page(site, request, who, contact_id, said=said[:400], wrong=wrong[:400])

    @app.post("/contacts/{contact_id}/report", response_class=HTMLResponse)
    def contact_report(
        request: Request, contact_id: int, who: SignedIn = worker, csrf: _Text = "", act: _Text = "", field: _Text = "",
        text: _Text = "", version: Annotated[int, Form()] = 0, start: _Text = "", end: _Text = "", anyway: _Text = "",
        batch: _Text = "",
    ) -> Response:  # fmt: skip
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        if act not in DECISIONS:
            raise HTTPException(404, "There is no such act.")
        given = Given(contact_id, field, text, start, end, anyway == "yes", batch)
        typed = {field: text} if field else {}
        try:
            ref, done = _decide(site, who, DECISIONS[act], given, version)
        except StaleError as e:
            return contact_page(site, request, who, contact_id, wrong=str(e), typed=typed, code=409)
        except NotFoundError as e:
            raise HTTPException(404, str(e)) from e
        except UserError as e:
            beside = act == "correct" and field in {f.value for f in corrections.LABELS}
            errors, wrong = ({field: str(e)}, "") if beside else ({}, str(e))
            return contact_page(site, request, who, contact_id, wrong=wrong, errors=errors, typed=typed, code=422)
        said = " ".join(x for x in (DECISIONS[act].said.format(label=field.replace("_", " ")), done.told) if x)
        to = f"/review/next?after={ref}&said=" if DECISIONS[act].on else f"/contacts/{contact_id}?said="
        return RedirectResponse(to + quote(said), status_code=303)


def contact_page(
    site: Site,
    request: Request,
    who: SignedIn,
    contact_id: int,
    *,
    said: str = "",
    wrong: str = "",
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    code: int = 200,
) -> Response:
    """The page; after a refused decision with what was typed and what is wrong with it, beside its field."""
    directory, provider, now = site.known.now(), site.life.answers.provider, site.clock()
    with site.store.read() as session:
        view = contact_view(session, contact_id, directory, provider=provider, errors=errors, typed=typed)
        if view is None:
            raise HTTPException(404, "There is no such contact.")
        raw = session.get(Contact, contact_id)
        parts = parts_of(raw.raw if raw and view.contact.channel == "email" else b"")
        batch = corrections.last_batch(session, view.ticket.id, who.name, now - _UNDO_FOR) if view.ticket else ""
    others: list[str] = []
    if who.role in DESK:
        with site.store.write() as session:
            others = look_at(session, view.ref, who.name, now)
    context = {
        "who": who, "v": view, "c": view.contact, "t": view.ticket, "parts": parts, "batch": batch, "others": others,
        "last": None,
        "may_act": who.role in DESK, "may_take_over": who.role in (Role.LEAD, Role.ADMIN), "now": now, "snoozes": SNOOZES,
        "said": said, "wrong": wrong,
    }  # fmt: skip
    return site.pages.TemplateResponse(request, "contact.html", context, status_code=code)


def _decide(site: Site, who: SignedIn, decision: Decision, given: Given, version: int) -> tuple[str, Done]:
    known = site.known.with_rules()
    with site.store.write() as session:
        contact = session.get(Contact, given.contact_id)
        ticket = session.get(Ticket, contact.ticket_id, with_for_update=True) if contact and contact.ticket_id else None
        if contact is None or ticket is None:
            raise NotFoundError(f"Contact {given.contact_id} has no ticket, so there is no report to decide on.")
        work = Work(session, site.clock(), site.life, who.name)
        corrections.check_version(ticket, version, work)
        return ticket.id, decision.do(work, ticket, known, given)


def _correct(work: Work, ticket: Ticket, known: Known, given: Given) -> Done:
    field = _field(given.field)
    contact, reading = work.session.get(Contact, given.contact_id), work.session.get(ReadingRecord, given.contact_id)
    words = Words(
        given.text, known, ticket.customer_id, contact.from_address if contact else "",
        contact.arrived_at if contact else work.now, work.now, given.anyway,
    )  # fmt: skip
    values = values_of(field, words)
    spans = _span(given, str((reading.data if reading else {}).get("text") or ""))
    change = Change(field, values, given.text.strip()[:500], spans)
    return corrections.correct(work, ticket, known.directory, [change], contact_id=given.contact_id)


def _accept(work: Work, ticket: Ticket, known: Known, given: Given) -> Done:
    return corrections.accept(work, ticket, known.directory, [_field(given.field)], contact_id=given.contact_id)


def _accept_all(work: Work, ticket: Ticket, known: Known, given: Given) -> Done:
    return corrections.accept_case(work, ticket, known.directory, contact_id=given.contact_id)


def _undo(work: Work, ticket: Ticket, known: Known, given: Given) -> Done:
    return corrections.undo(work, ticket, known.directory, given.batch)


DECISIONS: Mapping[str, Decision] = {
    "correct": Decision(_correct, "The {label} is corrected."),
    "accept": Decision(_accept, "The {label} is accepted."),
    "accept-all": Decision(_accept_all, "Accepted.", on=True),
    "undo": Decision(_undo, "Taken back."),
}


def _field(name: str) -> Field:
    if name not in {f.value for f in corrections.LABELS}:
        raise RefusedError(f"{name[:40]!r} is no field of a report.")
    return Field(name)


def _span(given: Given, text: str) -> tuple[tuple[int, int], ...]:
    """The place of the selected words, where it is one in this contact's text."""
    if not (given.start.isdigit() and given.end.isdigit()):
        return ()
    start, end = int(given.start[:9]), int(given.end[:9])
    return ((start, end),) if start < end <= len(text) and text[start:end].strip() == given.text.strip() else ()
