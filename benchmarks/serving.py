"""What the benchmarks of pages and API share: a filled database, a server in a process of its own, a pinned generator."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from benchmarks.console_data import fill
from benchmarks.console_rows import service_id
from models.store import Store, ensure_schema


def p95(times: Sequence[float]) -> float:
    return sorted(times)[min(len(times) - 1, int(0.95 * len(times)))]


def filled(store: Store, tickets: int) -> bool:
    """Makes so many tickets where there are none yet; whether it did."""
    ensure_schema(store)
    with store.read() as session:
        empty = not session.connection().exec_driver_sql("SELECT 1 FROM ticket LIMIT 1").first()
    if empty and tickets:
        fill(store, tickets)
    return empty


def services_of(tickets: int) -> int:
    """How many services a database filled with so many tickets has."""
    return max(20, min(5_000, tickets // 200)) * 10


def service_and_customer(number: int) -> tuple[str, str]:
    return service_id(number), f"C{number // 10:05d}"


@contextmanager
def served(serve: Callable[..., None], *given: Any, port: int) -> Iterator[str]:
    """Runs `serve(*given, port)` in a process of its own; gives its address once it answers."""
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(*given, port))
    server.start()
    try:
        _until_up(port, server.is_alive)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.join()


def pinned() -> str:
    """Keeps this process, which makes the load, on one core; says which. The server may use all of them."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    return f"generator on core {cores[-1]} of {len(cores)}"


def _until_up(port: int, alive: Callable[[], bool]) -> None:
    for _ in range(600):
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz")
            return
        except httpx.HTTPError:
            time.sleep(0.2)
        if not alive():
            break
    raise RuntimeError("the site did not start")
