"""What differs between two documents, value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Change = tuple[str, Any, Any]


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a document with its path; a list of plain rows is one value, in its order."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(_deep(row) for row in value):
        yield from _rows(value, path)
    elif isinstance(value, list):
        yield path, ", ".join(_row_words(row) for row in value)
    else:
        yield path, value


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Path, value before, value after, wherever two documents differ."""
    a, b = dict(flat(before)), dict(flat(after))
    return [(k, a.get(k), b.get(k)) for k in dict.fromkeys((*a, *b)) if _given(a.get(k)) != _given(b.get(k))]


def _rows(rows: Sequence[Any], path: str) -> Iterator[tuple[str, Any]]:
    """Rows go by their names where they have some, so that one that goes moves no other; their order is a value of its own."""
    names = [str(row.get("name") or "") if isinstance(row, Mapping) else "" for row in rows]
    if all(names) and len(set(names)) == len(names):
        yield path, ", ".join(names)
        keyed = zip(names, rows, strict=True)
    else:
        keyed = zip((str(n) for n in range(1, len(rows) + 1)), rows, strict=True)
    for key, row in keyed:
        # The key says it already.
        told = {k: v for k, v in row.items() if str(v) != key} if isinstance(row, Mapping) else row
        yield from flat(told, f"{path}.{key}")


def _deep(row: Any) -> bool:
    """Whether a row of a list holds more than plain values."""
    return isinstance(row, Mapping) and any(isinstance(v, Mapping | list) for v in row.values())


def _row_words(row: Any) -> str:
    if isinstance(row, Mapping):
        return " ".join(str(v) for v in row.values())
    return " to ".join(map(str, row)) if isinstance(row, list | tuple) else str(row)


def _given(value: Any) -> Any:
    """An empty list and one that is not there say the same."""
    return None if value == "" else value
