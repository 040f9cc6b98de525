"""How lists are asked for and answered: in one order, from where the cursor stands, one row more than is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Query
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import tuple_

from api.answers import page
from api.paging import cursor_of, keys_of

T = TypeVar("T")
# A filter of a list: one line of text.
Text = Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")]


def by_key(rows: Any, key: Any, kind: type, cursor: str, limit: int, *, newest: bool = False) -> Any:
    """In the order of one key; `newest` turns it round."""
    if cursor:
        last = keys_of(cursor, kind)[0]
        rows = rows.where(key < last if newest else key > last)
    return rows.order_by(key.desc() if newest else key).limit(limit + 1)


def by_time(rows: Any, at: Any, key: Any, kind: type, cursor: str, limit: int) -> Any:
    """The newest first; rows of the same instant by their key."""
    if cursor:
        rows = rows.where(tuple_(at, key) < tuple_(*keys_of(cursor, datetime, kind)))
    return rows.order_by(at.desc(), key.desc()).limit(limit + 1)


def page_of(found: Sequence[T], limit: int, shown: Callable[[T], BaseModel], *keys: str) -> Response:
    """What was found as a page; the cursor of the next one is made of these attributes of its last row."""
    following = cursor_of(*(getattr(found[limit - 1], k) for k in keys)) if len(found) > limit else None
    return page((shown(row) for row in found[:limit]), following)
