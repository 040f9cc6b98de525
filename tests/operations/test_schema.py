"""The schema: up and down on both databases with data in it, whole or not at all, and beside a newer one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlmodel import select

from models.errors import SchemaError, SettingError
from models.postgres_url import CLIENT, SERVER
from models.store import RUNS_SINCE, Store, downgrade, ensure_schema, migrate, revisions, schema_state, upgrade
from models.tables import Contact, Event, Meta, ReadingRecord, Ticket
from tests.operations.expand import Table, schema_of, stumbles
from tests.running import ROOT, Running
from tests.servers import PostgresCluster
from tickets.work import LEASE

HOSTS = "postgresql://u:p%40w@db1:5432,db2:5433/x?connect_timeout=3"
NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = Store(database_url)
    yield made
    made.close()


def _one_case(store: Store) -> None:
    with store.write() as session:
        session.add(Ticket(id="INC-2026-000014", opened_at=NOW, last_contact_at=NOW))
        session.flush()
        session.add(
            Contact(id=1, mailbox="a", dedupe_key="k", raw=b"raw \x00 bytes", arrived_at=NOW, ticket_id="INC-2026-000014")
        )
        session.flush()
        session.add(ReadingRecord(contact_id=1, rule_set="x", created_at=NOW))
        session.add(Event(ticket_id="INC-2026-000014", at=NOW, actor="t", kind="opened"))


def test_the_schema_goes_down_and_up_again_with_data_in_it(store: Store) -> None:
    ensure_schema(store)
    assert schema_state(store) == "current"
    _one_case(store)
    downgrade(store, "0009")
    assert schema_state(store) == "old"
    with pytest.raises(SchemaError, match="intake migrate"):
        ensure_schema(store)
    migrate(store)
    assert schema_state(store) == "current"
    with store.read() as session:
        assert session.exec(select(Contact.raw)).one() == b"raw \x00 bytes"
        assert session.exec(select(Event.kind)).one() == "opened"


def test_every_step_down_to_nothing_and_up_again(store: Store) -> None:
    ensure_schema(store)
    downgrade(store, "base")
    assert set(inspect(store.engine).get_table_names()) <= {"alembic_version"}
    migrate(store)
    assert schema_state(store) == "current"


# Older than the oldest version that may run beside the head; each with why it is no expansion.
NO_EXPANSION = {"0012 audit.seq is new, must be filled, and has no default": "the audit log became a chain"}


def test_every_migration_leaves_an_older_process_all_it_reads_and_demands_nothing_new_of_it(store: Store) -> None:
    before: dict[str, Table] = {}
    found: list[str] = []
    for revision in revisions(store):
        upgrade(store, revision)
        after = schema_of(store)
        found += [f"{revision} {line}" for line in stumbles(before, after)]
        before = after
    assert set(found) == set(NO_EXPANSION)
    assert all(line.partition(" ")[0] < RUNS_SINCE for line in NO_EXPANSION)


@pytest.mark.parametrize(
    ("change", "stumble"),
    [
        ("ALTER TABLE ticket ADD COLUMN mood VARCHAR", None),
        ("ALTER TABLE ticket ADD COLUMN mood VARCHAR NOT NULL DEFAULT ''", None),
        ("CREATE TABLE mood (id INTEGER NOT NULL)", None),
        ("ALTER TABLE ticket DROP COLUMN asks", "ticket.asks is gone"),
        ("ALTER TABLE ticket RENAME COLUMN asks TO questions", "ticket.asks is gone"),
        ("ALTER TABLE process_beat RENAME TO pulse", "process_beat is gone"),
        ("CREATE UNIQUE INDEX one_each ON ticket (subject)", "ticket(subject) must be unique"),
    ],
)
def test_a_change_that_an_older_process_would_stumble_over_is_found(store: Store, change: str, stumble: str | None) -> None:
    ensure_schema(store)
    before = schema_of(store)
    with store.write() as session:
        session.connection().execute(text(change))
    found = stumbles(before, schema_of(store))
    assert found[:1] == ([stumble] if stumble else [])


def test_two_that_start_over_an_empty_database_both_find_a_schema(database_url: str, tmp_path: Path) -> None:
    house = Running(tmp_path, database_url)
    command = [sys.executable, "-m", "app", "migrate"]
    both = [subprocess.Popen(command, env=house.env, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [(p.communicate()[1], p.returncode) for p in both] == [("", 0), ("", 0)]
    store = Store(database_url)
    assert schema_state(store) == "current"
    store.close()


def test_a_migration_that_fails_halfway_leaves_nothing_of_it(store: Store) -> None:
    ensure_schema(store)
    downgrade(store, "0009")
    with store.write() as session:
        # What the migration is about to make stands already: its second step fails.
        session.connection().execute(text("CREATE TABLE process_beat (x INTEGER)"))
    with pytest.raises(Exception, match="process_beat"):
        migrate(store)
    assert schema_state(store) == "old"
    assert "ix_contact_waiting" not in {i["name"] for i in inspect(store.engine).get_indexes("contact")}
    with store.write() as session:
        session.connection().execute(text("DROP TABLE process_beat"))
    migrate(store)
    assert schema_state(store) == "current"


@pytest.mark.parametrize(("since", "state"), [("0016", "newer"), ("9998", None), (None, None)])
def test_a_newer_schema_is_worked_with_only_where_it_says_so(store: Store, since: str | None, state: str | None) -> None:
    ensure_schema(store)
    with store.write() as session:
        session.connection().execute(text("UPDATE alembic_version SET version_num = '9999'"))
        if since:
            session.merge(Meta(name="schema_runs_since", value=since))
        else:
            session.delete(session.get_one(Meta, "schema_runs_since"))
    if state:
        ensure_schema(store)
        assert schema_state(store) == state
    else:
        with pytest.raises(SchemaError, match="9999"):
            ensure_schema(store)


def test_a_database_on_several_hosts_is_tried_host_by_host() -> None:
    store = Store(HOSTS)
    _, given = store.engine.dialect.create_connect_args(store.engine.url)
    assert (given["host"], given["port"], given["password"], given["connect_timeout"]) == ("db1,db2", "5432,5433", "p@w", "3")
    with pytest.raises(SettingError, match="INTAKE_DATABASE_URL"):
        Store("postgresql://u@db1:x/y")


def test_each_side_of_a_connection_notices_within_seconds_that_the_other_has_vanished(postgres: PostgresCluster) -> None:
    store = Store(postgres.new_database() + "?keepalives_idle=7")
    _, given = store.engine.dialect.create_connect_args(store.engine.url)
    assert {name: str(given[name]) for name in CLIENT} == CLIENT | {"keepalives_idle": "7"}, "what is set stays"
    with store.read() as session:
        found = {name: str(session.connection().execute(text(f"SHOW {name}")).scalar()) for name in SERVER}
    assert found == SERVER
    noticed = sum(
        int(SERVER[f"tcp_keepalives_{n}"]) * m for n, m in (("idle", 1), ("interval", int(SERVER["tcp_keepalives_count"])))
    )
    assert timedelta(seconds=noticed) < LEASE, "before others may take over what it held"
    store.close()


def test_a_database_that_does_not_answer_is_named_in_one_line(tmp_path: Path) -> None:
    done = Running(tmp_path, "postgresql://u@127.0.0.1:1/x?connect_timeout=2").command("stats", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("intake: INTAKE_DATABASE_URL: the database does not answer")
    assert "Traceback" not in done.stderr
