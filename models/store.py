"""The database: how it is opened, how writers begin, and which schema it must have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlmodel import Session

from models.audit_log import chained
from models.errors import SchemaError, SettingError
from models.postgres_url import SET_SERVER, lasting, many_hosts
from models.tables import Meta
from models.turns import Turns
from models.write_session import WriteSession

if TYPE_CHECKING:
    from alembic.config import Config

BUSY_TIMEOUT_S = 5.0
# Migrations only add (expand), and take away what no version in use needs any more (contract). So processes of an older
# version go on beside the new schema while the new version is rolled out; this names the oldest that may.
RUNS_SINCE = "0016"
# The newest file of migrations/versions. A process that finds it in the database need not load Alembic at its start.
HEAD = "0016"
# At so many pages of write-ahead log a commit also moves them into the file, which takes a while: mostly one for which nobody
# waits, so that others do it only where there is none.
_CHECKPOINT_PAGES = {True: 1000, False: 8000}
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:k, 0))")
_RUNS = "schema_runs_since"
# Tables of the first schema: where none of them is, nothing of ours is.
_OURS = frozenset({"meta", "contact", "ticket"})


class Store:
    """One database, SQLite or PostgreSQL, with sessions for readers and for writers.

    `bulk`: nobody waits for what this process writes, so that on SQLite whoever serves a person goes first.
    """

    def __init__(self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S, bulk: bool = False) -> None:
        self.url = url
        self.engine = _engine(url, busy_timeout_s, bulk)
        self._writing = self.engine.execution_options(intake_write=True)
        self._turns = Turns(Path(url.removeprefix("sqlite:///")), bulk=bulk) if self.is_sqlite else None

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
        begun = WriteSession(self._writing, expire_on_commit=False)
        with turn, begun as session, session.begin(), chained(session):
            yield session

    def persons_lately(self) -> bool:
        """Whether persons take turns to write, so that long ones are to be avoided; never where writers take no turns."""
        return self._turns is not None and self._turns.persons_lately()

    def lock(self, session: Session, key: str) -> None:
        """Holds everybody else off this key until the transaction ends (SQLite has one writer anyway)."""
        if not self.is_sqlite:
            session.connection().execute(_LOCK, {"k": key})

    def close(self) -> None:
        self.engine.dispose()
        if self._turns:
            self._turns.close()


def _engine(url: str, busy_timeout_s: float, bulk: bool) -> Engine:
    if url.startswith("postgresql://"):
        url = many_hosts(lasting("postgresql+psycopg://" + url.removeprefix("postgresql://")))
    try:
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(
                url, connect_args={"timeout": busy_timeout_s, "check_same_thread": False}, hide_parameters=True
            )
            _tune_sqlite(engine, _CHECKPOINT_PAGES[bulk])
            return engine
        # The parameters of a failed statement hold what customers wrote; errors go to the log.
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
        _tune_postgres(engine)
        return engine
    except (ArgumentError, ModuleNotFoundError, ValueError) as e:
        raise SettingError(f"INTAKE_DATABASE_URL: {url!r} is not usable ({e}); use sqlite:///FILE or postgresql://...") from e


def _tune_postgres(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.execute(SET_SERVER)
        connection.commit()


def _tune_sqlite(engine: Engine, checkpoint_pages: int) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        journal = ("journal_mode=WAL", "synchronous=FULL", f"wal_autocheckpoint={checkpoint_pages}")
        for pragma in (*journal, "foreign_keys=ON", "cache_size=-20000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        write = connection.get_execution_options().get("intake_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _alembic(url_holder: Engine) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = url_holder
    return config


def schema_state(store: Store) -> str:
    """`empty`, `current`, `old`, or `newer` for one that this version can work with; raises SchemaError for others."""
    if _is_head(store):
        return "current"
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(_alembic(store.engine))
    with store.engine.connect() as connection:
        have = MigrationContext.configure(connection).get_current_revision()
    if have is None:
        # Others may live there too, such as the queue.
        if not _OURS & set(inspect(store.engine).get_table_names()):
            return "empty"
        raise SchemaError(
            "the database has tables named like ours but no schema number: it belongs to something else, or a migration or "
            "restore was cut off; set INTAKE_DATABASE_URL to another database, or restore a backup into an empty one"
        )
    known = {r.revision for r in script.walk_revisions()}
    if have in known:
        return "old"
    if _runs_since(store) in known:
        return "newer"
    raise SchemaError(f"the database has schema {have}, which this version does not know; install the newer version")


def _is_head(store: Store) -> bool:
    try:
        with store.engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]
    except DatabaseError as e:
        if isinstance(e, OperationalError) and not store.is_sqlite:
            raise
        return False


def migrate(store: Store) -> None:
    """Brings the schema to this version, whole or not at all."""
    upgrade(store, "head")
    with store.write() as session:
        session.merge(Meta(name=_RUNS, value=RUNS_SINCE))


def revisions(store: Store) -> list[str]:
    """All schemas that there have been, the oldest first."""
    from alembic.script import ScriptDirectory

    return [r.revision for r in ScriptDirectory.from_config(_alembic(store.engine)).walk_revisions()][::-1]


def upgrade(store: Store, revision: str) -> None:
    """Takes the schema on to this revision."""
    from alembic import command

    command.upgrade(_alembic(store.engine), revision)


def downgrade(store: Store, revision: str) -> None:
    """Takes the schema back to an older revision; `base` leaves an empty database."""
    from alembic import command

    command.downgrade(_alembic(store.engine), revision)


def _runs_since(store: Store) -> str:
    """The oldest schema whose code can work with the one in the database, as the version that made it says."""
    with store.read() as session:
        row = session.get(Meta, _RUNS)
        return row.value if row else ""


def ensure_schema(store: Store) -> None:
    """Makes the schema in an empty database; raises SchemaError on an older one, naming the command."""
    state = schema_state(store)
    if state == "old":
        raise SchemaError("the database has an older schema; run `intake migrate` first")
    if state == "empty":
        migrate(store)
