"""Contacts, services, RFOs and escalations."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Path, Request
from fastapi.responses import Response
from sqlalchemy.orm import defer
from sqlmodel import col, select

from api.answers import IfMatch, answer, etag_of, must_match, page
from api.door import Api, Door
from api.finding import RowId, TicketId, contact_of, escalation_of, of_customer, rfo_of, service_of, ticket_of
from api.listing import Text, by_key, by_time, page_of
from api.paging import Cursor, Limit, Page
from api.problems import Problem, documented
from api.repeats import IdempotencyKey, once, raw_body
from api.shapes import ReasonIn, RfoChange
from api.shown import ContactOut, EscalationOut, RfoOut, ServiceOut
from models.access import Scope
from models.tables import Contact, ReadingRecord, ServiceRecord
from models.tables_life import Escalation, Rfo
from models.token_store import Bearer
from models.words import ContactState, EscalationCause, RfoState
from tickets import escalation, rfo
from tickets.clock_pass import load_case
from tickets.mailing import Work
from tickets.states import look_again

_ServiceId = Annotated[str, Path(max_length=100, pattern=r"^[^\x00-\x1f]+$")]


def add_contacts(app: FastAPI, api: Api, door: Door) -> None:
    reads = Depends(door.may(Scope.CONTACTS_READ))

    @app.get("/v1/contacts", response_model=Page[ContactOut], responses=documented(), tags=["contacts"])
    def list_contacts(
        who: Bearer = reads, state: ContactState | None = None, sender: Text = "", limit: Limit = 50, cursor: Cursor = ""
    ) -> Response:
        """Contacts of all channels, the newest first."""
        rows = select(Contact).options(defer(Contact.raw), defer(Contact.checks))  # type: ignore[arg-type]
        rows = of_customer(rows, col(Contact.ticket_id), who)
        if state:
            rows = rows.where(Contact.state == state.value)
        if sender:
            rows = rows.where(Contact.from_address == sender.lower())
        rows = by_time(rows, col(Contact.arrived_at), col(Contact.id), int, cursor, limit)
        with api.store.read() as session:
            found = session.exec(rows).all()
        return page_of(found, limit, lambda c: ContactOut.of(c, ours=not who.customer), "arrived_at", "id")

    @app.get("/v1/contacts/{contact_id}", response_model=ContactOut, responses=documented(404), tags=["contacts"])
    def read_contact(contact_id: RowId, who: Bearer = reads) -> Response:
        """One contact with what was read from it. A customer's own token is not shown our evidence."""
        with api.store.read() as session:
            row = contact_of(session, who, contact_id)
            reading = session.get(ReadingRecord, contact_id)
        return answer(ContactOut.of(row, reading.data if reading else None, ours=not who.customer))


def add_services(app: FastAPI, api: Api, door: Door) -> None:
    reads = Depends(door.may(Scope.SERVICES_READ))

    @app.get("/v1/services", response_model=Page[ServiceOut], responses=documented(), tags=["services"])
    def list_services(who: Bearer = reads, customer: Text = "", limit: Limit = 50, cursor: Cursor = "") -> Response:
        """Services of the directory, by ID."""
        rows = by_key(select(ServiceRecord), col(ServiceRecord.id), str, cursor, limit)
        if who.customer and customer and customer != who.customer:
            return page([], None)
        if who.customer or customer:
            rows = rows.where(ServiceRecord.customer == (who.customer or customer))
        with api.store.read() as session:
            return page_of(session.exec(rows).all(), limit, ServiceOut.of, "id")

    @app.get("/v1/services/{service_id}", response_model=ServiceOut, responses=documented(404), tags=["services"])
    def read_service(service_id: _ServiceId, who: Bearer = reads) -> Response:
        """One service."""
        with api.store.read() as session:
            return answer(ServiceOut.of(service_of(session, who, service_id)))


def add_rfos(app: FastAPI, api: Api, door: Door) -> None:
    reads, writes = Depends(door.may(Scope.RFOS_READ)), Depends(door.may(Scope.RFOS_WRITE))
    asks = Depends(door.may(Scope.TICKETS_WRITE))

    @app.get("/v1/rfos", response_model=Page[RfoOut], responses=documented(), tags=["rfos"])
    def list_rfos(who: Bearer = reads, state: RfoState | None = None, limit: Limit = 50, cursor: Cursor = "") -> Response:
        """Reason for Outage reports, the newest first."""
        rows = by_key(of_customer(select(Rfo), col(Rfo.ticket_id), who), col(Rfo.id), int, cursor, limit, newest=True)
        if state:
            rows = rows.where(Rfo.state == state.value)
        with api.store.read() as session:
            return page_of(session.exec(rows).all(), limit, lambda r: RfoOut.of(r, ours=not who.customer), "id")

    @app.get("/v1/rfos/{rfo_id}", response_model=RfoOut, responses=documented(404), tags=["rfos"])
    def read_rfo(rfo_id: RowId, who: Bearer = reads) -> Response:
        """One RFO; a customer reads its text once it was sent."""
        with api.store.read() as session:
            row = rfo_of(session, who, rfo_id)
        return answer(RfoOut.of(row, ours=not who.customer), etag=etag_of(row.version))

    @app.patch("/v1/rfos/{rfo_id}", response_model=RfoOut, responses=documented(400, 404, 409, 412, 428), tags=["rfos"])
    def change_rfo(rfo_id: RowId, given: RfoChange, who: Bearer = writes, if_match: IfMatch = None) -> Response:
        """Writes at the draft. Its approval stays with a person of ours other than the writer."""
        with api.store.write() as session:
            row = rfo_of(session, who, rfo_id, lock=True)
            must_match(if_match, etag_of(row.version))
            body = {k: v for k, v in given.model_dump(exclude_unset=True).items() if v is not None}
            case = load_case(session, ticket_of(session, who, row.ticket_id, lock=True))
            rfo.edit(Work(session, api.clock(), api.life, who.actor), case, row, body, version=row.version)
            session.flush()
            shown = RfoOut.of(row, ours=True)
        return answer(shown, etag=etag_of(shown.version))

    @app.post("/v1/tickets/{ticket_id}/rfos", status_code=201, response_model=RfoOut, tags=["rfos"],
              responses=documented(404, 409))  # fmt: skip
    def ask_rfo(ticket_id: TicketId, who: Bearer = asks) -> Response:
        """Asks for an RFO of a resolved Critical or Major incident, due in five business days; a second one adds nothing."""
        with api.store.write() as session:
            case = load_case(session, ticket_of(session, who, ticket_id, lock=True))
            why = rfo.refusal(case)
            made = (
                None if why else rfo.request(Work(session, api.clock(), api.life, who.actor), case, by=who.actor, channel="api")
            )
            if made is not None:
                session.flush()
                body = RfoOut.of(made, ours=not who.customer)
        if made is None:
            raise Problem(409, f"There can be no RFO: {why or 'a person decides on it'}.")
        return answer(body, 201, etag=etag_of(body.version), location=f"/api/v1/rfos/{body.id}")


def add_escalations(app: FastAPI, api: Api, door: Door) -> None:
    reads, writes = Depends(door.may(Scope.ESCALATIONS_READ)), Depends(door.may(Scope.ESCALATIONS_WRITE))

    @app.get("/v1/escalations", response_model=Page[EscalationOut], responses=documented(), tags=["escalations"])
    def list_escalations(who: Bearer = reads, limit: Limit = 50, cursor: Cursor = "") -> Response:
        """Escalations of all tickets, the newest first."""
        rows = of_customer(select(Escalation), col(Escalation.ticket_id), who)
        rows = by_key(rows, col(Escalation.id), int, cursor, limit, newest=True)
        with api.store.read() as session:
            return page_of(session.exec(rows).all(), limit, EscalationOut.of, "id")

    @app.get("/v1/escalations/{escalation_id}", response_model=EscalationOut, responses=documented(404), tags=["escalations"])
    def read_escalation(escalation_id: RowId, who: Bearer = reads) -> Response:
        """One escalation."""
        with api.store.read() as session:
            return answer(EscalationOut.of(escalation_of(session, who, escalation_id)))

    @app.post("/v1/tickets/{ticket_id}/escalations", status_code=201, response_model=EscalationOut, tags=["escalations"],
              responses=documented(400, 404, 409))  # fmt: skip
    def escalate(
        request: Request, ticket_id: TicketId, given: ReasonIn, who: Bearer = writes, raw: bytes = Depends(raw_body),
        idempotency_key: IdempotencyKey = "",
    ) -> Response:  # fmt: skip
        """One level up, at any time; the level's persons are told."""

        def work() -> Response:
            with api.store.write() as session:
                row = ticket_of(session, who, ticket_id, lock=True)
                cause = EscalationCause.CUSTOMER if who.customer else EscalationCause.AGENT
                doing = Work(session, api.clock(), api.life, who.actor)
                made = escalation.escalate_by_hand(doing, load_case(session, row), cause, given.reason)
                row.version += 1
                look_again(row, doing.now)
                session.flush()
                body = EscalationOut.of(made)
            return answer(body, 201, location=f"/api/v1/escalations/{body.id}")

        return once(api, request, who, idempotency_key, raw, work)

    @app.post("/v1/escalations/{escalation_id}/acknowledgement", response_model=EscalationOut, tags=["escalations"],
              responses=documented(404))  # fmt: skip
    def acknowledge(escalation_id: RowId, who: Bearer = writes) -> Response:
        """A person of ours has it: its reminders stop. Said twice, nothing is changed."""
        if who.customer:
            raise Problem(403, "Only people of ours acknowledge.")
        with api.store.write() as session:
            row = escalation_of(session, who, escalation_id, lock=True)
            escalation.acknowledge(Work(session, api.clock(), api.life, who.actor), row, who.actor)
            session.flush()
            body = EscalationOut.of(row)
        return answer(body)
