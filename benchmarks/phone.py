"""How fast the phone's webhooks answer with many calls at once while mail flows.

    python -m benchmarks.phone [--calls 100] [--seconds 60] [--mails 20] [--services 5000]

Each call makes a step each 5 s, follows a whole report by keypad to its ticket, hangs up, and another begins in its place. The
mails come at a steady rate from a process of their own. The load generator is one process, pinned to one core; its CPU time is
printed, as is what a bare page (/healthz) takes at the same time, over the same connections.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import json
import os
import re
import resource
import smtplib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.end_to_end import directory, mails
from benchmarks.wire import Wire
from ivr.carrier import sign
from models.directory_file import load_directory
from models.directory_store import import_directory
from models.store import Store, ensure_schema
from models.tables import Ticket
from tests.running import Running

TOKEN = "1" * 32
ACCOUNT = "AC" + "7" * 32
STEP_EVERY_S = 5.0
WARM_UP_S = 8.0
TARGETS = {"p50": 10.0, "p99": 50.0}
CONNECTIONS = 16
# Those of a whole report.
STEPS = 11
_ACTION = re.compile(r'action="([^"]+)"')


def with_contacts(services: int) -> dict[str, Any]:
    """The directory of the mail benchmark, with a telephone number for each customer."""
    made = directory(services)
    for n, customer in enumerate(made["customers"]):
        person = {"name": f"Person {n}", "email": f"noc@firm{n}.example", "phone": f"+49 170 {1000000 + n}"}
        customer["contacts"] = [person]
    return made


def script(slot: int) -> Iterator[tuple[str, dict[str, str]]]:
    """The steps of one report by keypad, for a service of this caller's."""
    yield "step", {"Digits": "1"}
    yield "step", {"Digits": str(100000 + slot)}
    yield from (("step", {"Digits": d}) for d in ("1", "2", "1", "1", "", "2"))
    recording = "RE" + os.urandom(16).hex()
    yield "step", {"RecordingSid": recording, "RecordingUrl": "https://x.example/" + recording, "RecordingDuration": "21"}
    yield from (("step", {"Digits": d}) for d in ("2", "1"))


@dataclass
class Web:
    """Kept connections to the server, and the time that each answer took, by what was asked."""

    host: str
    port: int
    took: dict[str, list[float]] = field(default_factory=dict)
    failed: int = 0
    counting: bool = False

    def __post_init__(self) -> None:
        self._wire = Wire(self.host, self.port)

    async def open(self) -> None:
        await self._wire.open(CONNECTIONS)

    async def ask(self, kind: str, head: str, body: bytes = b"") -> str:
        status, answer, took = await self._wire.ask(head, body)
        if self.counting:
            self.took.setdefault(kind, []).append(1000 * took)
            self.failed += status != 200
        return answer

    async def hook(self, kind: str, url: str, fields: dict[str, str]) -> str:
        signature = sign(TOKEN, url, fields)
        path = url.removeprefix(f"http://{self.host}:{self.port}")
        head = f"POST {path} HTTP/1.1\r\nX-Twilio-Signature: {signature}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        return await self.ask(kind, head, urlencode(fields).encode())


async def slot(web: Web, number: int, calls: int, until: float) -> None:
    """One caller after the other, a step each 5 s. The first hangs up early, so that the calls are not all at the same step."""
    steps = number % STEPS + 1
    base = f"http://{web.host}:{web.port}/voice/"
    await asyncio.sleep(STEP_EVERY_S * number / calls)
    turn = time.monotonic()
    while time.monotonic() < until:
        standard = {
            "CallSid": "CA" + os.urandom(16).hex(),
            "AccountSid": ACCOUNT,
            "From": f"+49170{1000000 + number}",
            "To": "+4930555010",
        }
        answer = await web.hook("incoming", base + "incoming", standard | {"CallStatus": "ringing"})
        for kind, given in islice(script(number), steps):
            turn = await _next(turn)
            if time.monotonic() > until:
                break
            action = _ACTION.search(answer)
            url = html.unescape(action[1]) if action else base + "incoming"
            answer = await web.hook(kind, url, standard | {"CallStatus": "in-progress"} | given)
        turn = await _next(turn)
        ended = {"CallStatus": "completed", "CallDuration": "60", "SequenceNumber": "0"}
        await web.hook("status", base + "status", standard | ended)
        steps = STEPS


async def _next(turn: float) -> float:
    turn = max(turn + STEP_EVERY_S, time.monotonic() - STEP_EVERY_S)
    await asyncio.sleep(max(0.0, turn - time.monotonic()))
    return turn


async def _bare(web: Web, until: float) -> None:
    while time.monotonic() < until:
        await asyncio.sleep(0.5)
        await web.ask("bare page", "GET /healthz HTTP/1.1\r\n")


async def _walk(host: str, port: int, calls: int, seconds: float) -> Web:
    web = Web(host, port)
    await web.open()
    until = time.monotonic() + WARM_UP_S + seconds
    tasks = [asyncio.create_task(slot(web, n, calls, until)) for n in range(calls)]
    tasks.append(asyncio.create_task(_bare(web, until)))
    await asyncio.sleep(WARM_UP_S)
    web.counting = True
    await asyncio.gather(*tasks)
    return web


def generate(port: int, calls: int, seconds: float, out: Any) -> None:
    """The load generator, on the last core that it may use."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    web = asyncio.run(_walk("127.0.0.1", port, calls, seconds))
    used = resource.getrusage(resource.RUSAGE_SELF)
    out.put((web.took, web.failed, used.ru_utime + used.ru_stime, core))


def pour_steadily(port: int, rate: float, seconds: float) -> None:
    """Mails at an even rate over one connection."""
    begin = time.monotonic()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for n, (sender, raw) in enumerate(mails(int(rate * seconds), 0)):
            time.sleep(max(0.0, begin + n / rate - time.monotonic()))
            smtp.sendmail(sender, ["noc@bench.example"], raw)


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    extra = {
        "INTAKE_MAIL_ADDRESSES": "noc@bench.example", "INTAKE_TWILIO_AUTH_TOKENS": TOKEN, "INTAKE_TWILIO_ACCOUNT_SID": ACCOUNT,
        "INTAKE_TWILIO_API_URL": "http://127.0.0.1:9", "INTAKE_PHONE_AGENTS": "+493055500",
    }  # fmt: skip
    running = Running(folder, f"sqlite:///{folder}/intake.db", extra)
    running.env["INTAKE_PUBLIC_URL"] = f"http://127.0.0.1:{running.http}"
    store = Store(f"sqlite:///{folder}/intake.db")
    ensure_schema(store)
    file = folder / "directory.json"
    file.write_text(json.dumps(with_contacts(options.services)))
    import_directory(store, load_directory(file))
    running.start()
    while "phone_warm" not in running.log():
        time.sleep(0.2)
    out: Any = Queue()
    length = WARM_UP_S + options.seconds
    pouring = Process(target=pour_steadily, args=(running.smtp, options.mails, length)) if options.mails else None
    generator = Process(target=generate, args=(running.http, options.calls, options.seconds, out))
    for p in (pouring, generator):
        if p:
            p.start()
    took, failed, cpu, core = out.get(timeout=length + 300)
    generator.join()
    if pouring:
        pouring.join()
    with store.read() as session:
        from sqlmodel import func, select

        tickets = session.exec(select(func.count()).select_from(Ticket)).one()
    running.stop()
    store.close()
    return {"took": took, "failed": failed, "cpu": cpu, "core": core, "tickets": tickets}


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--mails", type=float, default=20)
    parser.add_argument("--services", type=int, default=5000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options, Path(folder))
    took: dict[str, list[float]] = found["took"]
    bare = statistics.median(took.pop("bare page", [1.0]))
    every = [v for values in took.values() for v in values]
    print(
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}: {options.calls} calls at once, a step each "
        f"{STEP_EVERY_S:.0f} s, "
        f"{options.mails:.0f} mails/s, {options.services} services, "
        f"{options.seconds:.0f} s after {WARM_UP_S:.0f} s of warm-up; "
        f"load generator pinned to core {found['core']}, {found['cpu']:.1f} CPU s; {found['tickets']} tickets, "
        f"{found['failed']} answers other than 200; a bare page {bare:.1f} ms.\n"
    )
    print("| webhook | answers | p50 ms | p99 ms | worst ms | p50 to a bare page |\n| --- | --- | --- | --- | --- | --- |")
    for name, values in [*sorted(took.items()), ("all", every)]:
        p50, p99 = percentile(values, 0.5), percentile(values, 0.99)
        print(f"| {name} | {len(values)} | {p50:.1f} | {p99:.1f} | {max(values):.1f} | {p50 / bare:.1f} |")
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        value = percentile(every, share)
        print(f"\n{name} {value:.1f} ms, target {TARGETS[name]:.0f} ms: {value / TARGETS[name]:.2f} of it")


if __name__ == "__main__":
    main()
