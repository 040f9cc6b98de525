"""How long a customer waits for his ticket: `python -m benchmarks.panel [REPORTS] [CLIENTS] [TICKETS] [DATABASE_URL]`.

Makes TICKETS tickets (default none), serves the pages from a process of their own, signs CLIENTS customers in (default one,
at most 50), and sends REPORTS (default 400) on the Support tab over real HTTP, each customer one after the other. Prints the
time from the post to the answer that names the ticket, beside the aim (100 ms at the 95th percentile), then what the live
reading costs. A database that holds tickets already is used as it is.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from app.house import House
from app.panel import PanelReader, panel_site
from app.settings import Settings
from benchmarks.console_data import sizes
from benchmarks.serving import filled, p95, pinned, served
from models.clock import utc_now
from models.directory import Customer, Directory, Person, Service
from models.directory_store import import_directory
from models.store import Store
from panel.app import build_panel
from panel.sessions import begin
from tests.flows.panel_helpers import hidden
from tests.servers import free_port

AIM_MS = 100.0
CUSTOMERS, EACH = 50, 20
LOGS = "\n".join(
    [f"{n}  198.51.100.{n}  {n}.{n} ms  {n}.9 ms  *" for n in range(1, 12)]
    + [
        "64 bytes from 198.51.100.7: icmp_seq=1 ttl=57 time=12.3 ms",
        "10 packets transmitted, 7 received, 30% packet loss, time 9012ms",
    ]
)
WORDS = (
    "Since this morning we lose about 30% of our packets towards Frankfurt; the BGP session flapped twice. It comes and goes."
)


def directory() -> Directory:
    customers = tuple(
        Customer(f"K{n}", f"Customer {n}", (f"k{n}.example",), (Person(f"Person {n}", f"p@k{n}.example"),))
        for n in range(CUSTOMERS)
    )
    services = tuple(
        Service(f"SVC-{100_000 + n * EACH + m}", f"K{n}", "IP Transit", "Site", (f"C-{n}-{m}",))
        for n in range(CUSTOMERS)
        for m in range(EACH)
    )
    return Directory(customers, services)


def settings(url: str, folder: str, port: int) -> Settings:
    return Settings(
        data_dir=Path(folder), database_url=url, mail_addresses="noc@bench.example", public_url=f"http://127.0.0.1:{port}",
        cap_per_hour=0, cap_per_day=0,
    )  # fmt: skip


def serve(url: str, folder: str, port: int) -> None:
    """The customers' pages, without the limits of one visitor."""
    house = House(settings(url, folder, port))
    reader = PanelReader(house)
    reader.start()
    site = panel_site(house, reader.read, lambda _row: None)
    pace = replace(site.settings, reads_a_minute=1_000_000, forms_a_minute=1_000_000)
    root = FastAPI()
    root.mount("/panel", build_panel(replace(site, settings=pace)))
    uvicorn.run(root, host="127.0.0.1", port=port, log_level="error", access_log=False, timeout_keep_alive=3600)


class Customers:
    """A signed-in browser for each customer."""

    def __init__(self, base: str, store: Store) -> None:
        self._base, self._store = base, store

    def browser(self, number: int) -> httpx.Client:
        client = httpx.Client(base_url=self._base, timeout=60)
        client.cookies.set("panel", begin(self._store, f"p@k{number}.example", "", "link", utc_now()))
        return client


def report(client: httpx.Client, service: str) -> float:
    """Milliseconds from the post to the answer that names the ticket."""
    page = client.get(f"/panel/services/{service}/support").text
    form = {
        "csrf": hidden(page, "csrf"), "draft": hidden(page, "draft"), "description": WORDS, "logs": LOGS, "began": "now",
        "impact": "degradation", "urgency": "", "pattern": "intermittent", "same": "new",
    }  # fmt: skip
    begun = time.perf_counter()
    answer = client.post(f"/panel/services/{service}/support", data=form)
    took = (time.perf_counter() - begun) * 1000
    assert answer.status_code == 303, answer.text
    assert "/panel/tickets/INC-" in answer.headers["location"]
    return took


def read(client: httpx.Client, csrf: str, service: str) -> float:
    begun = time.perf_counter()
    answer = client.post("/panel/read", data={"csrf": csrf, "service": service, "description": WORDS, "logs": LOGS})
    took = (time.perf_counter() - begun) * 1000
    assert "198.51.100.7" in answer.text
    return took


def spread(times: list[float]) -> str:
    return f"p50 {statistics.median(times):.1f} ms, p95 {p95(times):.1f} ms, worst {max(times):.1f} ms"


def run(clients: int, work: Callable[[int], list[float]]) -> list[float]:
    with ThreadPoolExecutor(clients) as pool:
        return [t for times in pool.map(work, range(clients)) for t in times]


def measure(customers: Customers, reports: int, clients: int) -> None:
    report(customers.browser(CUSTOMERS - 1), f"SVC-{100_000 + CUSTOMERS * EACH - 1}")
    each = max(1, reports // clients)

    def some(number: int) -> list[float]:
        with customers.browser(number) as client:
            return [report(client, f"SVC-{100_000 + number * EACH + n % EACH}") for n in range(each)]

    def looks(number: int) -> list[float]:
        with customers.browser(number) as client:
            service = f"SVC-{100_000 + number * EACH}"
            csrf = hidden(client.get(f"/panel/services/{service}/support").text, "csrf")
            return [read(client, csrf, service) for _ in range(each)]

    begun, cpu = time.perf_counter(), time.process_time()
    times = run(clients, some)
    rate, cpu = len(times) / (time.perf_counter() - begun), time.process_time() - cpu
    print(
        f"{len(times)} tickets by {clients} customers at once: {spread(times)}, {rate:.0f} a second; generator CPU {cpu:.1f} s"
    )
    print(f"aim {AIM_MS:g} ms at p95: ratio {p95(times) / AIM_MS:.2f} ({'kept' if p95(times) < AIM_MS else 'MISSED'})")
    print(f"read as one types: {spread(run(clients, looks))}", flush=True)


def main(reports: int, clients: int, tickets: int, url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url, port = url or f"sqlite:///{folder}/intake.db", free_port()
        store = Store(url)
        filled(store, tickets)
        import_directory(store, directory())
        print(f"{url.partition(':')[0]}: {sizes(store)}", flush=True)
        with served(serve, url, folder, port=port) as base:
            print(pinned(), flush=True)
            measure(Customers(base, store), reports, clients)
        store.close()


if __name__ == "__main__":
    given = dict(enumerate(sys.argv[1:]))
    main(int(given.get(0, 400)), int(given.get(1, 1)), int(given.get(2, 0)), given.get(3, ""))
