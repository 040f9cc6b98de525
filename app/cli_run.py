"""Commands that run for long: serve, worker."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from typing import Annotated

import typer

from app.engine import CLOCK_EVERY_S, SWEEP_EVERY_S, Engine, Ticker
from app.house import House
from app.meter import Pulse
from app.settings import load_settings, need_addresses, split
from app.webhooks import EVERY_S as HOOKS_EVERY_S
from app.webhooks import Webhooks
from app.worker import Worker
from models.beats import EVERY
from models.errors import UserError

_SWITCH_S = 0.0005
_NICER = 5


def register(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(worker)
    app.command()(pbx)


def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help="Load sample customers, users and mails into an empty database.")
    ] = False,
    only: Annotated[
        str, typer.Option("--only", help="Some parts of it: smtp, http, imap, workers, clock, comma-separated.")
    ] = "",
) -> None:
    """Everything in one process tree: SMTP, HTTP, fetched mailboxes, workers, clock. Ctrl-C stops it."""
    # Imported here: the other commands need not wait for the web parts.
    from app.demo import demo_settings, load_demo, send_samples
    from app.serve import PARTS
    from app.serve import serve as run

    parts = split(only) or PARTS
    if unknown := [p for p in parts if p not in PARTS]:
        raise UserError(f"--only: there is no part {unknown[0]!r}; the parts are {', '.join(PARTS)}")

    # Here too threads share an interpreter: the one that writes mails to the database must not keep the listener waiting.
    sys.setswitchinterval(_SWITCH_S)
    settings = need_addresses(demo_settings() if demo else load_settings())
    house = House(settings)
    fresh = load_demo(house) if demo else None
    typer.echo("Starting (a few seconds) ...")

    def ready() -> None:
        for line in _addresses(house, fresh.password if fresh else "", demo, parts):
            typer.echo(line)
        if fresh:
            threading.Thread(target=send_samples, args=(settings,), daemon=True).start()

    run(house, parts, ready=ready)


def _addresses(house: House, password: str, demo: bool, parts: Collection[str]) -> list[str]:
    s = house.settings
    answers = "through the smarthost" if s.smarthost_url else f"as files in {s.data_dir.absolute() / 'outbox'}"
    pages = [f"Console        http://{s.http_listen}/", f"Customers      http://{s.http_listen}/panel/"]
    lines = pages if "http" in parts else []
    lines += [f"Mail listener  {s.smtp_listen} for {', '.join(s.addresses)}"] if "smtp" in parts else []
    lines += [f"Answers go     {answers}"] if "workers" in parts else []
    if password:
        lines.append(f"Sign in as     agent or admin, password {password}")
    elif demo:
        lines.append(f"Sign in as     agent or admin, password as kept in {s.data_dir.absolute() / 'demo-password'}")
    if "smtp" in parts:
        lines.append(f"Send a mail    .venv/bin/intake send FILE.eml --to {s.smtp_listen} --rcpt {s.addresses[0]}")
    return lines


def worker(
    parent: Annotated[int, typer.Option(hidden=True, help="Stop when this process is gone.")] = 0,
) -> None:
    """A worker alone: takes stored contacts, files them, sends the answers."""
    # Filing and delivery share this process: a thread that holds the database's write lock gives the interpreter away at
    # each statement, and would wait 5 ms (the default) to get it back while the other renders a mail.
    sys.setswitchinterval(_SWITCH_S)
    if parent:
        # Beside the listeners on the same machine: a caller waits for those, and nobody for this.
        os.nice(_NICER)
    house = House(need_addresses(load_settings()), bulk=True)
    mine = Worker(house)
    mine.start()
    engine = Engine(house, mine)
    hooks = None if parent else Webhooks(house)
    pulse = Pulse(house.store, house.clock, house.meter, ("workers",) if parent else ("workers", "clock"))
    tickers = [Ticker(pulse.tell, EVERY.total_seconds())]
    if hooks:
        tickers += [Ticker(engine.sweep, SWEEP_EVERY_S), Ticker(engine.clock, CLOCK_EVERY_S)]
        tickers.append(Ticker(hooks.work, HOOKS_EVERY_S))
    pulse.tell()
    for t in tickers:
        t.start()
    if parent:
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
    try:
        engine.run()
    finally:
        for t in tickers:
            t.stop()
        if hooks:
            hooks.stop()
        mine.stop()
        house.traces.close()
        with suppress(Exception):  # the others will see it by its silence
            pulse.end()


def pbx() -> None:
    """A phone line of one's own: waits for calls of an Asterisk exchange (FastAGI). Needs a running `intake serve`."""
    # Imported here: the other commands need not wait for the phone's parts.
    from app.pbx import PbxServer, recordings_dir

    settings = load_settings()
    with PbxServer(settings) as server:
        typer.echo(f"Waiting for the exchange at agi://{settings.pbx_listen}/, recordings in {recordings_dir(settings)}")
        for sig in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sig, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start())
        server.serve_forever(poll_interval=0.2)


def _die_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
