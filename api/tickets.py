"""Tickets: list, read, open, change, and what is said on them."""

from __future__ import annotations

from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response
from sqlalchemy.orm import defer
from sqlmodel import col, select

from api.answers import IfMatch, IfNoneMatch, answer, etag_of, must_match, not_modified, page
from api.changing import change
from api.creating import add_contact, create_ticket, view_of
from api.door import Api, Door
from api.finding import CUSTOMER_EVENTS, TicketId, ticket_of
from api.listing import Text, by_key, by_time, page_of
from api.paging import Cursor, Limit, Page
from api.problems import Problem, documented
from api.repeats import IdempotencyKey, once, raw_body
from api.shapes import ContactIn, Instant, NoteIn, TicketChange, TicketIn
from api.shown import ContactOut, EventOut, TicketOut
from models.access import Scope
from models.tables import Contact, Event, Ticket, TicketService
from models.token_store import Bearer
from models.words import Priority, TicketState
from tickets.clock_pass import load_case
from tickets.mailing import Work
from tickets.reply import add_note
from tickets.states import look_again


def add_tickets(app: FastAPI, api: Api, door: Door) -> None:
    reads, writes = Depends(door.may(Scope.TICKETS_READ)), Depends(door.may(Scope.TICKETS_WRITE))
    reads_contacts, writes_contacts = Depends(door.may(Scope.CONTACTS_READ)), Depends(door.may(Scope.CONTACTS_WRITE))

    @app.get("/v1/tickets", response_model=Page[TicketOut], responses=documented(), tags=["tickets"])
    def list_tickets(
        who: Bearer = reads,
        state: TicketState | None = None,
        priority: Priority | None = None,
        customer: Text = "",
        service: Text = "",
        review: bool | None = None,
        opened_after: Instant | None = None,
        opened_before: Instant | None = None,
        limit: Limit = 50,
        cursor: Cursor = "",
    ) -> Response:
        """Tickets, the newest first."""
        rows = by_time(select(Ticket), col(Ticket.opened_at), col(Ticket.id), str, cursor, limit)
        if who.customer or customer:
            rows = rows.where(Ticket.customer_id == (who.customer or customer))
        if who.customer and customer and customer != who.customer:
            return page([], None)
        if state:
            rows = rows.where(Ticket.state == state.value)
        if priority:
            rows = rows.where(Ticket.priority == priority.value)
        if review is not None and not who.customer:
            rows = rows.where(col(Ticket.review).is_(review))
        if service:
            rows = rows.where(col(Ticket.id).in_(select(TicketService.ticket_id).where(TicketService.service_id == service)))
        if opened_after:
            rows = rows.where(col(Ticket.opened_at) >= opened_after)
        if opened_before:
            rows = rows.where(col(Ticket.opened_at) < opened_before)
        with api.store.read() as session:
            found = session.exec(rows).all()
        return page_of(found, limit, lambda t: TicketOut.of(t, ours=not who.customer), "opened_at", "id")

    @app.post("/v1/tickets", status_code=201, response_model=TicketOut, tags=["tickets"],
              responses=documented(400, 409, 503, joined=TicketOut))  # fmt: skip
    def open_ticket(
        request: Request,
        given: TicketIn,
        who: Bearer = writes,
        raw: bytes = Depends(raw_body),
        idempotency_key: IdempotencyKey = "",
    ) -> Response:
        """Opens a ticket, or joins the report to the one that is open for the same fault. It is filed like a mail."""

        def work() -> Response:
            filed = create_ticket(api, who, given, raw, idempotency_key)
            return _shown(api, who, filed.ticket_id or "", created=True)

        return once(api, request, who, idempotency_key, raw, work)

    @app.get("/v1/tickets/{ticket_id}", response_model=TicketOut, responses=documented(304, 404), tags=["tickets"])
    def read_ticket(ticket_id: TicketId, who: Bearer = reads, if_none_match: IfNoneMatch = None) -> Response:
        """One ticket; its ETag is what a change must name."""
        with api.store.read() as session:
            row = ticket_of(session, who, ticket_id)
        etag = etag_of(row.version)
        return not_modified(if_none_match, etag) or answer(TicketOut.of(row, ours=not who.customer), etag=etag)

    @app.patch(
        "/v1/tickets/{ticket_id}", response_model=TicketOut, responses=documented(400, 404, 409, 412, 428), tags=["tickets"]
    )
    def change_ticket(ticket_id: TicketId, given: TicketChange, who: Bearer = writes, if_match: IfMatch = None) -> Response:
        """Changes the fields that the body names."""
        directory = view_of(api.directory(), who)
        with api.store.write() as session:
            row = ticket_of(session, who, ticket_id, lock=True)
            must_match(if_match, etag_of(row.version))
            work = Work(session, api.clock(), api.life, who.actor)
            change(api, who, work, load_case(session, row), given, directory)
            session.flush()
            body, etag = TicketOut.of(row, ours=not who.customer), etag_of(row.version)
        return answer(body, etag=etag)

    @app.get("/v1/tickets/{ticket_id}/events", response_model=Page[EventOut], responses=documented(404), tags=["tickets"])
    def list_events(ticket_id: TicketId, who: Bearer = reads, limit: Limit = 50, cursor: Cursor = "") -> Response:
        """What has happened to a ticket, the oldest first."""
        rows = by_key(select(Event).where(Event.ticket_id == ticket_id), col(Event.id), int, cursor, limit)
        if who.customer:
            rows = rows.where(col(Event.kind).in_(CUSTOMER_EVENTS))
        with api.store.read() as session:
            ticket_of(session, who, ticket_id)
            return page_of(session.exec(rows).all(), limit, EventOut.of, "id")

    @app.post("/v1/tickets/{ticket_id}/notes", status_code=201, response_model=TicketOut, tags=["tickets"],
              responses=documented(400, 404, 409))  # fmt: skip
    def note(
        request: Request, ticket_id: TicketId, given: NoteIn, who: Bearer = writes, raw: bytes = Depends(raw_body),
        idempotency_key: IdempotencyKey = "",
    ) -> Response:  # fmt: skip
        """A note for those who work on it; the customer does not see it."""

        def work() -> Response:
            if who.customer:
                raise Problem(403, "Notes are ours; a customer's token sends a contact.")
            with api.store.write() as session:
                row = ticket_of(session, who, ticket_id, lock=True)
                doing = Work(session, api.clock(), api.life, who.actor)
                add_note(doing, row, given.text)
                look_again(row, doing.now)
            return _shown(api, who, ticket_id)

        return once(api, request, who, idempotency_key, raw, work)

    @app.get("/v1/tickets/{ticket_id}/contacts", response_model=Page[ContactOut], responses=documented(404), tags=["contacts"])
    def ticket_contacts(ticket_id: TicketId, who: Bearer = reads_contacts, limit: Limit = 50, cursor: Cursor = "") -> Response:
        """The contacts of a ticket, the oldest first."""
        rows = select(Contact).options(defer(Contact.raw), defer(Contact.checks))  # type: ignore[arg-type]
        rows = by_key(rows.where(Contact.ticket_id == ticket_id), col(Contact.id), int, cursor, limit)
        with api.store.read() as session:
            ticket_of(session, who, ticket_id)
            found = session.exec(rows).all()
        return page_of(found, limit, lambda c: ContactOut.of(c, ours=not who.customer), "id")

    @app.post("/v1/tickets/{ticket_id}/contacts", status_code=201, response_model=TicketOut, tags=["contacts"],
              responses=documented(400, 404, 409, 503))  # fmt: skip
    def contact(
        request: Request, ticket_id: TicketId, given: ContactIn, who: Bearer = writes_contacts, raw: bytes = Depends(raw_body),
        idempotency_key: IdempotencyKey = "",
    ) -> Response:  # fmt: skip
        """Something new from the customer: read, filed, and answered where a requester is named."""

        def work() -> Response:
            with api.store.read() as session:
                owner = ticket_of(session, who, ticket_id).customer_id or ""
            filed = add_contact(api, who, ticket_id, given, raw, idempotency_key, owner)
            return _shown(api, who, filed.ticket_id or ticket_id)

        return once(api, request, who, idempotency_key, raw, work)


def _shown(api: Api, who: Bearer, ticket_id: str, *, created: bool = False) -> Response:
    """The ticket as it stands now; 200 where a report was joined to one that was open before."""
    with api.store.read() as session:
        row = ticket_of(session, who, ticket_id)
        first = select(Contact.id).where(Contact.ticket_id == ticket_id).limit(2)
        joined = created and len(session.exec(first).all()) > 1
    body = TicketOut.of(row, ours=not who.customer)
    return answer(body, 200 if joined else 201, etag=etag_of(row.version), location=f"/api/v1/tickets/{ticket_id}")
