"""Errors as application/problem+json (RFC 9457), each field that is wrong by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from models.errors import IntakeError, NotFoundError, RefusedError, StaleError, UserError
from tickets.api_reports import KnownExternalId

log = structlog.get_logger("api")
MEDIA = "application/problem+json"
TITLES = {
    400: "The request cannot be read", 401: "Not signed in", 403: "Not allowed", 404: "Not found", 405: "Method not allowed",
    409: "In conflict", 412: "Changed meanwhile", 413: "Too large", 415: "Unsupported media type", 422: "Fields are wrong",
    428: "Precondition required", 429: "Too many requests", 500: "Our own trouble", 503: "Not possible now",
}  # fmt: skip


class FieldError(BaseModel):
    """One field that is wrong."""

    field: str = Field(description="Where: `body.impact`, `query.limit`, `header.If-Match`")
    detail: str


class ProblemOut(BaseModel):
    """RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: list[FieldError] = Field(default_factory=list)


class Problem(Exception):
    """What the caller is told instead of an answer."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[tuple[str, str]] = (),
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.more = status, detail, dict(headers or {}), more
        self.errors = [{"field": f, "detail": d} for f, d in errors]

    def answer_title(self) -> str:
        return TITLES.get(self.status, "Error")

    def answer(self) -> Response:
        body = {
            "type": "about:blank", "title": self.answer_title(), "status": self.status, "detail": self.detail,
            "errors": self.errors, **self.more,
        }  # fmt: skip
        return JSONResponse(body, status_code=self.status, media_type=MEDIA, headers=self.headers)


def wrong_field(field: str, detail: str) -> Problem:
    return Problem(422, f"{field}: {detail}", errors=[(field, detail)])


def problem_of(error: IntakeError) -> Problem:
    """What one of our own errors is to a caller."""
    match error:
        case KnownExternalId():
            return Problem(409, str(error), ticket=error.ticket)
        case NotFoundError():
            return Problem(404, str(error))
        case StaleError():
            return Problem(412, str(error))
        case RefusedError():
            return Problem(409, str(error))
        case UserError():
            return Problem(422, str(error))
    return Problem(503, "This is our own trouble; try again.", headers={"Retry-After": "5"})


def add_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    def problem(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return error.answer()

    @app.exception_handler(IntakeError)
    def ours(_request: Request, error: Exception) -> Response:
        assert isinstance(error, IntakeError)
        return problem_of(error).answer()

    @app.exception_handler(RequestValidationError)
    def wrong(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        found = [(".".join(str(p) for p in e["loc"]), str(e["msg"]).removeprefix("Value error, ")) for e in error.errors()]
        unreadable = any(e["type"] == "json_invalid" for e in error.errors())
        detail = "; ".join(f"{f}: {d}" for f, d in found[:5])
        return Problem(400 if unreadable else 422, detail, errors=found[:50]).answer()

    @app.exception_handler(HTTPException)
    def http(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return Problem(error.status_code, str(error.detail), headers=error.headers).answer()

    @app.exception_handler(Exception)
    def fault(request: Request, error: Exception) -> Response:
        log.error("api_failed", path=request.url.path, exc_info=error)
        return Problem(500, "This is our own trouble; it is in our log.").answer()


def documented(*codes: int, joined: type[BaseModel] | None = None) -> dict[int | str, dict[str, Any]]:
    """The answers of a route besides the good one, for the OpenAPI document; `joined` is that of a 200 beside a 201."""
    found: dict[int | str, dict[str, Any]] = {304: {"description": "Nothing has changed"}} if 304 in codes else {}
    if joined:
        found[200] = {"model": joined, "description": "Joined to what was there before"}
    for code in sorted({401, 403, 429, 422, *codes} - {304}):
        found[code] = {"description": TITLES[code], "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}}
    return found
