"""The REST API as one application of its own, mounted under /api; its document is OpenAPI 3.1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.door import Api, Door, RateHeaders
from api.problems import ProblemOut, add_problems
from api.records import add_contacts, add_escalations, add_rfos, add_services
from api.reference import reference, shapes
from api.rules import add_readings, add_rule_sets
from api.shapes import ReadingIn
from api.tickets import add_tickets
from models.access import public

MAX_BODY = 26_000_000
_TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "api"
_ABOUT = (
    "Tickets, contacts, services, RFOs, escalations, rule sets and readings. Send Authorization: Bearer <token>. Errors are "
    "application/problem+json (RFC 9457). Lists go by cursor. A POST with an Idempotency-Key can be sent again. A PATCH "
    "names the ETag it has read in If-Match. Times are ISO 8601; what we give is UTC."
)


def build_api(api: Api) -> FastAPI:
    """The application to be mounted under /api."""
    app = FastAPI(title=f"{api.provider} intake", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(RateHeaders)
    add_problems(app)
    door = Door(api)
    for add in (add_tickets, add_contacts, add_services, add_rfos, add_escalations, add_rule_sets, add_readings):
        add(app, api, door)
    _document(app, api)
    return app


def _document(app: FastAPI, api: Api) -> None:
    pages = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)

    def document() -> dict[str, Any]:
        if not app.openapi_schema:
            made = get_openapi(
                title=app.title, version=app.version, description=_ABOUT, routes=app.routes, servers=[{"url": "/api"}]
            )
            schemas = made["components"]["schemas"]
            for shape in (ProblemOut, ReadingIn):
                found = shape.model_json_schema(ref_template="#/components/schemas/{model}")
                schemas.update(found.pop("$defs", {}))
                schemas[shape.__name__] = found
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]

    @app.get("/openapi.json", include_in_schema=False)
    @public("what the API can do is no secret")
    def openapi() -> Response:
        return JSONResponse(document())

    @app.get("/docs", response_class=HTMLResponse, include_in_schema=False)
    @public("what the API can do is no secret")
    def docs(request: Request) -> Response:
        found = document()
        context = {"provider": api.provider, "about": _ABOUT, "groups": reference(found), "shapes": shapes(found)}
        return HTMLResponse(pages.get_template("docs.html").render(context))
