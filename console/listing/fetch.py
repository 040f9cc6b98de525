"""A page of a list, by key and never by number: a row that comes in meanwhile shifts nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, literal, tuple_
from sqlalchemy import select as sql_select
from sqlmodel import Session

from console.listing.filters import contains
from console.listing.query import ListQuery, conditions, decode, encode, sort_of
from console.listing.spec import Condition, ListPage, ListSpec, Sort, kind_of
from models import search
from models.snippets import Part, snippets

PAGE = 50
# Counting stops here; more rows are told as "1000+".
MOST_COUNTED = 1000
_MOST_HITS_COUNTED = 200
# So many hits of the words are looked through for the filters before a page ends, perhaps with few rows on it.
_MOST_HITS = 4000
_HITS_AT_ONCE = 500
Row = TypeVar("Row")


def fetch(session: Session, spec: ListSpec[Row], query: ListQuery, *, size: int = PAGE, count: bool = True) -> ListPage[Row]:
    """The rows that a query asks for."""
    if query.q and spec.index:
        return _found(session, spec, query, size, count)
    return _listed(session, spec, query, size, count)


def _listed(session: Session, spec: ListSpec[Row], query: ListQuery, size: int, count: bool) -> ListPage[Row]:
    sort, wanted = sort_of(spec, query), _wanted(spec, query)
    backwards = bool(query.before)
    keys = _keys(session, spec, sort, wanted, query, size + 1)
    more, keys = len(keys) > size, keys[:size]
    if backwards:
        keys.reverse()
    rows = spec.load(session, [k[0] for k in keys])
    older = encode(keys[-1][1:]) if keys and (more or backwards) else ""
    newer = encode(keys[0][1:]) if keys and (more if backwards else query.after) else ""
    whole = not more and not query.after and not backwards
    counted = str(len(keys)) if whole else _count(session, spec, wanted) if count else ""
    return ListPage(rows, newer, older, counted, _snippets(session, spec, query, [k[0] for k in keys]))


def _wanted(spec: ListSpec[Any], query: ListQuery) -> list[Condition]:
    wanted = conditions(spec, query)
    if spec.like and query.q:
        # Each word somewhere in the row. One text of all columns is looked through once, not each of them.
        whole = functools.reduce(lambda a, b: a + " " + b, spec.like)
        wanted += [contains(whole, word) for word in query.q.split()[:12]]
    return wanted


def _keys(
    session: Session, spec: ListSpec[Any], sort: Sort, wanted: Sequence[Condition], query: ListQuery, limit: int
) -> list[tuple[Any, ...]]:
    """Keys and sort values only: an index that has them is enough, and the wide rows are read by key afterwards."""
    downwards = sort.descending != bool(query.before)
    ask = sql_select(spec.key, *sort.by).where(*wanted).limit(limit)
    if cursor := query.after or query.before:
        place = tuple_(*(literal(v, c.type) for v, c in zip(decode(cursor, sort), sort.by, strict=True)))
        ask = ask.where(tuple_(*sort.by) < place if downwards else tuple_(*sort.by) > place)
    ask = ask.order_by(*(c.desc() if downwards else c.asc() for c in sort.by))
    return [tuple(r) for r in session.connection().execute(ask)]


def _count(session: Session, spec: ListSpec[Any], wanted: Sequence[Condition]) -> str:
    some = sql_select(literal(1)).select_from(_table(spec.key)).where(*wanted).limit(MOST_COUNTED + 1).subquery()
    return _counted(int(session.connection().execute(sql_select(func.count()).select_from(some)).scalar_one()))


def _counted(number: int) -> str:
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)


def _table(key: ColumnElement[Any]) -> Any:
    return key.table


def _found(session: Session, spec: ListSpec[Row], query: ListQuery, size: int, count: bool) -> ListPage[Row]:
    """Hits of the words, the newest first, that the filters let through."""
    if not query.words:
        return ListPage([], counted="0")
    demanded = conditions(spec, query)
    counting = count and not demanded and not query.after
    at_once = _HITS_AT_ONCE if demanded else _MOST_HITS_COUNTED + 1 if counting else size + 1
    hits: list[search.Hit] = []
    position, looked = query.after, 0
    for some in _hits(session, spec, query, at_once):
        looked += len(some)
        hits += _let_through(session, spec, demanded, some)
        position = some[-1].position
        if len(hits) > size:
            break
    more = len(hits) > size
    known = len(hits) if not query.after and (counting or looked < _MOST_HITS) and not (demanded and more) else None
    hits = hits[:size]
    older = hits[-1].position if more else position if looked >= _MOST_HITS else ""
    keys = _keys_of(spec, hits)
    counted = "" if known is None else str(known) if known <= _MOST_HITS_COUNTED else f"{_MOST_HITS_COUNTED}+"
    return ListPage(spec.load(session, keys), "", older, counted, _snippets(session, spec, query, keys))


def _hits(session: Session, spec: ListSpec[Any], query: ListQuery, at_once: int) -> Iterator[list[search.Hit]]:
    before, looked = query.after, 0
    while looked < _MOST_HITS:
        some = search.hits(session, _index(spec), query.words, before=before, limit=at_once)
        if some:
            yield some
        if len(some) < at_once:
            return
        before, looked = some[-1].position, looked + len(some)


def _let_through(session: Session, spec: ListSpec[Any], demanded: list[Condition], some: list[search.Hit]) -> list[search.Hit]:
    if not demanded:
        return some
    ask = sql_select(spec.key).where(spec.key.in_(_keys_of(spec, some)), *demanded)
    passed = {str(k) for k in session.connection().execute(ask).scalars()}
    return [h for h in some if h.key in passed]


def _index(spec: ListSpec[Any]) -> search.Kind:
    assert spec.index
    return spec.index


def _keys_of(spec: ListSpec[Any], hits: Sequence[search.Hit]) -> list[Any]:
    kind = kind_of(spec.key)
    return [kind(h.key) for h in hits]


def _snippets(session: Session, spec: ListSpec[Any], query: ListQuery, keys: Sequence[Any]) -> dict[str, tuple[Part, ...]]:
    if not query.words or spec.texts is None or not keys:
        return {}
    return snippets(spec.texts(session, keys), query.words)
