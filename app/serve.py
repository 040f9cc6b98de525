"""`intake serve`: SMTP, HTTP, workers and the clock as one process tree."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

import structlog
import uvicorn

from app.checks import readiness
from app.engine import CLOCK_EVERY_S, SWEEP_EVERY_S, Engine, Ticker
from app.house import House
from app.processes import WorkerProcesses
from app.settings import environment, host_port, split
from console.app import build_app
from intake.keep import Keeper
from intake.smtp import SmtpListener
from intake.smtp_settings import SmtpSettings
from tickets.work import backlog

log = structlog.get_logger("intake.serve")
_BACKLOG_HELD_S = 1.0


def serve(house: House, *, ready: Callable[[], None] = lambda: None) -> None:
    """Runs until SIGINT or SIGTERM; `ready` is called once both listeners answer."""
    engine = Engine(house)
    workers = WorkerProcesses(house.settings.workers or os.cpu_count() or 1, environment(house.settings))
    tickers = [Ticker(engine.sweep, SWEEP_EVERY_S), Ticker(engine.clock, CLOCK_EVERY_S)]
    workers.start()
    for t in tickers:
        t.start()
    try:
        asyncio.run(_listen(house, engine, workers, ready))
    finally:
        for t in tickers:
            t.stop()
        workers.stop()


async def _listen(house: House, engine: Engine, workers: WorkerProcesses, ready: Callable[[], None]) -> None:
    keeper = Keeper(house.store, house.clock, engine.hint_contact)
    listener = SmtpListener(smtp_settings(house), keeper, house.clock, _Backlog(house))
    s = house.settings
    app = build_app(
        store=house.store,
        clock=house.clock,
        provider=s.provider_name,
        public_url=s.public_url,
        secure_cookies=s.public_url.startswith("https://"),
        checks=readiness(house, workers),
    )
    host, port = host_port(s.http_listen)
    web = uvicorn.Server(uvicorn.Config(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=3))
    web.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    await listener.start()
    web_task = asyncio.create_task(_serve_web(web))
    stop = asyncio.Event()
    for sig in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sig, stop.set)
    while not web.started and not web_task.done():
        await asyncio.sleep(0.02)
    if web_task.done():
        await listener.stop()
        keeper.stop()
        return
    await asyncio.to_thread(ready)
    await stop.wait()
    log.info("stopping")
    await listener.stop()
    keeper.stop()
    app.state.closing.set()
    web.should_exit = True
    await web_task


async def _serve_web(web: uvicorn.Server) -> None:
    await web._serve()


def smtp_settings(house: House) -> SmtpSettings:
    s = house.settings
    host, port = host_port(s.smtp_listen)
    return SmtpSettings(
        host=host,
        port=port,
        own_addresses=s.addresses,
        bounce_address=s.bounces,
        trusted=split(s.smtp_trusted),
        data_dir=s.data_dir.absolute(),
        min_free_disk=s.min_free_mb * 1_000_000,
        max_backlog=s.max_backlog,
    )


class _Backlog:
    """The backlog, counted at most once a second."""

    def __init__(self, house: House) -> None:
        self._house, self._count, self._at = house, 0, 0.0

    def __call__(self) -> int:
        now = self._house.clock().timestamp()
        if now - self._at > _BACKLOG_HELD_S:
            with self._house.store.read() as session:
                self._count, self._at = backlog(session), now
        return self._count
