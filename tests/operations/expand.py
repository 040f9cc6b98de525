"""What of a schema a process that knows only the one before would stumble over: found by looking at both databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import inspect

from models.store import Store


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by name, and what must be unique."""

    columns: Mapping[str, Mapping[str, Any]]
    unique: frozenset[tuple[str, ...]]
    foreign: frozenset[tuple[str, ...]]
    checks: frozenset[str] = field(default=frozenset())


def schema_of(store: Store) -> dict[str, Table]:
    look = inspect(store.engine)
    found: dict[str, Table] = {}
    for name in look.get_table_names():
        unique = {tuple(u["column_names"]) for u in look.get_unique_constraints(name)}
        unique |= {tuple(str(c) for c in i["column_names"]) for i in look.get_indexes(name) if i["unique"]}
        foreign = {tuple(f["constrained_columns"]) for f in look.get_foreign_keys(name)}
        checks = {str(c["sqltext"]) for c in look.get_check_constraints(name)}
        columns = {c["name"]: c for c in look.get_columns(name)}
        found[name] = Table(columns, frozenset(unique), frozenset(foreign), frozenset(checks))
    return found


def stumbles(before: Mapping[str, Table], after: Mapping[str, Table]) -> list[str]:
    """Each thing that one who reads and writes `before` meets in `after`, in one line."""
    gone = [f"{name} is gone" for name in before if name not in after]
    return gone + [line for name in before if name in after for line in _of_table(name, before[name], after[name])]


def _of_table(name: str, old: Table, new: Table) -> Iterator[str]:
    for column, was in old.columns.items():
        now = new.columns.get(column)
        if now is None:
            yield f"{name}.{column} is gone"
        elif str(now["type"]) != str(was["type"]):
            yield f"{name}.{column} is {now['type']} instead of {was['type']}"
        elif was["nullable"] and not now["nullable"]:
            yield f"{name}.{column} must be filled"
    for column, now in new.columns.items():
        if column not in old.columns and not now["nullable"] and now.get("default") is None:
            yield f"{name}.{column} is new, must be filled, and has no default"
    known = set(old.columns)
    for what, had, has in (("unique", old.unique, new.unique), ("a reference", old.foreign, new.foreign)):
        for columns in has - had:
            if set(columns) <= known:
                yield f"{name}({', '.join(columns)}) must be {what}"
    for check in new.checks - old.checks:
        yield f"{name} is checked: {check}"
