"""Whether the database has what its schema number promises: a restore or a migration by hand may have been cut off."""

from __future__ import annotations

from sqlalchemy import inspect
from sqlmodel import SQLModel

import models.all_tables  # noqa: F401
from models.store import Store


def lacking(store: Store) -> list[str]:
    """Tables and columns of this version that the database does not have; with those of newer versions nothing is wrong."""
    look = inspect(store.engine)
    there = set(look.get_table_names())
    found: list[str] = []
    for table in SQLModel.metadata.sorted_tables:
        if table.name not in there:
            found.append(f"table {table.name}")
            continue
        columns = {c["name"] for c in look.get_columns(table.name)}
        found += [f"column {table.name}.{c.name}" for c in table.columns if c.name not in columns]
    return found
