"""The console's pages over a big database: `python -m benchmarks.console_pages [TICKETS] [SECONDS] [DATABASE_URL]`.

Makes TICKETS tickets and three times as many contacts (default 1,000,000), serves the console from a process of its own and lets 20
agents open one page each every 3 s for SECONDS (default 120). Prints, for each kind of page, the median and 95th percentile of the
time from request to last byte, and the biggest page. Aims: 100 ms for a page, 200 ms for a search, 100 KB. An existing database
(the file named) is used as it is.
"""

from __future__ import annotations

import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

import httpx
import uvicorn

from benchmarks.console_data import sizes
from benchmarks.console_rows import NOW, SPAN, ticket_id
from benchmarks.serving import filled, p95, served, service_and_customer, services_of
from console.app import build_app
from console.auth import create_user, sign_in
from models.store import Store
from tests.servers import PostgresCluster, free_port, postgres_missing
from tickets.answers import AnswerSettings
from tickets.day_figures import count_days
from tickets.mailing import LifeSettings
from tickets.tokens import Tokens

LIFE = LifeSettings(AnswerSettings("Bench", Tokens(b"k" * 32, "bounce@bench.example")))
AGENTS, EVERY_S = 20, 3.0
PAGE_MS, SEARCH_MS, PAGE_KB = 100.0, 200.0, 100.0
_NEXT = re.compile(r'rel="next" href="([^"]+)"')


def paths(tickets: int, r: random.Random) -> dict[str, str]:
    """One address of each kind of page; with `search` in its name it is measured by the aim of searches."""
    n = r.randrange(tickets)
    ticket = ticket_id(n, NOW - SPAN + SPAN * (n / tickets))
    services = services_of(tickets)
    service, customer = service_and_customer(r.randrange(services))
    word, other = r.sample(["flapping", "latency", "jitter", "fibre", "optical", "backbone", "loss", "down"], 2)
    return {
        "home": "/", "review": "/review", "tickets": "/tickets", "tickets open": "/tickets?state=any-open", "tickets review": "/tickets?review=yes",
        "tickets missing": "/tickets?state=any-open&missing=something", "tickets oldest": "/tickets?sort=oldest",
        "tickets three filters": "/tickets?state=any-open&priority=critical&impact=service_affecting",
        "tickets closed, impact": "/tickets?state=closed&impact=degradation&priority=low",
        "tickets of service": f"/tickets?service={service}", "tickets of customer": f"/tickets?customer={customer}",
        "tickets of days": "/tickets?from=2025-11-03&to=2025-11-05", "tickets silent": "/tickets?state=any-open&sort=silent",
        "contacts": "/contacts", "contacts stranger": "/contacts?verdict=stranger", "contacts phone": "/contacts?channel=phone",
        "contacts no ticket": "/contacts?state=filed&ticket=no",
        "contacts of sender": f"/contacts?sender=noc@company{r.randrange(services // 10)}.example",
        "contacts of days": "/contacts?from=2025-11-03&to=2025-11-05&channel=email", "customers": "/customers",
        "customers words": f"/customers?q=Company+{r.randrange(services // 10)}", "services": "/services",
        "services words": f"/services?q=CKT/{r.randrange(services):06d}", "outbox": "/outbox", "outbox failed": "/outbox?state=failed",
        "set aside": "/set-aside", "set aside held": "/set-aside?kind=held", "notices": "/notices", "notices now": "/notices?window=now",
        "dashboard 7": "/dashboard?days=7", "dashboard 30": "/dashboard?days=30", "dashboard 90": "/dashboard?days=90",
        "service": f"/services/{service}", "customer": f"/customers/{customer}", "ticket": f"/tickets/{ticket}",
        "ticket case": f"/tickets/{ticket}/case", "contact": f"/contacts/{3 * n + 1}",
        "search ID": f"/search?stay=1&q={service}", "search jump": f"/search?q={ticket}", "search rare": f"/search?q=rack{n}",
        "search two words": f"/search?q={word}+{other}", "search phrase": "/search?q=%22packet+loss%22",
        "search beginning": "/search?q=rack12345*", "search none": "/search?q=nowherewordxyz",
        "search in tickets": f"/tickets?q={word}&state=any-open", "search in contacts": f"/contacts?q={word}+{other}&channel=phone",
    }  # fmt: skip


def serve(url: str, port: int) -> None:
    store = Store(url)
    app = build_app(
        store=store, clock=lambda: NOW, provider="Bench", public_url=f"http://127.0.0.1:{port}", secure_cookies=False,
        checks={"bench": lambda: (True, "well")}, life=LIFE,
    )  # fmt: skip
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False)


class Agents:
    """Twenty who open pages, each kind in turn, the second page of a list too."""

    def __init__(self, base: str, cookie: str, tickets: int) -> None:
        self._base, self._cookie, self._tickets = base, cookie, tickets
        self.taken: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self._lock = threading.Lock()

    def once(self) -> None:
        """Every page one time, so that caches are as in a running house."""
        with self._client() as client:
            for name, path in paths(self._tickets, random.Random(0)).items():
                self._open(client, name, path, keep=False)

    def run(self, seconds: float) -> None:
        threads = [threading.Thread(target=self._agent, args=(n, time.monotonic() + seconds)) for n in range(AGENTS)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    def _agent(self, number: int, end: float) -> None:
        r = random.Random(number)
        time.sleep(EVERY_S * number / AGENTS)
        turn = number * 2
        with self._client() as client:
            while time.monotonic() < end:
                begin = time.monotonic()
                some = list(paths(self._tickets, r).items())
                name, path = some[turn % len(some)]
                turn += 1
                text = self._open(client, name, path)
                if (older := _NEXT.search(text)) and r.random() < 0.3:
                    time.sleep(max(0.0, EVERY_S - (time.monotonic() - begin)))
                    begin = time.monotonic()
                    self._open(client, "next of a search" if "search" in name else "next page", older[1].replace("&amp;", "&"))
                time.sleep(max(0.0, EVERY_S - (time.monotonic() - begin)))

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self._base, cookies={"session": self._cookie}, timeout=60)

    def _open(self, client: httpx.Client, name: str, path: str, *, keep: bool = True) -> str:
        begin = time.perf_counter()
        answer = client.get(path)
        took = time.perf_counter() - begin
        assert answer.status_code in (200, 303), (path, answer.status_code, answer.text[-800:])
        if keep:
            with self._lock:
                self.taken[name].append((took * 1000, len(answer.content)))
        return answer.text


def report(taken: dict[str, list[tuple[float, int]]]) -> None:
    slow = 0
    for name, rows in sorted(taken.items(), key=lambda i: -p95([t for t, _ in i[1]])):
        times, biggest = [t for t, _ in rows], max(s for _, s in rows) / 1000
        aim = SEARCH_MS if "search" in name else PAGE_MS
        slow += p95(times) > aim
        print(f"  {name:24} {len(times):4} opened  p50 {statistics.median(times):6.1f} ms  p95 {p95(times):6.1f} ms ({p95(times) / aim:4.0%}"
              f" of {aim:.0f})  biggest {biggest:5.1f} KB ({biggest / PAGE_KB:.0%} of {PAGE_KB:.0f})")  # fmt: skip
    for what, aim, wanted in (("pages", PAGE_MS, False), ("searches", SEARCH_MS, True)):
        times = [t for name, rows in taken.items() if ("search" in name) is wanted for t, _ in rows]
        print(f"all {what}: {len(times)} opened, p50 {statistics.median(times):.1f} ms, p95 {p95(times):.1f} ms"
              f" ({p95(times) / aim:.0%} of {aim:.0f} ms), worst {max(times):.0f} ms")  # fmt: skip
    print(f"kinds of page over their aim: {slow} of {len(taken)}")


def measure(url: str, tickets: int, seconds: float) -> None:
    store = Store(url)
    if filled(store, tickets):
        begin = time.perf_counter()
        days = 0
        while some := count_days(store, now=NOW):
            days += len(some)
        print(f"  {days} days counted for the dashboard in {time.perf_counter() - begin:.1f} s", flush=True)
        with store.write() as session:
            create_user(session, "bench", "agent", "bench-password")
    cookie = sign_in(store, "bench", "bench-password", NOW)
    print(f"{url.partition(':')[0]}: {sizes(store)}", flush=True)
    store.close()
    assert cookie
    with served(serve, url, port=free_port()) as base:
        agents = Agents(base, cookie, tickets)
        agents.once()
        agents.run(seconds)
        report(agents.taken)


def main() -> None:
    tickets = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 120.0
    if len(sys.argv) > 3:
        measure(sys.argv[3], tickets, seconds)
        return
    with tempfile.TemporaryDirectory() as path:
        measure(f"sqlite:///{path}/bench.db", tickets, seconds)
        if not postgres_missing():
            (Path(path) / "pg" / "x").mkdir(parents=True)
            cluster = PostgresCluster(Path(path) / "pg" / "x")
            cluster.start()
            try:
                measure(cluster.new_database(), min(tickets, 100_000), seconds)
            finally:
                cluster.stop()


if __name__ == "__main__":
    main()
