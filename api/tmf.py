"""TMF621 v5: list, create, read, change, and the hub of its events."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from sqlalchemy import tuple_
from sqlmodel import Session, col, func, select
from starlette.exceptions import HTTPException

from api.changing import change
from api.creating import add_contact, create_ticket, view_of
from api.door import Api, Door, RateHeaders
from api.finding import ticket_of
from api.problems import Problem, problem_of
from api.repeats import IdempotencyKey, once, raw_body
from api.shapes import ContactIn, TicketChange
from api.targets import check_target
from api.tmf_document import add_document, told
from api.tmf_shapes import BASE, BUYER, STATUS, HubIn, TroubleTicketChange, TroubleTicketIn, trouble_ticket
from models.access import Scope
from models.audit_log import record
from models.errors import IntakeError
from models.tables import Event, Ticket, TicketService
from models.tables_api import EventHub
from models.token_store import Bearer
from models.words import TicketEvent
from tickets.clock_pass import load_case
from tickets.mailing import Work
from tickets.states import look_again, transition

_Id = Annotated[str, Path(pattern=r"^INC-\d{4}-\d{6,12}$")]
_Service = Annotated[str, Query(alias="relatedEntity.entity.id", max_length=100, pattern=r"^[^\x00-\x1f]*$")]
_After = Annotated[str, Query(pattern=r"^(INC-\d{4}-\d{6,12})?$")]
# What of a ticket's history both sides read.
_NOTES = ("told", "answer", "escalated")


def build_tmf(api: Api, *, local_targets: bool) -> FastAPI:
    """The application to be mounted under /tmf-api/troubleTicket/v5; `local_targets` lets hubs call this machine."""
    app = FastAPI(title="TMF621 Trouble Ticket", version="5.0.1", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(RateHeaders)
    door = Door(api)
    _errors(app)
    _tickets(app, api, door)
    _hubs(app, api, door, local_targets=local_targets)
    add_document(app)
    return app


def _tickets(app: FastAPI, api: Api, door: Door) -> None:
    reads, writes = Depends(door.may(Scope.TICKETS_READ)), Depends(door.may(Scope.TICKETS_WRITE))

    @app.get("/troubleTicket", responses=told(200, "TroubleTicket", many=True))
    def tmf_list(
        who: Bearer = reads, status: str = "", service: _Service = "", fields: str = "",
        offset: Annotated[int, Query(ge=0, le=10_000)] = 0, limit: Annotated[int, Query(ge=1, le=200)] = 50, after: _After = "",
    ) -> Response:  # fmt: skip
        states = [s.value for s, theirs in STATUS.items() if theirs == status]
        if status and not states:
            return JSONResponse([], headers={"X-Result-Count": "0"})
        rows = select(Ticket).order_by(col(Ticket.opened_at).desc(), col(Ticket.id).desc()).limit(limit).offset(offset)
        if who.customer:
            rows = rows.where(Ticket.customer_id == who.customer)
        if states:
            rows = rows.where(col(Ticket.state).in_(states))
        if service:
            rows = rows.where(col(Ticket.id).in_(select(TicketService.ticket_id).where(TicketService.service_id == service)))
        with api.store.read() as session:
            last = session.get(Ticket, after) if after else None
            if last and who.customer in ("", last.customer_id):
                rows = rows.where(tuple_(col(Ticket.opened_at), col(Ticket.id)) < tuple_(last.opened_at, last.id))
            found = bodies(session, session.exec(rows).all())
        return JSONResponse([_only(b, fields) for b in found], headers={"X-Result-Count": str(len(found))})

    @app.post("/troubleTicket", status_code=201, responses=told(201, "TroubleTicket", 409, 503))
    def tmf_create(
        request: Request,
        given: TroubleTicketIn,
        who: Bearer = writes,
        raw: bytes = Depends(raw_body),
        idempotency_key: IdempotencyKey = "",
    ) -> Response:
        def work() -> Response:
            filed = create_ticket(api, who, _report(given), raw, idempotency_key)
            ticket_id = filed.ticket_id or ""
            _buyer_says(api, who, ticket_id, given.of_buyer())
            with api.store.read() as session:
                body = bodies(session, [ticket_of(session, who, ticket_id)])[0]
            return JSONResponse(body, status_code=201, headers={"Location": body["href"]})

        return once(api, request, who, idempotency_key, raw, work)

    @app.get("/troubleTicket/{ticket_id}", responses=told(200, "TroubleTicket", 404))
    def tmf_read(ticket_id: _Id, who: Bearer = reads, fields: str = "") -> Response:
        with api.store.read() as session:
            return JSONResponse(_only(bodies(session, [ticket_of(session, who, ticket_id)])[0], fields))

    @app.patch("/troubleTicket/{ticket_id}", responses=told(200, "TroubleTicket", 404, 409, 503))
    def tmf_change(
        ticket_id: _Id, given: TroubleTicketChange = Body(media_type="application/merge-patch+json"), who: Bearer = writes,
        raw: bytes = Depends(raw_body),
    ) -> Response:  # fmt: skip
        with api.store.write() as session:
            row = ticket_of(session, who, ticket_id, lock=True)
            work, owner = Work(session, api.clock(), api.life, who.actor), row.customer_id or ""
            case = load_case(session, row)
            if fields := given.fields():
                change(api, who, work, case, TicketChange(**fields), view_of(api.directory(), who))
            if given.status in ("closed", "cancelled"):
                why = given.statusChangeReason or f"{given.status} by the other party"
                transition(session, row, TicketEvent.CLOSE, now=work.now, actor=work.actor, why=why)
            elif given.status == "inProgress" and STATUS[case.state] in ("resolved", "closed"):
                why = given.statusChangeReason or "the other party says that it does not work"
                transition(session, row, TicketEvent.REOPEN, now=work.now, actor=work.actor, why=why)
            look_again(row, work.now)
            session.add(row)
        _buyer_says(api, who, ticket_id, given.of_buyer())
        for note in given.note or []:
            if note.text:
                add_contact(api, who, ticket_id, ContactIn(text=note.text), raw, "", owner)
        with api.store.read() as session:
            return JSONResponse(bodies(session, [ticket_of(session, who, ticket_id)])[0])


def _hubs(app: FastAPI, api: Api, door: Door, *, local_targets: bool) -> None:
    writes = Depends(door.may(Scope.EVENTS_WRITE))

    @app.post("/hub", status_code=201, responses=told(201, "Hub"))
    def hub_add(given: HubIn, who: Bearer = writes) -> Response:
        check_target(given.callback, local=local_targets)
        with api.store.write() as session:
            last = session.exec(select(func.max(Event.id))).one() or 0
            row = EventHub(
                id=secrets.token_hex(8), token_id=who.id, callback=given.callback, query=given.query,
                customer_id=who.customer or None, created_at=api.clock(), last_event=last, secret=secrets.token_urlsafe(24),
            )  # fmt: skip
            session.add(row)
            record(session, "hub-added", at=api.clock(), actor=who.actor, subject=f"hub:{row.id}", callback=row.callback)
        return JSONResponse(_hub(row), status_code=201, headers={"Location": f"{BASE}/hub/{row.id}"})

    @app.get("/hub/{hub_id}", responses=told(200, "Hub", 404))
    def hub_read(hub_id: str, who: Bearer = writes) -> Response:
        with api.store.read() as session:
            return JSONResponse(_hub(_hub_of(session, who, hub_id)))

    @app.delete("/hub/{hub_id}", status_code=204, responses=told(204, "", 404))
    def hub_remove(hub_id: str, who: Bearer = writes) -> Response:
        with api.store.write() as session:
            row = _hub_of(session, who, hub_id)
            session.delete(row)
            record(session, "hub-removed", at=api.clock(), actor=who.actor, subject=f"hub:{row.id}", callback=row.callback)
        return Response(status_code=204)


def bodies(session: Session, tickets: Iterable[Ticket]) -> list[dict[str, Any]]:
    """Tickets in their form, with the buyer's own words and what was told."""
    rows = list(tickets)
    said: dict[str, dict[str, Any]] = {t.id: {} for t in rows}
    notes: dict[str, list[Event]] = {t.id: [] for t in rows}
    wanted = select(Event).where(col(Event.ticket_id).in_(list(said)), col(Event.kind).in_((BUYER, *_NOTES)))
    for e in session.exec(wanted.order_by(col(Event.id))):
        if e.kind == BUYER:
            said[e.ticket_id].update(e.data)
        else:
            notes[e.ticket_id].append(e)
    return [trouble_ticket(t, said[t.id], notes[t.id]) for t in rows]


def _report(given: TroubleTicketIn) -> Any:
    try:
        return given.as_report()
    except ValidationError as e:
        raise Problem(422, "; ".join(str(x["msg"]) for x in e.errors()[:3])) from e


def _buyer_says(api: Api, who: Bearer, ticket_id: str, said: dict[str, Any]) -> None:
    if said:
        with api.store.write() as session:
            why = ", ".join(f"{k} {v}" for k, v in said.items())
            session.add(Event(ticket_id=ticket_id, at=api.clock(), actor=who.actor, kind=BUYER, why=why[:500], data=said))


def _only(body: dict[str, Any], fields: str) -> dict[str, Any]:
    """What `fields` asks for; ID, address and type always come."""
    wanted = {f.strip() for f in fields.split(",") if f.strip()}
    return {k: v for k, v in body.items() if k in wanted | {"id", "href", "@type"}} if wanted else body


def _hub_of(session: Session, who: Bearer, hub_id: str) -> EventHub:
    row = session.get(EventHub, hub_id[:40].replace("\0", ""))
    if row is None or row.token_id != who.id:
        raise Problem(404, "There is no such hub.")
    return row


def _hub(row: EventHub) -> dict[str, Any]:
    return {"@type": "Hub", "id": row.id, "href": f"{BASE}/hub/{row.id}", "callback": row.callback, "query": row.query}


def _errors(app: FastAPI) -> None:
    """Errors in the form of TMF630, which TMF621 points to."""

    def answer(problem: Problem) -> Response:
        body = {
            "@type": "Error", "code": str(problem.status), "reason": str(problem.answer_title()), "message": problem.detail,
            "status": str(problem.status),
        }  # fmt: skip
        return JSONResponse(body, status_code=problem.status, headers=problem.headers)

    @app.exception_handler(Problem)
    def problem(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return answer(error)

    @app.exception_handler(IntakeError)
    def ours(_request: Request, error: Exception) -> Response:
        assert isinstance(error, IntakeError)
        return answer(problem_of(error))

    @app.exception_handler(RequestValidationError)
    def wrong(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        told = [f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()[:5]]
        return answer(Problem(400, "; ".join(told)))

    @app.exception_handler(HTTPException)
    def http(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(Problem(error.status_code, str(error.detail), headers=error.headers))
