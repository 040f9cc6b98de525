"""Filters as most lists need them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, cast, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from console.listing.spec import Condition, Filter, FilterKind
from models.errors import UserError

NOTHING_IN_IT = "[]"


class _Holds(FunctionElement[bool]):
    """Whether a text stands in a column, in any case; no pattern, so that nothing has to be escaped."""

    type = Boolean()
    inherit_cache = True


@compiles(_Holds)
def _holds(element: _Holds, compiler: SQLCompiler, **more: Any) -> str:
    column, typed = (compiler.process(c, **more) for c in element.clauses)
    if compiler.dialect.name != "sqlite":
        return f"strpos(lower({column}), lower({typed})) > 0"
    # LIKE makes no copy of each text in small letters, which takes three times as long as comparing.
    for sign in "\\%_":
        typed = f"replace({typed}, '{sign}', '\\{sign}')"
    return f"{column} LIKE '%' || {typed} || '%' ESCAPE '\\'"


def choice(name: str, label: str, options: Iterable[tuple[str, str]], where: Callable[[str], Condition]) -> Filter:
    """One of some values; another one is refused by name."""
    known = tuple(options)

    def checked(value: str) -> Condition:
        if value not in {v for v, _ in known}:
            raise UserError(f"{value!r} is none of the choices.")
        return where(value)

    return Filter(name, label, FilterKind.CHOICE, checked, known)


def one_of(name: str, label: str, column: ColumnElement[Any], values: Iterable[str]) -> Filter:
    """The values of an enumeration, each by its word."""
    return choice(name, label, ((v, words(v)) for v in values), lambda v: column == v)


def yes_no(name: str, label: str, yes: Condition, no: Condition) -> Filter:
    return choice(name, label, (("yes", "yes"), ("no", "no")), lambda v: yes if v == "yes" else no)


def exactly(name: str, label: str, where: Callable[[str], Condition], hint: str = "") -> Filter:
    return Filter(name, label, FilterKind.TEXT, where, hint=hint)


def days(column: ColumnElement[Any], label: str) -> tuple[Filter, Filter]:
    """From and until a UTC day, both included."""
    return (
        Filter("from", f"{label} from", FilterKind.DAY, lambda v: column >= _day(v)),
        Filter("to", f"{label} until", FilterKind.DAY, lambda v: column < _day(v) + timedelta(days=1)),
    )


def as_text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """A JSON list as it is written."""
    return cast(column, String)


def contains(column: ColumnElement[Any], typed: str) -> Condition:
    """Whether the text stands in the column, in any case; nothing of it is a pattern."""
    return _Holds(column, literal(typed))


def words(value: str) -> str:
    return value.replace("_", " ").replace("-", " ")


def _day(typed: str) -> datetime:
    try:
        day = date.fromisoformat(typed)
        if not 1970 <= day.year < 3000:
            raise ValueError
    except ValueError as e:
        raise UserError(f"{typed!r} is no day; write it as 2026-05-04.") from e
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
