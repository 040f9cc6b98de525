"""What agents decide about mail: accept, split off, merge, a proposed parent, a dead address."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from console.auth import SignedIn
from console.site import Site
from models.errors import NotFoundError, UserError
from models.tables import Ticket
from models.words import Role
from tickets.undeliverable import free_address
from tickets.undo import accept_contact, decide_parent, merge_tickets, split_contact

DESK: frozenset[Role] = frozenset({Role.AGENT, Role.LEAD, Role.ADMIN})


def add_manners(app: FastAPI, site: Site) -> None:
    desk = Depends(site.guard.may(DESK))

    def act(request: Request, who: SignedIn, csrf: str, work: Callable[[], str]) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        try:
            return RedirectResponse(work(), status_code=303)
        except NotFoundError as e:
            raise HTTPException(404, str(e)) from e
        except UserError as e:
            raise HTTPException(409, str(e)) from e

    @app.post("/contacts/{contact_id}/accept")
    def accept(request: Request, contact_id: int, who: SignedIn = desk, csrf: str = Form("")) -> Response:
        def work() -> str:
            accept_contact(site.store, contact_id, actor=who.name, now=site.clock())
            return f"/contacts/{contact_id}"

        return act(request, who, csrf, work)

    @app.post("/contacts/{contact_id}/split")
    def split(request: Request, contact_id: int, who: SignedIn = desk, csrf: str = Form("")) -> Response:
        return act(
            request, who, csrf, lambda: "/tickets/" + split_contact(site.store, contact_id, actor=who.name, now=site.clock())
        )

    @app.post("/tickets/{ticket_id}/merge-into")
    def merge(request: Request, ticket_id: str, who: SignedIn = desk, csrf: str = Form(""), target: str = Form("")) -> Response:
        into = target.strip().upper()

        def work() -> str:
            merge_tickets(site.store, ticket_id, into, actor=who.name, now=site.clock())
            return f"/tickets/{into}"

        return act(request, who, csrf, work)

    @app.post("/tickets/{ticket_id}/parent")
    def parent(request: Request, ticket_id: str, who: SignedIn = desk, csrf: str = Form(""), same: str = Form("")) -> Response:
        def work() -> str:
            decide_parent(site.store, ticket_id, same_cause=same == "yes", actor=who.name, now=site.clock())
            return f"/tickets/{ticket_id}"

        return act(request, who, csrf, work)

    @app.post("/tickets/{ticket_id}/free-address")
    def free(request: Request, ticket_id: str, who: SignedIn = desk, csrf: str = Form("")) -> Response:
        def work() -> str:
            with site.store.read() as session:
                ticket = session.get(Ticket, ticket_id)
            if ticket is None:
                raise NotFoundError(f"there is no ticket {ticket_id}")
            free_address(site.store, ticket.requester, actor=who.name, now=site.clock())
            return f"/tickets/{ticket_id}"

        return act(request, who, csrf, work)
