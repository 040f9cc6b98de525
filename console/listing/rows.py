"""Rows by their keys, in the order of the keys, and the cells that several lists have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from console.listing.filters import words
from console.listing.spec import Cell

T = TypeVar("T")


def in_order(keys: Sequence[Any], rows: Iterable[T], key: Callable[[T], Any]) -> list[T]:
    """The rows as the keys stand; one that has gone meanwhile is left out."""
    by_key = {key(r): r for r in rows}
    return [by_key[k] for k in keys if k in by_key]


def ticket_cell(ticket_id: str | None) -> Cell:
    return Cell(ticket_id, href=f"/tickets/{quote(ticket_id)}") if ticket_id else Cell()


def service_cell(service_id: str) -> Cell:
    return Cell(service_id, href=f"/services/{quote(service_id, safe='')}")


def customer_cell(customer_id: str | None, name: str) -> Cell:
    return Cell(name, href=f"/customers/{quote(customer_id, safe='')}") if customer_id else Cell(name)


def priority_cell(priority: str, *, provisional: bool = False) -> Cell:
    return Cell(priority + ("?" if provisional else ""), pill=f"p-{priority}")


def several(cells: Sequence[Cell], most: int = 3) -> Cell:
    """Some of many, and how many more there are."""
    shown = tuple(cells[:most])
    more = (Cell(f"and {len(cells) - most} more", quiet=True),) if len(cells) > most else ()
    return Cell(more=(*shown, *more))


def word_cell(value: str | None, empty: str = "") -> Cell:
    return Cell(words(value)) if value else Cell(empty, quiet=True)
