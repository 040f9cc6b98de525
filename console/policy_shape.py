"""How each document is laid out as a form: what is one value, what is a list of rows; from a body to fields and back.

A field is named by its path in the document, as the checks name it: `levels.0.persons.1.ways.0.to`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from models.calendar_file import DAYS
from models.matrix_file import default_ages
from models.words import Impact, NoticeWay, Priority, Urgency


class Leaf(Enum):
    """One input. An OPTIONAL one that is empty is left out of the document: it is as usual."""

    TEXT = "text"
    OPTIONAL = "optional"
    LINES = "lines"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Rows:
    """A list whose rows are added and removed; `new` is what an added row begins with, blank rows may be dropped.

    With `pairs` the document has a mapping, whose rows are its keys and values; it becomes one when blank rows are dropped.
    """

    of: Shape
    new: Any = ""
    drop_blank: bool = False
    pairs: bool = False


# A tuple is a list of so many values, such as opening and closing.
Shape = Leaf | Rows | Mapping[str, "Shape"] | tuple["Shape", ...]

_T, _O = Leaf.TEXT, Leaf.OPTIONAL
_BY_PRIORITY: Mapping[str, Shape] = {p.value: _O for p in Priority}
WAY = {"by": NoticeWay.MAIL.value, "to": ""}
PERSON = {"name": "", "ways": [WAY]}
LEVEL = {"title": "", "persons": [PERSON], "after": {}}
SHAPES: Mapping[str, Mapping[str, Shape]] = {
    "priority": {"cells": {i.value: {u.value: _O for u in Urgency} for i in Impact}},
    "targets": {
        **{"default": Leaf.CHECK, "customers": Leaf.LINES, "services": Leaf.LINES, "calendar": _O},
        **{"response": _BY_PRIORITY, "repair": _BY_PRIORITY},
    },
    "calendar": {
        "zone": _T,
        "hours": {d: Rows((_T, _T), ["", ""], drop_blank=True) for d in DAYS},
        **{"country": _T, "subdivision": _T},
        **{"closed": Rows(_T, drop_blank=True), "open": Rows(_T, drop_blank=True)},
    },
    "matrix": {
        **{"default": Leaf.CHECK, "customers": Leaf.LINES, "services": Leaf.LINES, "by_age": Leaf.CHECK, "calendar": _O},
        "levels": Rows(
            {
                "title": _T,
                "persons": Rows({"name": _T, "ways": Rows({"by": _T, "to": _T}, WAY)}, PERSON),
                "after": _BY_PRIORITY,
            },
            LEVEL,
        ),
    },
    "care": {
        **{"warn_at": _O, "update_every": _BY_PRIORITY, "close_after": _O, "notice_every": _BY_PRIORITY},
        **{"notice_rounds": _O, "customer_escalates_every": _O, "deferral": _O, "rfo_due": _O, "rfo_reminders": Leaf.LINES},
        **{"chronic_tickets": _O, "chronic_days": _O, "trend_tickets": _O, "trend_days": _O, "trend_factor": _O},
        **{"outage_contacts": _O, "outage_minutes": _O, "calendar": _O},
        "customer_calendars": Rows({"key": _T, "value": _T}, {"key": "", "value": "default"}, drop_blank=True, pairs=True),
    },
    "limits": {
        **{"cap_per_hour": _O, "cap_per_day": _O, "breaker_per_hour": _O, "breaker_per_domain": _O, "first_ack_hours": _O},
        **{"remind_affecting_minutes": _O, "remind_others_minutes": _O, "flood_tickets": _O, "reopen_days": _O},
    },
    "phone": {"agents": Leaf.LINES, "overflow": Leaf.LINES},
    "labels": {"keep_days": _O},
}


@dataclass
class Laid:
    """A document laid out: the value of each field, and how many rows each list has."""

    values: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def laid(shape: Shape, value: Any, path: str = "", out: Laid | None = None) -> Laid:
    """The fields of a document; what is not of its shape, as JSON text may be, has no field."""
    out = out if out is not None else Laid()
    if isinstance(shape, Leaf):
        out.values[path] = _shown(shape, value)
        return out
    if isinstance(shape, Rows):
        rows = value if isinstance(value, list | tuple) else _pairs(value) if shape.pairs else []
        out.counts[path] = len(rows)
        for n, row in enumerate(rows):
            laid(shape.of, row, f"{path}.{n}", out)
        return out
    for key, inner in _parts(shape):
        laid(inner, _item(value, key), f"{path}.{key}" if path else key, out)
    return out


def written(shape: Shape, sent: Any) -> Any:
    """The document that sent fields describe; what cannot be a number stays as it was typed, and is told as such."""
    if isinstance(shape, Leaf):
        return _read(shape, sent if isinstance(sent, str) else "")
    if isinstance(shape, Rows):
        given = sent if isinstance(sent, Mapping) else {}
        numbers = sorted((k for k in given if k.isdecimal() and len(k) < 6), key=int)
        return [written(shape.of, given[k]) for k in numbers]
    if isinstance(shape, tuple):
        return [written(inner, _item(sent, key)) for key, inner in _parts(shape)]
    pairs = ((key, inner, written(inner, _item(sent, key))) for key, inner in shape.items())
    return {key: value for key, inner, value in pairs if not (inner is Leaf.OPTIONAL and value == "")}


def nested(sent: Mapping[str, str]) -> dict[str, Any]:
    """Fields named by paths as a tree."""
    tree: dict[str, Any] = {}
    for path, value in sent.items():
        *above, last = path.split(".")
        at = tree
        for key in above:
            inner = at.get(key)
            at[key] = at = inner if isinstance(inner, dict) else {}
        at[last] = value
    return tree


def without_blanks(shape: Shape, value: Any) -> Any:
    """The body without rows that were added and left empty, and without lists that hold none, where the list lets that be."""
    if isinstance(shape, Rows):
        rows = [without_blanks(shape.of, row) for row in value]
        if shape.pairs:
            return {row["key"]: row["value"] for row in rows if row["key"]}
        return [r for r in rows if not (shape.drop_blank and _blank(r))]
    if isinstance(shape, Mapping):
        kept = {key: without_blanks(shape[key], inner) if key in shape else inner for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if not (_droppable(shape.get(key)) and not inner)}
    return value


def numbered(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with the levels of a matrix numbered as they stand."""
    if kind != "matrix" or not isinstance(levels := body.get("levels"), list):
        return dict(body)
    return {**body, "levels": [{**row, "level": n} if isinstance(row, Mapping) else row for n, row in enumerate(levels, 1)]}


def shape_at(kind: str, path: str) -> Shape | None:
    """The shape of what stands at a path, or None where nothing can."""
    shape: Shape = SHAPES[kind]
    for key in path.split("."):
        if isinstance(shape, Rows) and key.isdecimal():
            shape = shape.of
        elif isinstance(shape, Mapping) and key in shape:
            shape = shape[key]
        else:
            return None
    return shape


def new_row(kind: str, path: str, number: int) -> Any:
    """What an added row begins with; a level with the usual ages of its place."""
    shape = shape_at(kind, path)
    assert isinstance(shape, Rows)
    if (kind, path) == ("matrix", "levels"):
        return {**LEVEL, "after": {p.value: age for p, age in default_ages(number + 1).items()}}
    return shape.new


def _parts(shape: Shape) -> Iterator[tuple[str, Shape]]:
    if isinstance(shape, Mapping):
        yield from shape.items()
    elif isinstance(shape, tuple):
        yield from ((str(n), inner) for n, inner in enumerate(shape))


def _pairs(value: Any) -> list[dict[str, Any]]:
    return [{"key": k, "value": v} for k, v in value.items()] if isinstance(value, Mapping) else []


def _item(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(key)
    if isinstance(value, list | tuple) and key.isdecimal() and int(key) < len(value):
        return value[int(key)]
    return None


def _shown(leaf: Leaf, value: Any) -> str:
    if leaf is Leaf.CHECK:
        return "1" if value is True else ""
    if leaf is Leaf.LINES:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else ""
    return "" if value is None else str(value)


def _read(leaf: Leaf, text: str) -> Any:
    text = text.strip()
    if leaf is Leaf.CHECK:
        return bool(text)
    if leaf is Leaf.LINES:
        return [line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()]
    return text


def _droppable(shape: Shape | None) -> bool:
    return isinstance(shape, Rows) and shape.drop_blank


def _blank(row: Any) -> bool:
    return not any(row) if isinstance(row, list) else not row
