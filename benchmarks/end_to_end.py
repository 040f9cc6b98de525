"""Mails per second from accept to answer, idle latency and memory, over a generated directory.

    python -m benchmarks.end_to_end [--mails 2000] [--services 50000] [--database sqlite|postgresql]

Each mail is of its own service and customer, so that no join, dedupe or cap fires; the share answered is printed. The load
generator and the sink are processes of their own on the same machine, and their CPU time is shown apart. Parse-only is the
rate of as many reading processes over the same mails and directory, with no listener, database and delivery.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import smtplib
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import Process, Value
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from app.reader import Job, Reader
from models.directory_file import load_directory
from models.directory_store import import_directory
from models.rule_store import ActiveRules
from models.store import Store, ensure_schema
from tests.running import Running
from tests.servers import PostgresCluster, free_port

SENDERS = 5000
OWN = "noc@bench.example"
IDLE_S = 20
TEXTS = (
    "Hello,\n\nour line {id} has been down since {clock} UTC today, no traffic at all.\n\nRegards\n{name}",
    "Service ID: {id}\nStart time: {clock} UTC\nImpact: degradation\nDescription: packet loss of 12 % towards every target\n",
    "Dear team,\n\nsince about {clock} UTC we see high latency on {id}, calls are choppy. It has stayed like this.\n\n{name}",
    "{id} keeps dropping every few minutes since {clock} UTC. Users notice it, everything is slow.\n\nThanks, {name}",
    "Backup circuit {id} lost light at {clock} UTC. The primary carries all traffic, nobody is affected.\n\n{name}",
)
PING = "\n\nping 192.0.2.1\n" + "\n".join(
    f"64 bytes from 192.0.2.1: icmp_seq={i} ttl=58 time={i % 7 + 11}.4 ms" for i in range(20)
)


def directory(services: int) -> dict[str, Any]:
    customers = [
        {"id": f"K{i}", "name": f"Firm {i}", "domains": [f"firm{i}.example"], "timezone": "Europe/Berlin"}
        for i in range(SENDERS)
    ]
    rows = [{"id": f"LNE-{100000 + i}", "customer": f"K{i % SENDERS}", "site": f"Site {i % 97}"} for i in range(services)]
    return {"customers": customers, "services": rows}


def mails(count: int, first: int) -> Iterator[tuple[str, bytes]]:
    rng = random.Random(first)
    for n in range(first, first + count):
        sender = f"noc@firm{n % SENDERS}.example"
        body = rng.choice(TEXTS).format(id=f"LNE-{100000 + n}", clock=f"00:0{rng.randint(0, 9)}", name="Ada Beck")
        body += PING if rng.random() < 0.3 else ""
        head = f"From: Ada Beck <{sender}>\r\nTo: {OWN}\r\n"
        head += f"Subject: LNE-{100000 + n}\r\nMessage-ID: <{n}@firm.example>\r\n"
        yield sender, (head + "\r\n" + body.replace("\n", "\r\n")).encode()


class _Sink:
    def __init__(self, count: Any) -> None:
        self._count = count

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:
        with self._count.get_lock():
            self._count.value += 1
        return "250 ok"


def sink(port: int, count: Any) -> None:
    controller = Controller(_Sink(count), hostname="127.0.0.1", port=port)
    controller.start()
    threading.Event().wait()


def pour(port: int, first: int, count: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for sender, raw in mails(count, first):
            smtp.sendmail(sender, [OWN], raw)


def load(port: int, first: int, count: int, connections: int) -> tuple[float, float]:
    """Pours from several processes at once: seconds taken, and CPU seconds of the generator."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    each = count // connections
    pours = [Process(target=pour, args=(port, first + i * each, each)) for i in range(connections)]
    for p in pours:
        p.start()
    for p in pours:
        p.join()
    took = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def wait_for(count: Any, target: int, limit_s: float = 300) -> None:
    end = time.monotonic() + limit_s
    while count.value < target and time.monotonic() < end:
        time.sleep(0.02)


def pss_mb(pid: int) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024


def tree(pid: int) -> list[int]:
    out = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            out += tree(int(child))
    return out


def cpu_s(pids: Iterable[int]) -> float:
    """CPU seconds that the processes have used so far (proc(5), fields 14 and 15)."""
    total = 0
    for pid in pids:
        used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(used[11]) + int(used[12])
    return total / os.sysconf("SC_CLK_TCK")


def roles(root: int) -> dict[str, list[int]]:
    """The processes of an installation by what they do: the listener's, the workers, and the workers' readers."""
    workers = [p for p in tree(root) if b"\0worker\0" in Path(f"/proc/{p}/cmdline").read_bytes()]
    return {"listener": [root], "worker": workers, "reader": [r for w in workers for r in tree(w)[1:]]}


def parse_only(readers: int, count: int, file: Path) -> float:
    """Mails read per second by so many reading processes."""
    found = load_directory(file)
    jobs = [Job(raw, datetime.now(UTC), a, OWN, (OWN,), None) for a, raw in mails(count, 0)]

    def read(part: list[Job], reader: Reader) -> None:
        for job in part:
            reader.read(job, found, ActiveRules())

    each = [Reader() for _ in range(readers)]
    for reader in each:
        reader.start()
        read(jobs[:20], reader)
    threads = [threading.Thread(target=read, args=(jobs[i::readers], r)) for i, r in enumerate(each)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begin
    for reader in each:
        reader.stop()
    return count / took


def measure(workers: int, count: int, file: Path, database: str) -> dict[str, float]:
    port, counter = free_port(), Value("i", 0)
    sinking = Process(target=sink, args=(port, counter), daemon=True)
    sinking.start()
    with tempfile.TemporaryDirectory() as folder, database_of(database, Path(folder)) as url:
        extra = {
            "INTAKE_MAIL_ADDRESSES": OWN,
            "INTAKE_SMARTHOST_URL": f"smtp://127.0.0.1:{port}",
            "INTAKE_WORKERS": str(workers),
        }
        running = Running(Path(folder), url, extra)
        store = Store(url)
        ensure_schema(store)
        import_directory(store, load_directory(file))
        running.start()
        load(running.smtp, 40000, 40, 4)
        wait_for(counter, 40)
        before = {role: cpu_s(pids) for role, pids in roles(running.pid).items()} | {"sink": cpu_s([sinking.pid or 0])}
        took, cpu = load(running.smtp, 0, count, 4)
        begin_backlog = time.perf_counter()
        wait_for(counter, 40 + count)
        whole = took + time.perf_counter() - begin_backlog
        answered = counter.value - 40
        after = {role: cpu_s(pids) for role, pids in roles(running.pid).items()} | {"sink": cpu_s([sinking.pid or 0])}
        idle = sorted(_idle(running.smtp, counter) for _ in range(40))
        at_rest, rested = cpu_s(tree(running.pid)), time.perf_counter()
        time.sleep(IDLE_S)
        idle_cpu = (cpu_s(tree(running.pid)) - at_rest) / (time.perf_counter() - rested)
        memory = {p: pss_mb(p) for p in tree(running.pid)}
        running.stop()
        store.close()
    sinking.terminate()
    sinking.join()
    return {
        "accepted/s": count / took,
        "end to end/s": answered / whole,
        "answered %": 100 * answered / count,
        **{f"{role} CPU ms a mail": 1000 * (after[role] - before[role]) / count for role in before},
        "generator CPU ms a mail": 1000 * cpu / count,
        "idle p50 ms": 1000 * statistics.median(idle),
        "idle p95 ms": 1000 * idle[int(len(idle) * 0.95)],
        "idle worst ms": 1000 * idle[-1],
        "idle CPU % of a core": 100 * idle_cpu,
        "memory all MB": sum(memory.values()),
        "largest process MB": max(memory.values()),
    }


@contextmanager
def database_of(kind: str, folder: Path) -> Iterator[str]:
    """An empty database of this kind; PostgreSQL as a cluster of our own on this machine, with its own fsync."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/intake.db"
        return
    cluster = PostgresCluster(folder / "pg")
    cluster.path.parent.mkdir()
    cluster.start()
    try:
        yield cluster.new_database()
    finally:
        cluster.stop()


_next = iter(range(45000, 50000))


def _idle(port: int, counter: Any) -> float:
    time.sleep(0.1)
    target = counter.value + 1
    begin = time.perf_counter()
    pour(port, next(_next), 1)
    while counter.value < target and time.perf_counter() - begin < 30:
        time.sleep(0.001)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--services", type=int, default=50_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "directory.json"
        file.write_text(json.dumps(directory(options.services)))
        rows = []
        for workers in (1, 2):
            row = measure(workers, options.mails, file, options.database)
            alone = parse_only(workers, options.mails, file)
            rows.append({"parse-only/s": alone, "end to end, % of parse-only": 100 * row["end to end/s"] / alone} | row)
    one, two = rows
    where = f"{os.cpu_count()} cores, {options.database}, Python {sys.version.split()[0]}"
    print(f"{where}, {options.mails} mails over {options.services} services\n")
    print("| figure | 1 worker | 2 workers | ratio |\n| --- | --- | --- | --- |")
    for name, a in one.items():
        b = two[name]
        print(f"| {name} | {a:.1f} | {b:.1f} | {b / a if a else 0:.2f} |")


if __name__ == "__main__":
    main()
