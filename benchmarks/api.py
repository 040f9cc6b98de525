# ruff: noqa: E501
"""The REST API over a big database: `python -m benchmarks.api [TICKETS] [SECONDS] [DATABASE_URL]`.

Makes TICKETS tickets (default 1,000,000), serves the whole site from a process of its own and lets clients read 100 times a second for
SECONDS (default 60), then opens ten tickets a second for as long. Arrivals keep their times whatever the answers do, so that waiting
counts. Prints median and 95th percentile from planned begin to last byte beside the aims (reads 50 ms, a ticket created 100 ms), the rate
that was reached, and what the generator, kept on one core, took itself. An existing database (the file named) is used as it is.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import uvicorn

from app.house import House
from app.settings import Settings
from app.web import build_site
from benchmarks.console_data import sizes
from benchmarks.console_rows import NOW, SPAN, service_id, ticket_id
from benchmarks.serving import filled, p95, pinned, served, service_and_customer, services_of
from benchmarks.wire import Wire
from models.access import Scope
from models.clock import utc_now
from models.store import Store
from models.token_store import create_token
from tests.servers import free_port

READS_PER_S, CREATES_PER_S = 100, 10
READ_MS, CREATE_MS = 50.0, 100.0
CONNECTIONS = 64
# Longer than any run: a client that sends on a connection while the server closes it measures nothing.
_KEPT_S = 3600
Plan = tuple[str, str, str, dict[str, object] | None]


def read_of(tickets: int, r: random.Random) -> Plan:
    """One of the reads that other systems do, weighted as they do them."""
    n = r.randrange(tickets)
    ticket = ticket_id(n, NOW - SPAN + SPAN * (n / tickets))
    service, customer = service_and_customer(r.randrange(services_of(tickets)))
    some = (
        ("ticket", f"tickets/{ticket}"), ("ticket", f"tickets/{ticket}"), ("ticket", f"tickets/{ticket}"),
        ("events", f"tickets/{ticket}/events"), ("contacts of a ticket", f"tickets/{ticket}/contacts"), ("contact", f"contacts/{3 * n + 1}"),
        ("list", "tickets?limit=20"), ("list by state", "tickets?state=open&limit=20"),
        ("list of a customer", f"tickets?customer={customer}&limit=20"), ("list of a service", f"tickets?service={service}&limit=20"),
        ("service", f"services/{service}"), ("services of a customer", f"services?customer={customer}&limit=20"),
    )  # fmt: skip
    name, path = r.choice(some)
    return name, "GET", f"/api/v1/{path}", None


def create_of(tickets: int, r: random.Random) -> Plan:
    n = r.randrange(services_of(tickets))
    body: dict[str, object] = {
        "description": f"The link is down since this morning, interface shows no light. Case {r.randrange(10**9)}.",
        "service_ids": [service_id(n)], "impact": "service_affecting", "start_time": utc_now().isoformat(), "is_new": True,
    }  # fmt: skip
    return "create", "POST", "/api/v1/tickets", body


def serve(url: str, folder: str, port: int) -> None:
    s = Settings(
        data_dir=Path(folder), database_url=url, mail_addresses="noc@bench.example", public_url=f"http://127.0.0.1:{port}"
    )
    site = build_site(House(s), None)
    uvicorn.run(site, host="127.0.0.1", port=port, log_level="error", access_log=False, timeout_keep_alive=_KEPT_S)


async def load(base: str, headers: dict[str, str], plans: list[Plan], per_s: float) -> tuple[dict[str, list[float]], float]:
    """Sends each at its time; gives milliseconds by name, and how many were answered in a second."""
    taken: dict[str, list[float]] = defaultdict(list)
    host, _, port = base.removeprefix("http://").partition(":")
    wire = Wire(host, int(port))
    await wire.open(CONNECTIONS)
    begin = time.perf_counter()

    async def one(number: int, plan: Plan) -> None:
        planned = begin + number / per_s
        await asyncio.sleep(max(0.0, planned - time.perf_counter()))
        name, method, path, body = plan
        fields = headers | ({"Content-Type": "application/json"} if body else {})
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items())
        status, text, _ = await wire.ask(head, json.dumps(body).encode() if body else b"")
        assert status in (200, 201), (path, status, text[:300])
        taken[name].append((time.perf_counter() - planned) * 1000)

    await asyncio.gather(*(one(n, p) for n, p in enumerate(plans)))
    return taken, len(plans) / (time.perf_counter() - begin)


def report(what: str, taken: dict[str, list[float]], rate: float, aim: float, cpu_s: float) -> None:
    for name, times in sorted(taken.items(), key=lambda i: -p95(i[1])):
        print(
            f"  {name:24} {len(times):5}  p50 {statistics.median(times):6.1f} ms  p95 {p95(times):6.1f} ms ({p95(times) / aim:4.0%} of {aim:.0f})"
        )
    whole = [t for times in taken.values() for t in times]
    print(f"all {what}: {len(whole)} at {rate:.1f}/s, p50 {statistics.median(whole):.1f} ms, p95 {p95(whole):.1f} ms"
          f" ({p95(whole) / aim:.0%} of {aim:.0f} ms), worst {max(whole):.0f} ms; generator CPU {cpu_s:.1f} s", flush=True)  # fmt: skip


def measure(url: str, folder: str, tickets: int, seconds: float) -> None:
    store = Store(url)
    filled(store, tickets)
    with store.write() as session:
        made = create_token(
            session, f"bench-{time.time_ns()}", [s.value for s in Scope], days=2, now=utc_now(), actor="bench", per_minute=10**6
        )
    print(f"{url.partition(':')[0]}: {sizes(store)}", flush=True)
    store.close()
    headers = {"Authorization": f"Bearer {made.secret}"}
    with served(serve, url, folder, port=free_port()) as base:
        print(pinned(), flush=True)
        r = random.Random(1)
        # The first request starts the reader, and caches fill as in a running house.
        asyncio.run(load(base, headers, [create_of(tickets, r)], 1))
        asyncio.run(load(base, headers, [read_of(tickets, r) for _ in range(200)], 50))
        for what, make, per_s, aim in (
            ("reads", read_of, READS_PER_S, READ_MS),
            ("creates", create_of, CREATES_PER_S, CREATE_MS),
        ):
            plans = [make(tickets, r) for _ in range(int(per_s * seconds))]
            cpu = time.process_time()
            taken, rate = asyncio.run(load(base, headers, plans, per_s))
            report(what, taken, rate, aim, time.process_time() - cpu)


def main() -> None:
    tickets = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    with tempfile.TemporaryDirectory() as folder:
        measure(sys.argv[3] if len(sys.argv) > 3 else f"sqlite:///{folder}/bench.db", folder, tickets, seconds)


if __name__ == "__main__":
    main()
