"""A list as a page and as a file; routes for each description of a list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.listing.csv_out import csv_lines
from console.listing.fetch import fetch
from console.listing.query import BAD_CURSOR, ListQuery, parse
from console.listing.saved import SHARERS, may_remove, views_of
from console.listing.spec import ListPage, ListSpec
from console.site import Site
from models.tables_users import Audit
from models.time_limit import TooLong, limited

# A page that asks longer than this asks too much; it says so and stays quick for the others.
LIMIT_S = 4.0
_TOO_LONG = "These filters look at too much at once. Add a filter that fits less, such as a state or days, and try again."


@dataclass(frozen=True, slots=True)
class ViewForm:
    """What was typed where a view is saved, and what is wrong with it."""

    name: str = ""
    shared: bool = False
    wrong: str = ""


def add_listing(app: FastAPI, site: Site, spec: ListSpec[Any]) -> None:
    """The routes of a list: its page and its file."""
    user = Depends(site.guard.may(EVERYBODY))

    @app.get(spec.path, response_class=HTMLResponse, name=f"{spec.name}_list")
    def page(request: Request, who: SignedIn = user) -> Response:
        return list_page(site, request, spec, who, parse(spec, request.query_params))

    @app.get(f"{spec.path}.csv", name=f"{spec.name}_csv")
    def as_file(request: Request, who: SignedIn = user) -> Response:
        return list_file(site, spec, who, parse(spec, request.query_params))


def list_page(
    site: Site, request: Request, spec: ListSpec[Any], who: SignedIn, query: ListQuery, form: ViewForm | None = None
) -> Response:
    """The page of a list; with a form that was refused it answers 400 and keeps what was typed."""
    with site.store.read() as session:
        views = views_of(session, spec, who)
    page, query, status = _asked(site, spec, query)
    here = query.address()
    context = {
        "who": who, "spec": spec, "query": query, "page": page, "views": views, "here": here,
        "removable": {v.id for v in views if may_remove(v, who)}, "may_share": who.role in SHARERS,
        "form": form or ViewForm(), "sort": query.sort or spec.sorts[0].name,
        "active": sum(1 for n in query.values if n not in query.problems),
    }  # fmt: skip
    return site.pages.TemplateResponse(request, "list.html", context, status_code=400 if form else status)


def list_file(site: Site, spec: ListSpec[Any], who: SignedIn, query: ListQuery) -> Response:
    """The rows of all pages as CSV; who took which rows is kept in the audit log."""
    with site.store.write() as session:
        session.add(
            Audit(at=site.clock(), actor=who.name, action="exported", detail={"list": spec.name, "query": query.address()})
        )
    name = f'attachment; filename="{spec.name}.csv"'
    return StreamingResponse(
        csv_lines(site.store, spec, query), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name}
    )


def _asked(site: Site, spec: ListSpec[Any], query: ListQuery) -> tuple[ListPage[Any], ListQuery, int]:
    try:
        with site.store.read() as session, limited(session, LIMIT_S):
            return fetch(session, spec, query), query, 200
    except TooLong:
        return ListPage([]), replace(query, problems={**query.problems, "page": _TOO_LONG}), 503
    except ValueError:  # a cursor of the other database, or of another list
        return ListPage([]), replace(query, after="", before="", problems={**query.problems, "page": BAD_CURSOR}), 400
