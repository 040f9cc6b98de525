"""The OpenAPI document of the other carriers' door: what goes out, and how errors look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response

from api.problems import TITLES
from api.tmf_shapes import BASE, SELLER_PRIORITY, SELLER_SEVERITY, STATUS
from models.access import public

_ABOUT = (
    "TM Forum's TMF621 v5 with the fields of MEF 113, as far as tickets of faults need it. Send Authorization: Bearer <token>. "
    "What we leave out was told by nobody. Times are ISO 8601 in UTC."
)
_TEXT: Mapping[str, Any] = {"type": "string"}
_AT: Mapping[str, Any] = {"type": "string", "format": "date-time"}


def _shape(title: str, required: tuple[str, ...], /, **properties: Any) -> dict[str, Any]:
    return {"title": title, "type": "object", "required": list(required), "properties": {"@type": _TEXT, **properties}}


def _one_of(values: Any) -> dict[str, Any]:
    return {"type": "string", "enum": list(dict.fromkeys(values))}


def _many(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(item)}


_REF = _shape("EntityRef", ("id",), id=_TEXT)
_STATUS = _one_of(STATUS.values())
_SHAPES: Mapping[str, dict[str, Any]] = {
    "TroubleTicket": _shape(
        "TroubleTicket", ("id", "href", "@type"), id=_TEXT, href=_TEXT, name=_TEXT, description=_TEXT, severity=_TEXT,
        ticketType=_TEXT, priority=_TEXT, observedImpact=_one_of(("down", "degraded", "intermittent")), issueStartDate=_AT,
        sellerPriority=_one_of(SELLER_PRIORITY.values()), sellerSeverity=_one_of(SELLER_SEVERITY.values()), status=_STATUS,
        statusChangeDate=_AT, creationDate=_AT, lastUpdate=_AT, requestedResolutionDate=_AT, expectedResolutionDate=_AT,
        resolutionDate=_AT,
        statusChangeHistory=_many(_shape("StatusChange", ("status",), status=_STATUS, statusChangeDate=_AT)),
        relatedEntity=_many(_shape("RelatedEntity", ("role",), role=_TEXT, entity=_REF)),
        note=_many(_shape("Note", ("text",), id=_TEXT, date=_AT, author=_TEXT, text=_TEXT)),
        externalIdentifier=_many(_shape("ExternalIdentifier", ("id",), id=_TEXT, externalIdentifierType=_TEXT)),
        troubleTicketRelationship=_many(_shape("TroubleTicketRelationship", ("id",), id=_TEXT, relationshipType=_TEXT)),
    ),
    "Hub": _shape("Hub", ("id", "href", "callback", "@type"), id=_TEXT, href=_TEXT, callback=_TEXT, query=_TEXT),
    "Error": _shape("Error", ("code", "reason", "@type"), code=_TEXT, reason=_TEXT, message=_TEXT, status=_TEXT),
}  # fmt: skip


def told(good: int, shape: str = "", *codes: int, many: bool = False) -> dict[int | str, dict[str, Any]]:
    """The answers of a route for the document: the good one with its shape, and each error that it can give."""
    ref = {"$ref": f"#/components/schemas/{shape}"}
    found: dict[int | str, dict[str, Any]] = {good: {"description": "Done"}}
    if shape:
        found[good]["content"] = {"application/json": {"schema": _many(ref) if many else ref}}
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for code in sorted({400, 401, 403, 422, 429, *codes}):
        found[code] = {"description": TITLES[code], "content": error}
    return found


def add_document(app: FastAPI) -> None:
    """Serves it beside the routes that it describes; to be called after them."""
    document = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes, servers=[{"url": BASE}])
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(_SHAPES)

    @app.get("/openapi.json", include_in_schema=False)
    @public("what the API can do is no secret")
    def openapi() -> Response:
        return JSONResponse(document)
