"""How answers are written: JSON of the shapes, ETags, and the checks of If-Match."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import Header
from fastapi.responses import Response
from pydantic import BaseModel

from api.problems import Problem

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag of what you have read; another one means that it was changed since."),
]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", description="An ETag: 304 where nothing has changed.")]


def answer(body: BaseModel, status: int = 200, *, etag: str = "", location: str = "") -> Response:
    headers = {n: v for n, v in (("ETag", etag), ("Location", location)) if v}
    return Response(body.model_dump_json(), status_code=status, media_type="application/json", headers=headers)


def page(items: Iterable[BaseModel], following: str | None) -> Response:
    rows = ",".join(i.model_dump_json() for i in items)
    after = f'"{following}"' if following else "null"
    return Response(f'{{"items":[{rows}],"next":{after}}}', media_type="application/json")


def etag_of(version: int) -> str:
    return f'"{version}"'


def not_modified(sent: str | None, etag: str) -> Response | None:
    if sent and (sent.strip() == "*" or etag in {t.strip().removeprefix("W/") for t in sent.split(",")}):
        return Response(status_code=304, headers={"ETag": etag})
    return None


def must_match(sent: str | None, etag: str) -> None:
    """Raises 428 where no ETag was sent, 412 where it is another one."""
    if not sent:
        raise Problem(
            428, "Send If-Match with the ETag of what you have read, so that nobody's change is lost.",
            errors=[("header.If-Match", "is missing")],
        )  # fmt: skip
    if sent.strip() != "*" and etag not in {t.strip() for t in sent.split(",")}:
        raise Problem(412, "It was changed since you have read it; read it again.", headers={"ETag": etag})
