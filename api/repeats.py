"""Requests that may be sent again: with an Idempotency-Key the first answer is stored and given again, never done twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Header, Request
from fastapi.responses import Response
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from api.door import Api
from api.problems import Problem
from models.tables_api import IdempotentAnswer
from models.token_store import Bearer

KEPT = timedelta(hours=24)
# Whoever has not answered by then never will: the process is gone, and the request may be done.
GIVEN_UP = timedelta(seconds=60)
_HEADERS = ("location", "etag", "content-type")
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key", max_length=200, pattern=r"^[\x21-\x7e]*$",
        description="Names the request; sent again with the same body it is not done again but answered as before.",
    ),
]  # fmt: skip


async def raw_body(request: Request) -> bytes:
    """The body as it came."""
    return await request.body()


def once(api: Api, request: Request, who: Bearer, key: str, body: bytes, work: Callable[[], Response]) -> Response:
    """Does the work, or gives the stored answer. Raises a problem where the key belongs to another request or one under way."""
    if not key:
        return work()
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).hexdigest()
    now = api.clock()
    if (stored := _claim(api, who, key, digest, now)) is not None:
        return stored
    try:
        answer = work()
    except Exception:
        _forget(api, who, key)
        raise
    with api.store.write() as session:
        row = session.get(IdempotentAnswer, (who.id, key))
        if row is not None:
            row.status, row.body = answer.status_code, bytes(answer.body)
            row.headers = {n: v for n, v in answer.headers.items() if n in _HEADERS}
            session.add(row)
    return answer


def _claim(api: Api, who: Bearer, key: str, digest: str, now: datetime) -> Response | None:
    """Takes the key, or gives what it was answered."""
    try:
        with api.store.write() as session:
            session.connection().execute(delete(IdempotentAnswer).where(col(IdempotentAnswer.created_at) < now - KEPT))
            row = session.get(IdempotentAnswer, (who.id, key), with_for_update=True)
            if row is None:
                session.add(IdempotentAnswer(token_id=who.id, key=key, request=digest, created_at=now))
                return None
            if row.request != digest:
                raise Problem(422, "Idempotency-Key: this key was used for another request.",
                              errors=[("header.Idempotency-Key", "was used for another request")])  # fmt: skip
            if row.status:
                return Response(row.body, status_code=row.status, headers={**row.headers, "Idempotency-Replayed": "true"})
            if now - row.created_at < GIVEN_UP:
                raise Problem(409, "The request with this key is still being worked on.", headers={"Retry-After": "2"})
            row.created_at = now
            session.add(row)
            return None
    except IntegrityError as e:
        raise Problem(409, "The request with this key is still being worked on.", headers={"Retry-After": "2"}) from e


def _forget(api: Api, who: Bearer, key: str) -> None:
    with api.store.write() as session:
        row = session.get(IdempotentAnswer, (who.id, key))
        if row is not None and not row.status:
            session.delete(row)
