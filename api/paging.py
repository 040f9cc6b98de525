"""Pages by key: a cursor names the last row seen, so that a list of a million rows is as quick at its end as at its start."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from api.problems import wrong_field

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=200, description="Rows on a page.")]
Cursor = Annotated[str, Query(max_length=300, description="`next` of the page before; empty for the first page.")]


class Page(BaseModel, Generic[T]):
    """A page of a list; `next` is null on the last one."""

    items: list[T]
    next: str | None = Field(description="The cursor of the next page.")


def cursor_of(*keys: Any) -> str:
    text = json.dumps([k.isoformat() if isinstance(k, datetime) else k for k in keys], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def keys_of(cursor: str, *kinds: type) -> list[Any]:
    """The keys in a cursor, each of its kind. Raises a problem for one that is not ours."""
    try:
        text = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = json.loads(text)
        if not isinstance(found, list) or len(found) != len(kinds):
            raise ValueError("another list's cursor")
        return [_key(value, kind) for value, kind in zip(found, kinds, strict=True)]
    except (ValueError, TypeError, UnicodeError, binascii.Error, RecursionError) as e:
        raise wrong_field("query.cursor", "is no cursor of this list; begin again without one") from e


def _key(value: Any, kind: type) -> Any:
    if kind is datetime:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError("no zone")
        return at
    if kind is int and (isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**62):
        raise ValueError("no number")
    if kind is str and (not isinstance(value, str) or "\0" in value):
        raise ValueError("no text")
    return value
