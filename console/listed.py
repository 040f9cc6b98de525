"""Tickets, contacts, customers, services, our mails, what is set aside and notices, as lists; and their saved views."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.listing.contacts import CONTACTS
from console.listing.directory import CUSTOMERS, SERVICES
from console.listing.mails import OUTBOX, SET_ASIDE, notices_list
from console.listing.pages import ViewForm, add_listing, list_page
from console.listing.query import parse
from console.listing.saved import remove_view, save_view
from console.listing.spec import ListSpec
from console.listing.tickets import TICKETS
from console.site import Site
from models.errors import NotFoundError, RefusedError, UserError


def add_listed(app: FastAPI, site: Site) -> None:
    user = Depends(site.guard.may(EVERYBODY))
    shown: tuple[ListSpec[Any], ...] = (TICKETS, CONTACTS, CUSTOMERS, SERVICES, OUTBOX, notices_list(site.clock))
    for spec in shown:
        add_listing(app, site, spec)
    by_name = {s.name: s for s in (*shown, *SET_ASIDE.values())}

    @app.post("/views", response_class=HTMLResponse)
    def save(
        request: Request,
        who: SignedIn = user,
        listing: Annotated[str, Form()] = "",
        query: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        shared: Annotated[str, Form()] = "",
    ) -> Response:
        spec = by_name.get(listing)
        if spec is None:
            raise HTTPException(404, "There is no such list.")
        asked = parse(spec, dict(parse_qsl(query[:2000])))
        try:
            save_view(site.store, spec, who, name=name, asked=query[:2000], shared=bool(shared), now=site.clock())
        except UserError as e:
            return list_page(site, request, spec, who, asked, ViewForm(name[:200], bool(shared), str(e)))
        return RedirectResponse(f"{spec.path}?{asked.address()}", status_code=303)

    @app.post("/views/{view_id}/remove")
    def remove(view_id: int, who: SignedIn = user) -> Response:
        try:
            listing = remove_view(site.store, view_id, who)
        except NotFoundError as e:
            raise HTTPException(404, str(e)) from e
        except RefusedError as e:
            raise HTTPException(403, str(e)) from e
        spec = by_name.get(listing, TICKETS)
        fixed = "&".join(f"{n}={v}" for n, v in spec.fixed)
        return RedirectResponse(spec.path + (f"?{fixed}" if fixed else ""), status_code=303)
