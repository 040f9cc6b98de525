"""Moves a whole installation from one database into another: every table, checked by counts and hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, String, Table, func, select, text
from sqlmodel import SQLModel

import models.all_tables  # noqa: F401
from models.errors import UserError
from models.store import Store, ensure_schema, schema_state

_ROWS = 500
Progress = Callable[[str, int, int], None]


def tables() -> list[Table]:
    """All tables, those that others point to first."""
    return list(SQLModel.metadata.sorted_tables)


def copy_all(source: Store, target: Store, progress: Progress = lambda _table, _done, _all: None) -> dict[str, tuple[int, str]]:
    """Copies everything into an empty target in one transaction; gives rows and hash of each table.

    Raises UserError where the target is not empty, the source has another schema, or what arrived differs; the target
    is as empty as before then. Nothing may write to the source meanwhile.
    """
    if schema_state(source) != "current":
        raise UserError(f"{_name(source)} has not the schema of this version: run `intake migrate` on it first")
    ensure_schema(target)
    with source.engine.connect() as reading, target.engine.begin() as writing:
        _must_be_empty(writing, target)
        found = {}
        for table in tables():
            writing.execute(table.delete())
            count = reading.execute(select(func.count()).select_from(table)).scalar_one()
            done, digest = 0, hashlib.sha256()
            progress(table.name, 0, count)
            for rows in _batches(reading, table):
                writing.execute(table.insert(), rows)
                for row in rows:
                    _add(digest, row)
                done += len(rows)
                progress(table.name, done, count)
            found[table.name] = (done, digest.hexdigest())
            if (arrived := fingerprint(writing, table)) != found[table.name]:
                raise UserError(f"table {table.name}: {arrived[0]} of {done} rows arrived, or with other content")
        _set_sequences(writing)
    return found


def fingerprint(connection: Connection, table: Table) -> tuple[int, str]:
    """How many rows a table has, and a hash of their content that is the same on every database."""
    count, digest = 0, hashlib.sha256()
    for rows in _batches(connection, table):
        for row in rows:
            _add(digest, row)
        count += len(rows)
    return count, digest.hexdigest()


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """In the order of the keys, words by their bytes: so does SQLite, and PostgreSQL when it is told to."""
    postgres = connection.dialect.name == "postgresql"
    ordered = [c.collate("C") if postgres and isinstance(c.type, String) else c for c in table.primary_key.columns]
    found = connection.execute(select(table).order_by(*ordered), execution_options={"yield_per": _ROWS})
    for part in found.mappings().partitions(_ROWS):
        yield [dict(row) for row in part]


def _add(digest: Any, row: Mapping[str, Any]) -> None:
    plain = {k: _plain(v) for k, v in row.items()}
    digest.update(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _must_be_empty(connection: Connection, target: Store) -> None:
    for name in ("contact", "ticket", "customer", "user_account", "outbox"):
        table = SQLModel.metadata.tables[name]
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise UserError(f"{_name(target)} is not empty: table {name} has rows; nothing was changed")


def _set_sequences(connection: Connection) -> None:
    """PostgreSQL counts its keys apart from the rows, and would begin at 1 again."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables():
        for column in table.primary_key.columns:
            sequence = connection.execute(
                text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": f'"{table.name}"', "c": column.name}
            ).scalar()
            if sequence:
                last = connection.execute(select(func.max(column))).scalar() or 0
                connection.execute(text("SELECT setval(:s, :v, :used)"), {"s": sequence, "v": max(last, 1), "used": last > 0})


def _name(store: Store) -> str:
    return str(store.engine.url.render_as_string(hide_password=True))
