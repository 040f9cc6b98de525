"""The customer's tickets: the list, and each with its history, files, and what he can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from models.directory import Customer
from models.words import DeferralState
from panel.acts import ACTS, possible
from panel.answering import services_to_pick
from panel.files import ALLOWED
from panel.form import Sent, first_values, new_number, read_form, zone_names
from panel.looking import GONE, contact_raw, files_on, sent_rfo, ticket_of, tickets_of, timeline
from panel.message import files_of
from panel.pace import Pace
from panel.sessions import Visitor
from panel.site import PanelSite
from panel.words import IMPACTS, local_words, rows_in
from tickets.clock_pass import load_case
from tickets.escalation import holder, next_level
from tickets.match import living
from tickets.plan import target_due

_SENT: Mapping[str, str] = {
    "new": "Your ticket is open. Our engineers can see it now, and a confirmation is on its way to you by mail.",
    "added": "It is part of this ticket now. We have not opened a second one.",
    "again": "You have sent this form before; it is this ticket.",
    "done": "Thank you. It is done.",
}


def add_tickets(app: FastAPI, site: PanelSite) -> None:
    signed_in = Depends(site.gate.visitor)
    forms = Pace(site.settings.forms_a_minute)

    @app.get("/tickets", response_class=HTMLResponse)
    def ticket_list(
        request: Request, visitor: Visitor = signed_in, q: str = "", state: str = "open", before: str = ""
    ) -> Response:
        with site.store.read() as session:
            found, more = tickets_of(session, visitor, only_open=state != "all", search=q[:100], before=before[:40])
        context = {"tickets": found, "q": q[:100], "state": state, "more": more, "before": before[:40]}
        return site.page(request, "tickets.html", visitor, context)

    @app.get("/tickets/{ticket_id}", response_class=HTMLResponse)
    def ticket_page(request: Request, ticket_id: str, visitor: Visitor = signed_in, sent: str = "") -> Response:
        return show(site, request, visitor, ticket_id, Sent(), said=_SENT.get(sent, ""))

    @app.post("/tickets/{ticket_id}/{act}", response_class=HTMLResponse)
    async def ticket_act(request: Request, ticket_id: str, act: str, visitor: Visitor = signed_in) -> Response:
        sent = await read_form(request)
        site.gate.check(request, visitor, sent["csrf"])
        forms.check(visitor.address, site.clock())
        return await run_in_threadpool(_act, site, request, visitor, ticket_id, act, sent)

    @app.get("/tickets/{ticket_id}/files/{contact_id}/{number}")
    def ticket_file(ticket_id: str, contact_id: int, number: int, visitor: Visitor = signed_in) -> Response:
        with site.store.read() as session:
            ticket = ticket_of(session, visitor, ticket_id)
            raw = contact_raw(session, ticket.id, contact_id)
            mailed = None if raw else site.mail_files.one(session, ticket, site.directory(), contact_id, number)
        files = files_of(raw) if raw else []
        found = files[number] if 0 <= number < len(files) else mailed
        if found is None:
            raise HTTPException(404, GONE)
        return _download(found.data, found.name)

    @app.get("/tickets/{ticket_id}/rfo.pdf")
    def ticket_rfo(ticket_id: str, visitor: Visitor = signed_in) -> Response:
        with site.store.read() as session:
            ticket = ticket_of(session, visitor, ticket_id)
            rfo = sent_rfo(session, ticket.id)
        if rfo is None or rfo.pdf is None:
            raise HTTPException(404, GONE)
        return _download(rfo.pdf, f"RFO-{ticket.id}.pdf")


def _act(site: PanelSite, request: Request, visitor: Visitor, ticket_id: str, act: str, sent: Sent) -> Response:
    if act not in ACTS:
        raise HTTPException(404, GONE)
    with site.store.read() as session:
        ticket = ticket_of(session, visitor, ticket_id)
    ACTS[act].do(site, visitor, ticket, sent)
    if sent.wrong:
        return show(site, request, visitor, ticket.id, sent, act=act, status=422)
    return RedirectResponse(f"/panel/tickets/{ticket.id}?sent=done", status_code=303)


def show(
    site: PanelSite,
    request: Request,
    visitor: Visitor,
    ticket_id: str,
    sent: Sent,
    *,
    said: str = "",
    act: str = "",
    status: int = 200,
) -> Response:
    """A ticket as its customer sees it, with the form that came back filled as it was."""
    directory, now, zone = site.directory(), site.clock(), visitor.customers[0].timezone
    with site.store.read() as session:
        ticket = ticket_of(session, visitor, ticket_id)
        case = load_case(session, ticket)
        merged = living(session, ticket.id)
        lines, rfo = timeline(session, ticket.id), sent_rfo(session, ticket.id)
        files = [*files_on(session, ticket.id), *site.mail_files.on(session, ticket, directory)]
        can = possible(session, case, site.filing, now)
    customer = directory.customer_by_id.get(ticket.customer_id or "")
    offer = case.deferral if case.deferral and case.deferral.state == DeferralState.OFFERED.value else None
    held = case.deferral if case.deferral and case.deferral.state == DeferralState.AGREED.value else None
    context: dict[str, Any] = {
        "t": ticket, "can": can, "lines": lines, "files": sorted(files, key=lambda f: f.at), "rfo": rfo, "asked_rfo": case.rfo,
        "said": said, "wrong": sent.wrong, "act": act, "v": _values(sent, site, customer), "impacts": IMPACTS,
        "rows": rows_in(ticket.report, zone), "holder": holder(case), "next_level": next_level(case), "zones": zone_names(),
        "offer": offer, "until": local_words(offer.until, zone) if offer else "", "allowed": ALLOWED,
        "agreed": local_words(held.until, zone) if held else "",
        "response_due": target_due(case, "response"), "repair_due": target_due(case, "repair"),
        "own_services": services_to_pick(directory, customer), "numbers": {name: new_number() for name in ACTS},
        "merged": merged.id if merged and merged.id != ticket.id else "", "now": now,
    }  # fmt: skip
    return site.page(request, "ticket.html", visitor, context, status=status)


def _values(sent: Sent, site: PanelSite, customer: Customer | None) -> Sent:
    zone = customer.timezone if customer else "UTC"
    fresh = first_values("", site.clock(), zone)
    return Sent(values={**fresh, **sent.values}, lists=sent.lists)


def _download(data: bytes, name: str) -> Response:
    """Always as a file to keep, never as something that the browser shows in our name."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)
