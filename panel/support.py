"""A service and its Support tab: the report, what the parser reads in it as one types, the ticket at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from models.directory import Customer, Service
from models.errors import NotFoundError, RefusedError
from models.tables import Ticket
from models.tables_panel import PanelFile
from models.words import Impact, Priority, Urgency
from panel import files as attached
from panel.files import Upload
from panel.form import Sent, check_report, first_values, new_number, read_form, zone_names
from panel.looking import open_counts, open_on, service_of, services_of, tickets_of
from panel.pace import Pace
from panel.report import Given
from panel.sessions import Visitor
from panel.site import PanelSite
from panel.submitting import read_words, submit
from panel.words import IMPACTS, PATTERNS, URGENCIES
from tickets.policy import load_policy
from tickets.priority import rank
from tickets.report import recorded
from tickets.submissions import Act, filed_before, submission_key
from tickets.urgency import UrgencyFacts

_SERVICES = 200
_PREVIEW_CHARS = 20_000


def add_support(app: FastAPI, site: PanelSite) -> None:
    signed_in = Depends(site.gate.visitor)
    reads, forms = Pace(site.settings.reads_a_minute), Pace(site.settings.forms_a_minute)

    @app.get("/", response_class=HTMLResponse)
    def services(request: Request, visitor: Visitor = signed_in, q: str = "") -> Response:
        found = services_of(site.directory(), visitor, q[:100])
        with site.store.read() as session:
            counts = open_counts(session, visitor)
            tickets, more = tickets_of(session, visitor, only_open=True)
        context = {
            "services": found[:_SERVICES], "count": len(found), "q": q[:100], "open": counts, "tickets": tickets[:5],
            "more": bool(more) or len(tickets) > 5,
        }  # fmt: skip
        return site.page(request, "services.html", visitor, context)

    @app.get("/services/{service_id:path}/support", response_class=HTMLResponse)
    def support_page(request: Request, service_id: str, visitor: Visitor = signed_in) -> Response:
        service = service_of(site.directory(), visitor, service_id)
        zone = customer_of(visitor, service).timezone
        sent = Sent(values=first_values(new_number(), site.clock(), zone))
        return _page(site, request, visitor, service, sent, [])

    @app.post("/services/{service_id:path}/support", response_class=HTMLResponse)
    async def support(request: Request, service_id: str, visitor: Visitor = signed_in) -> Response:
        sent = await read_form(request)
        site.gate.check(request, visitor, sent["csrf"])
        forms.check(visitor.address, site.clock())
        return await run_in_threadpool(_support, site, request, visitor, service_id, sent)

    @app.get("/services/{service_id:path}", response_class=HTMLResponse)
    def service_page(request: Request, service_id: str, visitor: Visitor = signed_in) -> Response:
        service = service_of(site.directory(), visitor, service_id)
        with site.store.read() as session:
            tickets, _ = tickets_of(session, visitor, only_open=False, search=service.id)
        return site.page(request, "service.html", visitor, {"service": service, "tickets": tickets[:10], "tab": "service"})

    @app.post("/read", response_class=HTMLResponse)
    async def read_as_typed(request: Request, visitor: Visitor = signed_in) -> Response:
        sent = await read_form(request)
        site.gate.check(request, visitor, sent["csrf"])
        reads.check(visitor.address, site.clock())
        return await run_in_threadpool(_preview, site, request, visitor, sent)


def customer_of(visitor: Visitor, service: Service) -> Customer:
    return next(c for c in visitor.customers if c.id == service.customer)


def _support(site: PanelSite, request: Request, visitor: Visitor, service_id: str, sent: Sent) -> Response:
    """One form: put right where something is wrong, with all that was typed; else a ticket."""
    service, now = service_of(site.directory(), visitor, service_id), site.clock()
    number = sent.number or new_number()
    sent.values["draft"] = number
    with site.store.read() as session:
        before = filed_before(session, submission_key(visitor.address, number))
    if before is not None and before.ticket_id:
        # Sent twice by a double click or a reload: the first one is the one.
        return RedirectResponse(f"/panel/tickets/{before.ticket_id}?sent=again", status_code=303)
    files, held = _all_files(site, visitor, number, sent)
    given = check_report(sent, [service.id], service.circuits, now)
    with site.store.read() as session:
        others = open_on(session, visitor, service.id)
    same = sent["same"] if sent["same"] in {"new", *(t.id for t in others)} else ""
    if others and not same:
        sent.wrong["same"] = "There is already a ticket on this service. Please say whether this is the same fault."
    if sent.wrong:
        with site.store.write() as session:
            attached.keep(session, number, visitor.address, sent.files, now)
        return _page(site, request, visitor, service, sent, others, status=422)
    joins = same if same != "new" else ""
    try:
        filed = submit(
            site, given, act=Act.ADD if joins else Act.REPORT, number=number, address=visitor.address, name=visitor.name,
            customer=customer_of(visitor, service), at=now, files=files, ticket=joins, is_new=same == "new",
            urgency=sent["urgency"],
        )  # fmt: skip
    except (RefusedError, NotFoundError) as e:
        sent.wrong["same"] = f"{e}."
        return _page(site, request, visitor, service, sent, others, status=409)
    if held:
        with site.store.write() as session:
            attached.forget(session, number, visitor.address)
    return RedirectResponse(f"/panel/tickets/{filed.ticket_id}?sent={'added' if joins else 'new'}", status_code=303)


def _all_files(site: PanelSite, visitor: Visitor, number: str, sent: Sent) -> tuple[list[Upload], list[PanelFile]]:
    """The files of this and of earlier tries of the same form, without those that he has taken away."""
    drop = [int(x) for x in sent.all("drop") if x.isdigit()]
    with site.store.read() as session:
        before = attached.kept(session, number, visitor.address)
    if drop and before:
        with site.store.write() as session:
            attached.forget(session, number, visitor.address, drop)
    held = [f for f in before if f.id not in drop]
    files = [*(Upload(f.name, f.media_type, f.data) for f in held), *sent.files]
    if why := attached.too_many(files):
        sent.wrong.setdefault("files", why)
        sent.files = []
    return files, held


def _page(
    site: PanelSite,
    request: Request,
    visitor: Visitor,
    service: Service,
    sent: Sent,
    others: Sequence[Ticket],
    *,
    status: int = 200,
) -> Response:
    with site.store.read() as session:
        found = others or open_on(session, visitor, service.id)
        kept = attached.kept(session, sent.number, visitor.address) if sent.number else []
    context: dict[str, Any] = {
        "service": service, "tab": "support", "v": sent, "wrong": sent.wrong, "others": found, "kept": kept,
        "impacts": IMPACTS, "urgencies": URGENCIES, "patterns": PATTERNS, "zones": zone_names(), "allowed": attached.ALLOWED,
        "recorded_of": lambda t: {r["field"]: r["value"] for r in recorded(t.report)},
    }  # fmt: skip
    return site.page(request, "support.html", visitor, context, status=status)


def _preview(site: PanelSite, request: Request, visitor: Visitor, sent: Sent) -> Response:
    """What was read so far, as a fragment that stands beside the form."""
    service = service_of(site.directory(), visitor, sent["service"])
    given = Given(description=sent["description"][:_PREVIEW_CHARS], logs=sent["logs"][:_PREVIEW_CHARS])
    customer = customer_of(visitor, service)
    reading, unread = read_words(
        site, given, (), address=visitor.address, customer=customer, directory=site.directory(), at=site.clock()
    )
    context = {
        "r": reading, "unread": unread, "service": service, "circuits": [c for c in reading.circuit_ids if c],
        "others": [s for s in reading.service_ids if s != service.id], "priority": _priority(site, service, sent),
        "chosen": sent["impact"],
    }  # fmt: skip
    return site.page(request, "_read.html", visitor, context)


def _priority(site: PanelSite, service: Service, sent: Sent) -> Priority | None:
    """What the matrix makes of impact and urgency as chosen; None while the impact is open."""
    if sent["impact"] not in {i.value for i in Impact}:
        return None
    stated = Urgency(sent["urgency"]) if sent["urgency"] in {u.value for u in Urgency} else None
    with site.store.read() as session:
        matrix = load_policy(session).priority
    return rank(Impact(sent["impact"]), UrgencyFacts((service.redundant,), 1, 1, stated), matrix).priority
