"""A database as after two years: tickets, three contacts each, readings, mails and a directory, in bulk.

Rows go in without the lists' indexes, which are made afterwards as a restore does; the triggers that keep the words of search
stay on, because they are what is measured later.
"""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert
from sqlmodel import SQLModel

from benchmarks.console_rows import Maker, Row
from models.store import Store
from models.tables import CustomerRecord, Meta, ServiceRecord

_CHUNK = 10_000
# In the order in which rows may refer to others.
_INDEXED = ("ticket", "ticket_service", "contact", "reading", "outbox", "event")
_BASE = 25_000
_HASH_BYTES = 64 * 1024 * 1024


def fill(store: Store, tickets: int, *, seed: int = 7) -> None:
    """Makes so many tickets, three times as many contacts, and what belongs to them.

    The newest part is made row by row; the database itself copies it back in time, each copy with numbers of its own.
    """
    base = min(tickets, _BASE)
    copies = max(0, tickets // base - 1)
    make = Maker(base * (copies + 1), base, seed)
    begin = time.perf_counter()
    with store.write() as session:
        session.connection().execute(insert(CustomerRecord), list(make.customers()))
        session.connection().execute(insert(ServiceRecord), list(make.services()))
        session.add(Meta(name="directory_version", value="bench"))
    with store.engine.connect() as connection:
        if store.is_sqlite:
            _hurry(connection)
        indexes = _drop_indexes(connection, store.is_sqlite)
        for table in _INDEXED:
            of = f"AS SELECT * FROM {table} WHERE 1 = 0" if store.is_sqlite else f"(LIKE {table})"
            connection.exec_driver_sql(f"CREATE TEMPORARY TABLE base_{table} {of}")
        connection.exec_driver_sql("CREATE INDEX base_ticket_id ON base_ticket (id)")
        first = make.tickets - base
        for start in range(first, make.tickets, _CHUNK):
            for table, rows in make.chunk(range(start, min(start + _CHUNK, make.tickets))):
                _bulk(connection, store.is_sqlite, f"base_{table.__tablename__}", rows)
        for n in range(copies, -1, -1):
            for table in _INDEXED:
                _copy(connection, store.is_sqlite, table, n, base, make.span * n)
            connection.commit()
            print(f"  {base * (copies - n + 1):,} tickets after {time.perf_counter() - begin:.0f} s", flush=True)
        for statement in indexes:
            connection.exec_driver_sql(statement)
        for table, rows in make.rest():
            _bulk(connection, store.is_sqlite, table.__tablename__, rows)
        if store.is_sqlite:
            for table in ("contact_search", "ticket_search"):
                connection.exec_driver_sql(f"INSERT INTO {table}({table}, rank) VALUES ('hashsize', 1048576)")
        else:
            for table in ("contact", "outbox"):
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                )
        connection.commit()
    if not store.is_sqlite:  # what autovacuum has done in a running house; nothing gathers statistics for SQLite
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    print(f"  filled in {time.perf_counter() - begin:.0f} s", flush=True)


def _hurry(connection: Connection) -> None:
    """Nothing is lost when the machine stops here: a bigger cache, no syncing, and word lists written in big pieces."""
    driver: Any = connection.connection.driver_connection
    for statement in ("PRAGMA synchronous = OFF", "PRAGMA cache_size = -600000", "PRAGMA temp_store = MEMORY"):
        driver.execute(statement)
    for table in ("contact_search", "ticket_search"):
        driver.execute(f"INSERT INTO {table}({table}, rank) VALUES ('hashsize', {_HASH_BYTES})")


def _copy(connection: Connection, lite: bool, table: str, n: int, base: int, back: timedelta) -> None:
    """The base rows once more, `n` parts of the time earlier and with lower numbers; what is older than the base has ended."""
    seconds, tickets, contacts = int(back.total_seconds()), n * base, 3 * n * base

    def past(column: str) -> str:
        if lite:
            return f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-{seconds} seconds') || '000'"
        return f"{column} - interval '{seconds} seconds'"

    year = f"substr(strftime('%Y', {past('{at}')}), 1, 4)" if lite else f"to_char({past('{at}')}, 'YYYY')"
    digits = f"substr('0000000' || (CAST(substr({{id}}, 10) AS INTEGER) - {tickets}), -7)"
    digits = digits if lite else f"lpad((CAST(substr({{id}}, 10) AS INTEGER) - {tickets})::text, 7, '0')"
    ticket = "'INC-' || substr({id}, 5, 4) || '-' || " + digits if not n else f"'INC-' || {year} || '-' || {digits}"
    opened = "(SELECT opened_at FROM base_ticket b WHERE b.id = s.ticket_id)"
    theirs = ticket.replace("{at}", opened).replace("{id}", "s.ticket_id")
    ended = {"state": "'closed'", "review": "0" if lite else "false", "resolved_at": past("last_contact_at")} if n else {}
    changes: dict[str, dict[str, str]] = {
        "ticket": {"id": ticket.replace("{at}", "s.opened_at").replace("{id}", "s.id"), "opened_at": past("opened_at"),
                   "last_contact_at": past("last_contact_at"), "responded_at": past("responded_at"),
                   "resolved_at": f"CASE WHEN resolved_at IS NULL THEN NULL ELSE {past('resolved_at')} END"} | ended,
        "ticket_service": {"ticket_id": theirs},
        "contact": {"id": f"id - {contacts}", "dedupe_key": f"dedupe_key || '-{n}'", "message_id": f"'<{n}.' || substr(message_id, 2)",
                    "arrived_at": past("arrived_at"), "filed_at": past("filed_at"),
                    "ticket_id": f"CASE WHEN s.ticket_id IS NULL THEN NULL ELSE {theirs} END"},
        "reading": {"contact_id": f"contact_id - {contacts}", "created_at": past("created_at"),
                    "data": f"replace(data{'' if lite else '::text'}, ' at rack', ' at rack{n}x'){'' if lite else '::jsonb'}"},
        "outbox": {"id": f"id - {tickets}", "contact_id": f"contact_id - {contacts}", "ticket_id": theirs,
                   "dedupe_key": f"dedupe_key || '-{n}'", "message_id": f"'<{n}.' || substr(message_id, 2)",
                   "created_at": past("created_at"), "due_at": past("due_at"),
                   "sent_at": f"CASE WHEN sent_at IS NULL THEN NULL ELSE {past('sent_at')} END"},
        "event": {"id": f"id - {2 * tickets}", "ticket_id": theirs, "contact_id": f"contact_id - {contacts}", "at": past("at")},
    }  # fmt: skip
    names = [c.name for c in SQLModel.metadata.tables[table].columns]
    values = [changes[table].get(c, _quoted(c)) for c in names]
    order = {"ticket": "opened_at", "ticket_service": "ticket_id", "reading": "contact_id"}.get(table, "id")
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({', '.join(map(_quoted, names))}) SELECT {', '.join(values)} FROM base_{table} s ORDER BY s.{order}"
    )


def _bulk(connection: Connection, lite: bool, table: str, rows: list[Row]) -> None:
    """Rows as the driver takes them fastest: one prepared statement on SQLite, COPY on PostgreSQL."""
    if not rows:
        return
    names = list(rows[0])
    columns = ", ".join(map(_quoted, names))
    values = (tuple(_plain(lite, row[n]) for n in names) for row in rows)
    connection.exec_driver_sql("SELECT 1")
    driver: Any = connection.connection.driver_connection
    if lite:
        driver.executemany(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(names))})", values)
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _plain(lite: bool, value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    if lite and isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")[:26]
    return value


def _drop_indexes(connection: Connection, lite: bool) -> list[str]:
    """Takes the plain indexes of the big tables away; gives the statements that make them again."""
    ask = connection.exec_driver_sql
    if lite:
        rows = ask("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").all()
    else:
        rows = ask(
            "SELECT indexname, tablename, indexdef FROM pg_indexes i WHERE schemaname = current_schema() AND NOT EXISTS"
            " (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)"
        ).all()
    found = [(name, sql) for name, table, sql in rows if table in _INDEXED and "UNIQUE" not in sql]
    for name, _ in found:
        ask(f"DROP INDEX {name}")
    return [sql for _, sql in found]


def sizes(store: Store) -> str:
    """Rows of the big tables, as JSON."""
    with store.read() as session:
        counts = {
            t: session.connection().exec_driver_sql(f"SELECT count(*) FROM {t}").scalar_one()
            for t in ("ticket", "contact", "outbox")
        }
    return json.dumps(counts)
