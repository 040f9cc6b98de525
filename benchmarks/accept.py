"""Durable accept in mails per second: smtp-source against our listener, and against an aiosmtpd that only says 250.

    python -m benchmarks.accept [--mails 5000] [--connections 20]

Both run as processes of their own; ours commits each mail to SQLite (synchronous=FULL) before its 250.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from multiprocessing import Event, Process
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from intake.keep import Keeper
from intake.smtp import SmtpListener
from intake.smtp_settings import SmtpSettings
from models.clock import utc_now
from models.store import Store, ensure_schema
from tests.servers import free_port

OWN = "noc@bench.example"


class _Accepts:
    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:
        return "250 ok"


def accept_only(port: int, ready: Any) -> None:
    controller = Controller(_Accepts(), hostname="127.0.0.1", port=port)
    controller.start()
    ready.set()
    time.sleep(3600)


def ours(port: int, ready: Any, folder: str) -> None:
    sys.setswitchinterval(0.0005)  # as `intake serve` does
    store = Store(f"sqlite:///{folder}/intake.db")
    ensure_schema(store)
    keeper = Keeper(store, utc_now, lambda _: None)

    async def run() -> None:
        settings = SmtpSettings("127.0.0.1", port, (OWN,), data_dir=Path(folder), min_free_disk=0)
        listener = SmtpListener(settings, keeper, utc_now, lambda: 0)
        await listener.start()
        ready.set()
        await asyncio.sleep(3600)

    asyncio.run(run())


def rate(target: Any, arguments: tuple[Any, ...], mails: int, connections: int, *, keep: bool) -> float:
    """Mails per second; `keep` sends many mails over each connection."""
    port, ready = free_port(), Event()
    process = Process(target=target, args=(port, ready, *arguments), daemon=True)
    process.start()
    ready.wait()
    command = ["smtp-source", "-s", str(connections), "-l", "4096", "-t", OWN, "-f", "anna@kunde.example"]
    command += ["-M", "source.example"] + (["-d"] if keep else [])
    begin = time.perf_counter()
    subprocess.run([*command, "-m", str(mails), f"127.0.0.1:{port}"], check=True)
    took = time.perf_counter() - begin
    process.terminate()
    process.join()
    return mails / took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=5000)
    parser.add_argument("--connections", type=int, default=20)
    options = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    if not shutil.which("smtp-source"):
        sys.exit("smtp-source is not installed: apt-get install postfix")
    print(f"{os.cpu_count()} cores, {options.mails} mails of 4 KB, {options.connections} connections; median of 3\n")
    print("| sessions | accept only | durable accept | ratio |\n| --- | --- | --- | --- |")
    for keep in (False, True):
        plain, durable = [], []
        for _ in range(3):
            plain.append(rate(accept_only, (), options.mails, options.connections, keep=keep))
            with tempfile.TemporaryDirectory() as folder:
                durable.append(rate(ours, (folder,), options.mails, options.connections, keep=keep))
        a, b = statistics.median(plain), statistics.median(durable)
        print(f"| {'many mails each' if keep else 'one mail each'} | {a:.0f}/s | {b:.0f}/s | {b / a:.2f} |")


if __name__ == "__main__":
    main()
