"""The database: how it is opened, how writers begin, and which schema it must have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

import models.tables  # noqa: F401  (registers the tables)
from models.errors import SchemaError, SettingError
from models.turns import Turns

BUSY_TIMEOUT_S = 5.0


class Store:
    """One database, SQLite or PostgreSQL, with sessions for readers and for writers."""

    def __init__(self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.url = url
        self.engine = _engine(url, busy_timeout_s)
        self._writing = self.engine.execution_options(intake_write=True)
        self._turns = Turns(Path(url.removeprefix("sqlite:///"))) if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One write transaction: commits at the end, rolls back on any error.

        On SQLite it begins IMMEDIATE: a reader that turns writer fails at once where another writes,
        whatever the busy timeout says.
        """
        turn = self._turns.take() if self._turns else nullcontext()
        with turn, Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def lock(self, session: Session, key: str) -> None:
        """Holds everybody else off this key until the transaction ends (SQLite has one writer anyway)."""
        if not self.is_sqlite:
            session.connection().execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:k, 0))"), {"k": key})

    def close(self) -> None:
        self.engine.dispose()
        if self._turns:
            self._turns.close()


def _engine(url: str, busy_timeout_s: float) -> Engine:
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    try:
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(url, connect_args={"timeout": busy_timeout_s, "check_same_thread": False})
            _tune_sqlite(engine)
            return engine
        return create_engine(url, pool_pre_ping=True)
    except (ArgumentError, ModuleNotFoundError) as e:
        raise SettingError(f"INTAKE_DATABASE_URL: {url!r} is not usable ({e}); use sqlite:///FILE or postgresql://...") from e


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-20000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        write = connection.get_execution_options().get("intake_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _alembic(url_holder: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = url_holder
    return config


def schema_state(store: Store) -> str:
    """`empty`, `current` or `old`; raises SchemaError for a schema of a newer version."""
    script = ScriptDirectory.from_config(_alembic(store.engine))
    with store.engine.connect() as connection:
        have = MigrationContext.configure(connection).get_current_revision()
    if have == script.get_current_head():
        return "current"
    if have is None:
        return "empty" if not inspect(store.engine).get_table_names() else "old"
    if have not in {r.revision for r in script.walk_revisions()}:
        raise SchemaError(f"the database has schema {have}, which this version does not know; install the newer version")
    return "old"


def migrate(store: Store) -> None:
    """Brings the schema to this version."""
    command.upgrade(_alembic(store.engine), "head")


def ensure_schema(store: Store) -> None:
    """Makes the schema in an empty database; raises SchemaError on an older one, naming the command."""
    state = schema_state(store)
    if state == "old":
        raise SchemaError("the database has an older schema; run `intake migrate` first")
    if state == "empty":
        migrate(store)
