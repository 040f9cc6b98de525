"""Reason for Outage reports: those that are due, their text, their approval, their PDF."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import col, select

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.review import DESK as WORKERS
from console.site import Site
from models.errors import UserError
from models.tables import Ticket
from models.tables_life import Rfo
from models.words import Role
from outbound.pdf import rfo_pdf
from tickets import rfo as reports
from tickets.clock_pass import load_case
from tickets.mailing import Work
from tickets.plan import LifeCase

APPROVERS: frozenset[Role] = frozenset({Role.LEAD, Role.ADMIN})


def add_life_rfo(app: FastAPI, site: Site) -> None:
    user = Depends(site.guard.may(EVERYBODY))
    worker, approver = Depends(site.guard.may(WORKERS)), Depends(site.guard.may(APPROVERS))

    @app.get("/rfo", response_class=HTMLResponse)
    def rfo_list(request: Request, who: SignedIn = user) -> Response:
        with site.store.read() as session:
            rows = session.exec(
                select(Rfo, Ticket)
                .join(Ticket, col(Ticket.id) == col(Rfo.ticket_id))
                .order_by(col(Rfo.sent_at).desc(), col(Rfo.due_at))
                .limit(200)
            ).all()
        rows_open = [r for r in rows if r[0].state != "sent"]
        sent = [r for r in rows if r[0].state == "sent"]
        context = {"who": who, "open": rows_open, "sent": sent, "now": site.clock()}
        return site.pages.TemplateResponse(request, "life_rfos.html", context)

    @app.get("/rfo/{rfo_id}", response_class=HTMLResponse)
    def rfo_page(request: Request, rfo_id: int, who: SignedIn = user, said: str = "", wrong: str = "") -> Response:
        with site.store.read() as session:
            row = _row(session.get(Rfo, rfo_id))
            ticket = session.get(Ticket, row.ticket_id)
        actions = "\n".join(f"{a['what']} | {a['owner']} | {a['due']}" for a in row.body.get("actions", []))
        context = {
            "who": who, "r": row, "t": ticket, "actions": actions, "now": site.clock(), "may_edit": who.role in WORKERS,
            "may_approve": who.role in APPROVERS and row.edited_by != who.name, "said": said[:300], "wrong": wrong[:300],
        }  # fmt: skip
        return site.pages.TemplateResponse(request, "life_rfo.html", context)

    @app.get("/rfo/{rfo_id}/pdf")
    def rfo_download(rfo_id: int, who: SignedIn = user) -> Response:
        with site.store.read() as session:
            row = _row(session.get(Rfo, rfo_id))
            ticket = session.get(Ticket, row.ticket_id)
            assert ticket
            provider = site.life.answers.provider
            pdf = row.pdf or rfo_pdf(
                reports.document(
                    session, load_case(session, ticket), row, provider=provider, issued_at=site.clock(), is_draft=True
                )
            )
        name = f'inline; filename="RFO-{row.ticket_id}.pdf"'
        return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": name})

    @app.post("/rfo/{rfo_id}/edit")
    async def rfo_edit(request: Request, rfo_id: int, who: SignedIn = worker) -> Response:
        form = await _form(site, request, who)
        body = {k: form[k] for k in reports.FIELDS if k in form}
        version = int(form["version"]) if form.get("version", "").isdigit() else 0

        def edit(work: Work, case: LifeCase, row: Rfo) -> None:
            reports.edit(work, case, row, body, version=version)

        return _do(site, rfo_id, who, edit, "saved")

    @app.post("/rfo/{rfo_id}/approve")
    async def rfo_approve(request: Request, rfo_id: int, who: SignedIn = approver) -> Response:
        await _form(site, request, who)

        def approve(work: Work, case: LifeCase, row: Rfo) -> None:
            reports.approve(work, case, row, rfo_pdf, provider=site.life.answers.provider)

        return _do(site, rfo_id, who, approve, "approved and sent")


async def _form(site: Site, request: Request, who: SignedIn) -> dict[str, str]:
    form = {k: str(v)[:20_000] for k, v in (await request.form()).items()}
    site.guard.check_origin(request)
    site.guard.check_csrf(who, form.get("csrf", ""))
    return form


def _do(site: Site, rfo_id: int, who: SignedIn, act: reports.RfoAct, done: str) -> Response:
    try:
        with site.store.write() as session:
            row = _row(session.get(Rfo, rfo_id, with_for_update=True))
            ticket = session.get(Ticket, row.ticket_id, with_for_update=True)
            assert ticket
            act(Work(session, site.clock(), site.life, who.name), load_case(session, ticket), row)
    except UserError as e:
        return RedirectResponse(f"/rfo/{rfo_id}?wrong={quote(str(e))}", status_code=303)
    return RedirectResponse(f"/rfo/{rfo_id}?said={quote(done)}", status_code=303)


def _row(row: Rfo | None) -> Rfo:
    if row is None:
        raise HTTPException(404, "There is no such RFO.")
    return row
