"""The pages behind the signed links of our mails to persons of ours; those of customers are in panel/links.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session, select

from console.site import Site
from models.tables_life import Escalation, EscalationNotice
from models.words import NoticeState
from tickets.escalation import acknowledge
from tickets.links import LinkPurpose, is_signed
from tickets.mailing import Work


@dataclass(frozen=True, slots=True)
class _Page:
    """What a link shows: `question` and `button`, or `done` when there is nothing to press any more."""

    title: str
    question: str
    button: str
    done: str = ""


def add_life_links(app: FastAPI, site: Site) -> None:
    @app.get("/link/{purpose}/{row}/{mark}", response_class=HTMLResponse)
    def link_page(request: Request, purpose: str, row: str, mark: str) -> Response:
        kind = _known(site, purpose, row, mark)
        with site.store.read() as session:
            page = _PAGES[kind][0](session, row)
        return site.pages.TemplateResponse(request, "life_link.html", {"who": None, "page": page, "done": page.done})

    @app.post("/link/{purpose}/{row}/{mark}", response_class=HTMLResponse)
    def link_press(request: Request, purpose: str, row: str, mark: str) -> Response:
        kind = _known(site, purpose, row, mark)
        with site.store.write() as session:
            page = _PAGES[kind][0](session, row)
            done = page.done or _PAGES[kind][1](Work(session, site.clock(), site.life), row)
        return site.pages.TemplateResponse(request, "life_link.html", {"who": None, "page": page, "done": done})


def _known(site: Site, purpose: str, row: str, mark: str) -> LinkPurpose:
    if purpose not in {p.value for p in _PAGES} or not is_signed(site.life.answers.tokens, LinkPurpose(purpose), row, mark):
        raise HTTPException(404, "This link is not valid. Please copy it whole from the email.")
    return LinkPurpose(purpose)


def _escalation(session: Session, row: str) -> tuple[Escalation, str, int]:
    """The escalation, the person, and the round of the notice that the link stood in."""
    number, number_of_round, person = row.split("-", 2)
    found = session.get(Escalation, int(number), with_for_update=True)
    if found is None:
        raise HTTPException(404, "There is no such escalation.")
    return found, person, int(number_of_round)


def _notice(session: Session, row: str) -> _Page:
    found, person, _ = _escalation(session, row)
    title = f"{found.ticket_id}, level {found.level}"
    done = f"{found.acknowledged_by} has it already." if found.acknowledged_at else ""
    return _Page(title, f"{person}, do you have this escalation? {found.reason}", "I have it", done)


def _have(work: Work, row: str) -> str:
    found, person, number_of_round = _escalation(work.session, row)
    work.actor = person
    if not acknowledge(work, found, person):
        return "Somebody else was faster and has it."
    notice = work.session.exec(
        select(EscalationNotice).where(
            EscalationNotice.escalation_id == found.id,
            EscalationNotice.person == person,
            EscalationNotice.round == number_of_round,
        )
    ).first()
    if notice:
        notice.state = NoticeState.ACKNOWLEDGED.value
        work.session.add(notice)
    return "Thank you. The reminders have stopped."


_PAGES: Mapping[LinkPurpose, tuple[Callable[[Session, str], _Page], Callable[[Work, str], str]]] = {
    LinkPurpose.ACKNOWLEDGE: (_notice, _have),
}
