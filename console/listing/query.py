"""What is asked of a list: read from an address, checked, and written back as one."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from console.listing.spec import Condition, ListSpec, Sort, kind_of
from models.errors import UserError
from models.search import Term, terms

_MOST_CHARS = 200
BAD_CURSOR = "This link to a page of the list is not whole. Here is its first page."


@dataclass(frozen=True)
class ListQuery:
    """Filters that hold, what could not be used and why, the words, the order and the place in it."""

    values: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    q: str = ""
    sort: str = ""
    after: str = ""
    before: str = ""
    fixed: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> tuple[Term, ...]:
        return terms(self.q)

    def address(self, *, sort: str | None = None, after: str = "", before: str = "") -> str:
        """The part of an address after the question mark; the page is the first one unless a cursor is named."""
        pairs = [*self.fixed, *(p for p in self.values.items() if p[1] and p[0] not in self.problems)]
        pairs += [("q", self.q)] if self.q else []
        chosen = self.sort if sort is None else sort
        pairs += [("sort", chosen)] if chosen else []
        pairs += [("after", after)] if after else [("before", before)] if before else []
        return urlencode(pairs)

    @property
    def narrowed(self) -> bool:
        return bool(self.q or any(self.values.values()))


def parse(spec: ListSpec[Any], given: Mapping[str, str]) -> ListQuery:
    """What an address asks; a value that cannot be used is kept, named with the reason, and does not filter."""
    values, problems = {}, {}
    for f in spec.filters:
        typed = given.get(f.name, "").strip()[:_MOST_CHARS]
        if not typed:
            continue
        values[f.name] = typed
        if problem := _problem(f, typed):
            problems[f.name] = problem
    q = " ".join(given.get("q", "").split())[:_MOST_CHARS].replace("\x00", "") if spec.searchable else ""
    sort = given.get("sort", "")
    if sort not in {s.name for s in spec.sorts[1:]}:
        sort = ""
    query = ListQuery(values, problems, q, sort, given.get("after", ""), given.get("before", ""), spec.fixed)
    if not _cursor_fits(spec, query):
        query = replace(query, after="", before="", problems={**problems, "page": BAD_CURSOR})
    return query


def conditions(spec: ListSpec[Any], query: ListQuery) -> list[Condition]:
    """What the filters that hold demand of a row."""
    by_name = {f.name: f for f in spec.filters}
    return [*spec.base, *(by_name[n].where(v) for n, v in query.values.items() if n not in query.problems)]


def sort_of(spec: ListSpec[Any], query: ListQuery) -> Sort:
    return next((s for s in spec.sorts if s.name == query.sort), spec.sorts[0])


def encode(values: tuple[Any, ...]) -> str:
    """A cursor: the sort values of a row."""
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode(cursor: str, sort: Sort) -> tuple[Any, ...]:
    """The sort values behind a cursor. Raises ValueError when they are none of this order."""
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, UnicodeError) as e:
        raise ValueError(BAD_CURSOR) from e
    if not isinstance(plain, list) or len(plain) != len(sort.by):
        raise ValueError(BAD_CURSOR)
    return tuple(_typed(v, kind_of(c)) for v, c in zip(plain, sort.by, strict=True))


def _typed(value: Any, kind: type) -> Any:
    if kind is datetime and isinstance(value, str):
        value = datetime.fromisoformat(value)
        usable = value.tzinfo is not None
    elif kind is int:
        usable = isinstance(value, int) and abs(value) < 2**31
    else:
        usable = isinstance(value, str) and "\x00" not in value
    if not usable:
        raise ValueError(BAD_CURSOR)
    return value


def _cursor_fits(spec: ListSpec[Any], query: ListQuery) -> bool:
    cursor = query.after or query.before
    if not cursor:
        return True
    try:
        if query.words and spec.index:
            _position(cursor)
        else:
            decode(cursor, sort_of(spec, query))
    except ValueError:
        return False
    return True


def _position(cursor: str) -> None:
    """Whether this can be a position among the hits of a search: a number, or an instant and a ticket."""
    at, bar, _ = cursor.partition("|")
    if bar:
        if datetime.fromisoformat(at).tzinfo is None:
            raise ValueError(BAD_CURSOR)
    elif not (at.isascii() and at.isdigit() and len(at) < 16):
        raise ValueError(BAD_CURSOR)


def _problem(f: Any, typed: str) -> str:
    if "\x00" in typed:
        return "Contains a character that cannot be looked for."
    try:
        f.where(typed)
    except UserError as e:
        return str(e)
    return ""
