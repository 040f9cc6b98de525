"""An older installation is brought to this version with all that stands in it, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from models.store import HEAD, Store, _alembic, migrate, schema_state

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def test_users_with_open_sessions_are_still_there_after_an_upgrade(database_url: str) -> None:
    store = Store(database_url)
    command.upgrade(_alembic(store.engine), "0011")
    with store.write() as session:
        ask = session.connection().execute
        ask(text("INSERT INTO user_account (name, role, password_hash, failed) VALUES ('ana', 'agent', 'x', 0)"))
        at = {"at": NOW if not store.is_sqlite else "2026-05-04 12:00:00.000000"}
        columns = "token_hash, user_name, csrf, created_at, seen_at"
        ask(text(f"INSERT INTO web_session ({columns}) VALUES ('t', 'ana', 'c', :at, :at)"), at)
    migrate(store)
    assert schema_state(store) == "current"
    with store.read() as session:
        query = session.connection().exec_driver_sql
        assert query("SELECT w.user_name FROM web_session w JOIN user_account u ON u.name = w.user_name").all() == [("ana",)]
        if store.is_sqlite:
            assert query("PRAGMA foreign_keys").scalar_one() == 1
            assert query("PRAGMA foreign_key_check").all() == []
    store.close()


def test_the_schema_that_a_process_takes_for_its_own_is_the_newest_there_is(database_url: str) -> None:
    store = Store(database_url)
    assert ScriptDirectory.from_config(_alembic(store.engine)).get_current_head() == HEAD
    assert schema_state(store) == "empty"
    command.upgrade(_alembic(store.engine), f"{HEAD}-1")
    assert schema_state(store) == "old"
    migrate(store)
    assert schema_state(store) == "current"
    store.close()
