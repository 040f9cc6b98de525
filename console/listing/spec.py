"""What a list is made of: columns, filters, orders, and where its rows come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Integer
from sqlmodel import Session, col

from models.clock import iso
from models.columns import UtcDateTime
from models.search import Kind
from models.snippets import Part

Row = TypeVar("Row")
Condition = ColumnElement[bool]


def column(attribute: Any) -> ColumnElement[Any]:
    """A table's column, typed as the expression that it is."""
    return cast(ColumnElement[Any], col(attribute))


def kind_of(expression: ColumnElement[Any]) -> type:
    """What its values are in Python: an int, a datetime or a str."""
    kind = expression.type
    if isinstance(kind, UtcDateTime):
        return datetime
    return int if isinstance(kind, Integer) else str


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one field of a list: a text or an instant, perhaps a link or a pill, perhaps more beside it."""

    text: str = ""
    href: str = ""
    pill: str = ""
    at: datetime | None = None
    quiet: bool = False
    more: tuple[Cell, ...] = ()

    def plain(self) -> str:
        """As it stands in a CSV file."""
        own = iso(self.at) if self.at else self.text
        return " ".join(p for p in (own, *(c.plain() for c in self.more)) if p)


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """`snippet` marks the column under which the words that were found are shown; the words of a `whole` one are not cut."""

    title: str
    cell: Callable[[Row], Cell]
    snippet: bool = False
    whole: bool = False


class FilterKind(StrEnum):
    CHOICE = "choice"
    TEXT = "text"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Filter:
    """`where` turns what was typed into a condition and raises UserError when it cannot."""

    name: str
    label: str
    kind: FilterKind
    where: Callable[[str], Condition]
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""

    def said(self, value: str) -> str:
        """The value as its choice is worded."""
        return dict(self.options).get(value, value)


@dataclass(frozen=True, slots=True)
class Sort:
    """An order by these columns, all in one direction; the last one is unique."""

    name: str
    label: str
    by: tuple[ColumnElement[Any], ...]
    descending: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """Filters and order under a name; `query` is the part of the address after the question mark."""

    name: str
    query: str
    id: int = 0
    own: bool = False
    shared: bool = True


@dataclass(frozen=True, slots=True)
class ListSpec(Generic[Row]):
    """One list. `load` gives the rows of these keys in their order; `texts` what snippets are cut from.

    `index` is searched by words; where there is none, `like` are the columns in which typed text is looked for.
    `fixed` are values that are part of the address and of no filter.
    """

    name: str
    title: str
    path: str
    key: ColumnElement[Any]
    load: Callable[[Session, Sequence[Any]], list[Row]]
    key_of: Callable[[Row], str]
    columns: tuple[Column[Row], ...]
    sorts: tuple[Sort, ...]
    filters: tuple[Filter, ...] = ()
    views: tuple[View, ...] = ()
    base: tuple[Condition, ...] = ()
    index: Kind | None = None
    like: tuple[ColumnElement[Any], ...] = ()
    texts: Callable[[Session, Sequence[Any]], list[tuple[str, str]]] | None = None
    search_hint: str = ""
    empty: str = "Nothing is here yet."
    fixed: tuple[tuple[str, str], ...] = ()
    note: str = ""

    @property
    def searchable(self) -> bool:
        return self.index is not None or bool(self.like)


@dataclass(frozen=True, slots=True)
class ListPage(Generic[Row]):
    """Some rows, the cursors of the pages beside them, and how many rows there are, as far as that was counted."""

    rows: list[Row]
    newer: str = ""
    older: str = ""
    counted: str = ""
    snippets: dict[str, tuple[Part, ...]] = field(default_factory=dict)
