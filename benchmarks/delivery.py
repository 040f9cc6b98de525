"""Mails per second out of the outbox to a sink on this machine, beside a bare smtplib loop with the same bytes.

    python -m benchmarks.delivery [--mails 3000] [--connections 2]

The sink is Postfix's smtp-sink where it is installed, else aiosmtpd in a process of its own. Every mail is rendered from its
template, kept, sent and marked, in one process; the loop only sends what was kept. Both use one connection per 100 mails.
"""

from __future__ import annotations

import argparse
import os
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Process, Value
from pathlib import Path

from sqlmodel import col, func, select

from app.delivering import Deliverer
from benchmarks.end_to_end import sink
from models.clock import utc_now
from models.store import Store, ensure_schema
from models.tables import Outbox, Ticket
from outbound.compose import ComposeSettings
from outbound.deliver import Delivery
from outbound.smarthost import MAILS_PER_CONNECTION, SmarthostPool
from outbound.smarthost_url import parse_urls
from tests.servers import free_port

SETTINGS = ComposeSettings("support@bench.example", "Bench")
RECORDED = [
    {"field": f, "label": f.replace("_", " ").capitalize(), "value": v, "confirm": f == "impact"}
    for f, v in (
        ("service_id", "LNE-100001"),
        ("start_time", "24 Nov 2026 00:03 UTC"),
        ("impact", "Degradation"),
        ("description", "packet loss of 12 % towards every target since the night, calls are choppy"),
    )
]


@contextmanager
def sinking() -> Iterator[int]:
    """A sink's port."""
    port, binary = free_port(), shutil.which("smtp-sink", path="/usr/sbin:/usr/bin")
    if binary is None:
        process = Process(target=sink, args=(port, Value("i", 0)), daemon=True)
        process.start()
        stop = process.terminate
    else:
        user = ["-u", "nobody"] if os.getuid() == 0 else []
        running = subprocess.Popen([binary, *user, f"127.0.0.1:{port}", "200"])
        stop = running.terminate
    time.sleep(1)
    try:
        yield port
    finally:
        stop()


def fill(store: Store, count: int) -> list[int]:
    now = utc_now()
    with store.write() as session:
        session.add(Ticket(id="INC-2026-000128", opened_at=now, last_contact_at=now))
        session.flush()
        context = {"greeting_name": "Ada Beck", "recorded": RECORDED, "priority": "Major", "quoted": "The line is bad.\n" * 8}
        rows = [
            Outbox(
                ticket_id="INC-2026-000128",
                event="ticket-opened",
                dedupe_key=f"k{n}",
                message_id=f"<{n}@bench.example>",
                to_address=f"ada{n}@firm.example",
                envelope_from="bounce@bench.example",
                context=context,
                created_at=now,
                due_at=now,
            )
            for n in range(count)
        ]
        session.add_all(rows)
        session.flush()
        return [r.id or 0 for r in rows]


def sent(store: Store) -> int:
    with store.read() as session:
        return session.exec(select(func.count()).select_from(Outbox).where(col(Outbox.state) == "sent")).one()


def deliver(store: Store, ids: list[int], port: int, connections: int) -> float:
    pool = SmarthostPool(parse_urls(f"smtp://127.0.0.1:{port}"), clock=utc_now)
    deliverer = Deliverer(Delivery(store, "bench", utc_now, pool, SETTINGS), senders=connections, lines=pool)
    deliverer.start()
    begin = time.perf_counter()
    waiting = iter(ids)
    for n, row in enumerate(waiting, 1):
        deliverer.give(row)
        while n % 500 == 0 and n - sent(store) > 1000:
            time.sleep(0.05)
    while sent(store) < len(ids):
        time.sleep(0.05)
    took = time.perf_counter() - begin
    deliverer.stop()
    return took


def bare(store: Store, port: int) -> float:
    with store.read() as session:
        mails = [r or b"" for r in session.exec(select(Outbox.raw)).all()]
    begin = time.perf_counter()
    for first in range(0, len(mails), MAILS_PER_CONNECTION):
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            for raw in mails[first : first + MAILS_PER_CONNECTION]:
                smtp.sendmail("bounce@bench.example", ["ada@firm.example"], raw)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=3000)
    parser.add_argument("--connections", type=int, default=2)
    options = parser.parse_args()
    sys.setswitchinterval(0.0005)
    with tempfile.TemporaryDirectory() as folder, sinking() as port:
        store = Store(f"sqlite:///{Path(folder) / 'intake.db'}")
        ensure_schema(store)
        ours = options.mails / deliver(store, fill(store, options.mails), port, options.connections)
        loop = options.mails / bare(store, port)
        store.close()
    print(
        f"{os.cpu_count()} cores, {options.mails} mails, {options.connections} connections, Python {sys.version.split()[0]}\n"
    )
    print("| | mails/s |\n| --- | --- |")
    print(f"| outbox to sink: written, kept, sent, marked | {ours:.0f} |\n| bare smtplib loop | {loop:.0f} |")
    print(f"| ratio | {ours / loop:.2f} |")


if __name__ == "__main__":
    main()
