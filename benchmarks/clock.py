"""The clock's pass over a database of many tickets: `python -m benchmarks.clock [TICKETS] [DUE] [DATABASE_URL]`.

Prints the seconds of one pass that escalates DUE tickets among TICKETS, and of one in which nothing is due. Aim: 2 s for
1,000 due among 1,000,000, on SQLite and PostgreSQL.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert
from sqlmodel import select

from models.clock import iso
from models.store import Store, ensure_schema
from models.tables import Ticket, TicketService
from models.tables_life import Escalation
from tests.servers import PostgresCluster, postgres_missing
from tickets.answers import AnswerSettings
from tickets.clock_pass import clock_pass
from tickets.mailing import LifeSettings
from tickets.policy import save
from tickets.tokens import Tokens

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SETTINGS = LifeSettings(AnswerSettings("Bench", Tokens(b"k" * 32, "bounce@bench.example")))
PERSON = {"name": "Eva", "ways": [{"by": "mail", "to": "eva@bench.example"}]}
LEVELS = [{"level": n, "title": f"Level {n}", "persons": [PERSON]} for n in (1, 2, 3, 4)]
AIM_S = 2.0
_CHUNK = 20_000


def fill(store: Store, tickets: int, due: int) -> None:
    """Closed tickets of years, and `due` open ones whose first level is reached now."""
    with store.write() as session:
        save(session, "matrix", "default", {"default": True, "levels": LEVELS}, author="bench", now=NOW)
        save(session, "targets", "default", {"response": {}, "repair": {}}, author="bench", now=NOW)
    for begin in range(0, tickets, _CHUNK):
        rows = [_row(n, due) for n in range(begin, min(begin + _CHUNK, tickets))]
        with store.write() as session:
            session.connection().execute(insert(Ticket), rows)
            services = [{"ticket_id": r["id"], "service_id": f"S-{n % 5000}"} for n, r in enumerate(rows)]
            session.connection().execute(insert(TicketService), services)


def _row(n: int, due: int) -> dict[str, Any]:
    ready = n < due
    opened = NOW - timedelta(hours=1) if ready else NOW - timedelta(days=1, minutes=n)
    state = "in_progress" if ready else "closed" if n % 50 else "in_progress"
    return {
        "id": f"INC-2026-{n:08d}",
        "requester": f"p{n % 900}@customer.example",
        "state": state,
        "priority": "critical",
        "impact": "service_affecting",
        "opened_at": opened,
        "last_contact_at": opened,
        "told_at": NOW,
        "responded_at": opened,
        "accepted": True,
        "priority_steps": [],
        "report": {},
        "missing": [],
        "review_reasons": [],
        "breaches": [],
        "resolution": "",
        "state_log": [[iso(opened), state]],
        "next_due_at": NOW if ready else None if state == "closed" else NOW + timedelta(hours=1 + n % 100),
    }


def measure(url: str, tickets: int, due: int) -> tuple[float, float]:
    store = Store(url)
    ensure_schema(store)
    fill(store, tickets, due)
    if not store.is_sqlite:
        # As after some quiet hours: the vacuum and the checkpoint of a million fresh rows are not the clock's.
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
            connection.exec_driver_sql("CHECKPOINT")
    begin = time.perf_counter()
    clock_pass(store, SETTINGS, now=NOW)
    busy = time.perf_counter() - begin
    with store.read() as session:
        assert session.exec(select(func.count()).select_from(Escalation)).one() == due
    begin = time.perf_counter()
    clock_pass(store, SETTINGS, now=NOW)
    idle = time.perf_counter() - begin
    store.close()
    return busy, idle


def main() -> None:
    tickets = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    due = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    with tempfile.TemporaryDirectory() as path:
        urls = [sys.argv[3]] if len(sys.argv) > 3 else [f"sqlite:///{path}/bench.db"]
        cluster = None
        if len(sys.argv) <= 3 and not postgres_missing():
            (Path(path) / "pg").mkdir()
            cluster = PostgresCluster(Path(path) / "pg")
            cluster.start()
            urls.append(cluster.new_database())
        try:
            for url in urls:
                busy, idle = measure(url, tickets, due)
                kind = url.partition(":")[0]
                print(f"{kind}: {due} due of {tickets}: {busy:.2f} s ({busy / AIM_S:.0%} of {AIM_S} s); none due: {idle:.4f} s")
        finally:
            if cluster:
                cluster.stop()


if __name__ == "__main__":
    main()
