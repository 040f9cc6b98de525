"""Rows of a form: `add PATH`, `remove PATH.N` and `up PATH.N` change the document in hand, and nothing is saved.

`show PATH` changes no row: it offers anew what depends on what was chosen, the regions of a country.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from console.holiday_places import regions
from console.policy_shape import Rows, Shape, laid, new_row, numbered, shape_at

ACTS: tuple[str, ...] = ("add", "remove", "up", "show")
# More rows than that in one list are a mistake or mischief.
_MOST = 100


@dataclass(frozen=True, slots=True)
class Rearranged:
    """The document with its rows changed, and the id of what is to have the focus then."""

    body: dict[str, Any]
    focus: str = ""


def rearranged(kind: str, body: Mapping[str, Any], act: str) -> Rearranged | None:
    """The document after an act on its rows; None where `act` is none."""
    verb, _, path = act.partition(" ")
    if verb not in ACTS:
        return None
    made = deepcopy(dict(body))
    if verb == "show":
        return Rearranged(_of_country(made) if kind == "calendar" else made, path)
    above, _, last = path.rpartition(".")
    rows = _rows(kind, made, path if verb == "add" else above)
    if rows is None:
        return Rearranged(made)
    if verb == "add":
        focus = _added(kind, rows, path)
        return Rearranged(numbered(kind, made), focus)
    number = int(last) if last.isdecimal() else len(rows)
    if number >= len(rows):
        return Rearranged(made)
    if verb == "remove":
        del rows[number]
        return Rearranged(numbered(kind, made), f"add-{above}")
    to = max(0, number - 1)
    rows.insert(to, rows.pop(number))
    return Rearranged(numbered(kind, made), _first(kind, f"{above}.{to}", rows[to]))


def _of_country(body: dict[str, Any]) -> dict[str, Any]:
    """The regions of a country that was just chosen are offered; one of another country is let go."""
    known = dict(regions(str(body.get("country", ""))))
    return body if body.get("subdivision") in known else body | {"subdivision": ""}


def _added(kind: str, rows: list[Any], path: str) -> str:
    if len(rows) >= _MOST:
        return f"add-{path}"
    rows.append(deepcopy(new_row(kind, path, len(rows))))
    return _first(kind, f"{path}.{len(rows) - 1}", rows[-1])


def _first(kind: str, path: str, row: Any) -> str:
    """The id of the first field of a row."""
    shape: Shape | None = shape_at(kind, path)
    return next(iter(laid(shape, row, path).values), "") if shape is not None else ""


def _rows(kind: str, body: dict[str, Any], path: str) -> list[Any] | None:
    """The list at a path of the body, where the form has one."""
    if not isinstance(shape_at(kind, path), Rows):
        return None
    at: Any = body
    for key in path.split("."):
        at = at.get(key) if isinstance(at, dict) else next(iter(at[int(key) :]), None) if isinstance(at, list) else None
    return at if isinstance(at, list) else None
