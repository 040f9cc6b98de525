"""What one contact costs worker and database: `python -m benchmarks.database_cost [--contacts 400] [--out FILE]`.

Files and answers contacts over a PostgreSQL of its own, in one worker, and prints per contact: CPU of worker and database,
statements, commits, locks, and bytes of write-ahead log; as JSON, which `benchmarks.scale_model` takes.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine, event, text

from app.filer import BATCH
from app.house import House
from app.settings import load_settings
from app.worker import Worker
from benchmarks.end_to_end import OWN, directory, mails
from intake.keep import Keeper
from intake.raw import RawMail
from models.clock import utc_now
from models.directory_file import load_directory
from models.directory_store import import_directory
from models.store import Store
from models.tables import Meta
from tests.servers import PostgresCluster

SERVICES = 2000
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one contact, from its lease to its answer sent."""

    worker_ms: float
    database_ms: float
    statements: float
    commits: float
    locks: float
    commit_ms: float
    wal_kb: float


class Count:
    """Statements, commits and locks of an engine, and how long its commits take."""

    def __init__(self, engine: Engine) -> None:
        self.statements = self.commits = self.locks = 0
        event.listen(engine, "before_cursor_execute", self._statement)
        event.listen(engine, "commit", self._commit)

    def _statement(self, _c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements += 1
        self.locks += "FOR UPDATE" in statement or "advisory" in statement

    def _commit(self, _connection: Any) -> None:
        self.commits += 1


def measure(contacts: int) -> Costs:
    # A line for each contact would be part of what is measured, and of what is printed.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with _cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        given: dict[str, Any] = {"data_dir": Path(folder), "database_url": cluster.new_database(), "mail_addresses": OWN}
        house = House(load_settings(**given, flood_tickets=10**6, cap_per_hour=10**6, cap_per_day=10**6))
        file = Path(folder) / "directory.json"
        file.write_text(json.dumps(directory(SERVICES)))
        import_directory(house.store, load_directory(file))
        worker = Worker(house)
        worker.start()
        try:
            _work(house.store, worker, 100, 0)  # what is loaded once is no cost of a contact
            return _measured(house.store, worker, contacts, _postmaster(cluster))
        finally:
            worker.stop()
            house.store.close()


def _measured(store: Store, worker: Worker, contacts: int, postmaster: int) -> Costs:
    ids, count = _kept(store, contacts, 100), Count(store.engine)
    begin = _wal(store), _cpu_s(postmaster), _cpu_s(os.getpid())
    _filed_and_sent(worker, ids)
    wal, database, own = (b - a for a, b in zip(begin, (_wal(store), _cpu_s(postmaster), _cpu_s(os.getpid())), strict=True))
    n = len(ids)
    return Costs(
        worker_ms=round(1000 * own / n, 2),
        database_ms=round(1000 * database / n, 2),
        statements=round(count.statements / n, 1),
        commits=round(count.commits / n, 2),
        locks=round(count.locks / n, 1),
        commit_ms=round(_commit_ms(store), 2),
        wal_kb=round(wal / 1000 / n, 1),
    )


def _work(store: Store, worker: Worker, contacts: int, first: int) -> None:
    _filed_and_sent(worker, _kept(store, contacts, first))


def _filed_and_sent(worker: Worker, ids: list[int]) -> None:
    for n in range(0, len(ids), BATCH):
        answers = [f.outbox_id for f in worker.file_all(ids[n : n + BATCH]) if f.outbox_id]
        worker.delivery.mark([worker.delivery.send(p) for p in worker.delivery.prepare(answers)])


def _kept(store: Store, contacts: int, first: int) -> list[int]:
    keeper = Keeper(store, utc_now, lambda _id: None)
    waiting = [keeper.keep(RawMail(raw, OWN, sender, (OWN,), "127.0.0.1", utc_now())) for sender, raw in mails(contacts, first)]
    ids = [w.result().contact_id for w in waiting]
    keeper.stop()
    return ids


def _commit_ms(store: Store, times: int = 50) -> float:
    """The shortest write that is durable: what the disk adds to every commit."""
    begin = time.perf_counter()
    for n in range(times):
        with store.write() as session:
            session.merge(Meta(name="commit-time", value=str(n)))
    return (time.perf_counter() - begin) / times * 1000


def _wal(store: Store) -> int:
    with store.read() as session:
        return int(session.connection().execute(text("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")).scalar_one())


def _postmaster(cluster: PostgresCluster) -> int:
    return int((cluster.path / "postmaster.pid").read_text().split()[0])


def _cpu_s(pid: int) -> float:
    """Of a process and all below it, with those that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    below = [c for task in Path(f"/proc/{pid}/task").iterdir() for c in (task / "children").read_text().split()]
    return sum(map(int, fields[11:15])) / _TICK + sum(_cpu_s(int(c)) for c in below)


@contextmanager
def _cluster() -> Iterator[PostgresCluster]:
    with tempfile.TemporaryDirectory(prefix="intake-pg-") as folder:
        made = PostgresCluster(Path(folder) / "pg")
        made.path.parent.mkdir()
        made.start()
        yield made
        made.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=400)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    found = json.dumps(asdict(measure(args.contacts)), indent=1)
    if args.out:
        args.out.write_text(found + "\n")
    sys.stdout.write(found + "\n")


if __name__ == "__main__":
    main()
