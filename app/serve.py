"""`intake serve`: SMTP, HTTP, fetched mailboxes, workers and the clock as one process tree, or some of these parts."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Collection
from contextlib import suppress

import structlog

from api.hub import EVERY_S as HUBS_EVERY_S
from api.hub import Hubs
from app.api import local_targets
from app.engine import CLOCK_EVERY_S, SWEEP_EVERY_S, Engine, Ticker
from app.house import House
from app.imports import Imports
from app.mailboxes import supervisor
from app.meter import Pulse
from app.phone import warm_up_aside
from app.processes import WorkerProcesses
from app.replays import EVERY_S, Replays
from app.settings import environment, host_port, split
from app.web import build_site
from app.web_server import WebServer
from app.webhooks import EVERY_S as HOOKS_EVERY_S
from app.webhooks import Webhooks
from intake.keep import Keeper
from intake.smtp import SmtpListener
from intake.smtp_settings import SmtpSettings
from models.beats import EVERY
from tickets.work import backlog

log = structlog.get_logger("intake.serve")
_BACKLOG_HELD_S = 1.0
PULSE_EVERY_S = EVERY.total_seconds()
# What `--only` names.
PARTS = ("smtp", "http", "imap", "workers", "clock")
# A count is held for so many times as long as it took.
_COUNTING_SHARE = 50


def serve(house: House, parts: Collection[str] = PARTS, *, ready: Callable[[], None] = lambda: None) -> None:
    """Runs until SIGINT or SIGTERM; `ready` is called once the listeners answer."""
    # Made before there is anything to lose: the key of all marks, and the schema.
    engine, _ = Engine(house), (house.tokens, house.store)
    workers = None
    if "workers" in parts:
        workers = WorkerProcesses(house.settings.workers or os.cpu_count() or 1, environment(house.settings))
    replays, webhooks = Replays(house), Webhooks(house)
    hubs = Hubs(house.store, house.clock, local_targets(house))
    pulse = Pulse(house.store, house.clock, house.meter, parts)
    tickers = [Ticker(pulse.tell, PULSE_EVERY_S)]
    if "clock" in parts:
        tickers += [Ticker(engine.sweep, SWEEP_EVERY_S), Ticker(engine.clock, CLOCK_EVERY_S), Ticker(replays.work, EVERY_S)]
        tickers += [Ticker(Imports(house).work, EVERY_S)]
        tickers += [Ticker(webhooks.work, HOOKS_EVERY_S), Ticker(hubs.work, HUBS_EVERY_S)]
    pulse.tell()
    for t in tickers:
        t.start()

    def up() -> None:
        # Only now: at the start they would take the processors from the listeners, which customers wait for.
        if workers:
            workers.start()
        ready()

    try:
        asyncio.run(_Listening(house, engine, workers, frozenset(parts)).run(up))
    finally:
        replays.stop()
        for t in tickers:
            t.stop()
        webhooks.stop()
        if workers:
            workers.stop()
        house.traces.close()
        with suppress(Exception):  # the others will see it by its silence
            pulse.end()


class _Listening:
    """What of this process waits for others to come: the SMTP listener, the web, the fetched mailboxes."""

    def __init__(self, house: House, engine: Engine, workers: WorkerProcesses | None, parts: frozenset[str]) -> None:
        def kept(contact_id: int) -> None:
            house.meter.accepted("email")
            engine.hint_contact(contact_id)

        self._keeper = Keeper(house.store, house.clock, kept) if parts & {"smtp", "imap"} else None
        self._listener = self._mailboxes = self._web = self._app = None
        if self._keeper and "smtp" in parts:
            room = _Backlog(house)
            self._listener = SmtpListener(smtp_settings(house), self._keeper, house.clock, room)
        if self._keeper and "imap" in parts:
            self._mailboxes = supervisor(house, self._keeper)
        if "http" in parts:
            self._app = build_site(house, workers, parts, engine.hint_outbox)
            self._web = WebServer(self._app, house.settings.http_listen)
            warm_up_aside(self._app.state.voice.line)

    async def run(self, ready: Callable[[], None]) -> None:
        stop = asyncio.Event()
        for sig in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sig, stop.set)
        if self._listener:
            await self._listener.start()
        if self._mailboxes:
            self._mailboxes.start()
        web = asyncio.create_task(self._web._serve()) if self._web else None
        while self._web and web and not self._web.started and not web.done():
            await asyncio.sleep(0.02)
        if web is None or not web.done():
            await asyncio.to_thread(ready)
            await stop.wait()
        await self._end(web)

    async def _end(self, web: asyncio.Task[None] | None) -> None:
        log.info("stopping")
        ends = [self._listener.stop()] if self._listener else []
        if self._mailboxes:
            ends.append(asyncio.to_thread(self._mailboxes.stop))
        await asyncio.gather(*ends)
        if self._keeper:
            self._keeper.stop()
        if self._app and self._web and web:
            self._app.state.closing.set()
            self._web.end()
            await web


def smtp_settings(house: House) -> SmtpSettings:
    s = house.settings
    host, port = host_port(s.smtp_listen)
    return SmtpSettings(
        host=host,
        port=port,
        own_addresses=s.addresses,
        tls_cert=s.smtp_tls_cert,
        tls_key=s.smtp_tls_key,
        bounce_address=s.bounces,
        trusted=split(s.smtp_trusted),
        data_dir=s.data_dir.absolute(),
        min_free_disk=s.min_free_mb * 1_000_000,
        max_backlog=s.max_backlog,
    )


class _Backlog:
    """The backlog as far as the limit, counted once a second, or more seldom where counting takes long."""

    def __init__(self, house: House) -> None:
        self._house, self._count, self._until = house, 0, 0.0
        self._at_most = house.settings.max_backlog + 1

    def __call__(self) -> int:
        begin = time.monotonic()
        if begin >= self._until:
            with self._house.store.read() as session:
                self._count = backlog(session, at_most=self._at_most)
            end = time.monotonic()
            self._until = end + max(_BACKLOG_HELD_S, (end - begin) * _COUNTING_SHARE)
        if self._count >= self._at_most:
            self._house.meter.refused()
        return self._count
