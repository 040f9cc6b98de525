"""What differs between two documents, value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Change = tuple[str, Any, Any]


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its path; rows of a list go by their name or level, so that one that goes moves no other."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
        for key, row in zip(_keys(value), value, strict=True):
            yield from flat({k: v for k, v in row.items() if k != "level"}, f"{path}.{key}")
    elif isinstance(value, list):
        yield path, ", ".join(" to ".join(map(str, row)) if isinstance(row, list | tuple) else str(row) for row in value)
    else:
        yield path, value


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Path, value before, value after, wherever two documents differ."""
    a, b = dict(flat(before)), dict(flat(after))
    return [(k, a.get(k), b.get(k)) for k in dict.fromkeys((*a, *b)) if _given(a.get(k)) != _given(b.get(k))]


def _given(value: Any) -> Any:
    """An empty list and one that is not there say the same."""
    return None if value == "" else value


def _keys(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A key for each row; where two would have the same, all go by their numbers."""
    keys = [str(row.get("level") or row.get("name") or row.get("to") or "") for row in rows]
    if all(keys) and len(set(keys)) == len(keys):
        return keys
    return [str(n) for n in range(1, len(rows) + 1)]
