"""Commands that run for long: serve, worker."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Annotated

import typer

from app.engine import CLOCK_EVERY_S, SWEEP_EVERY_S, Engine, Ticker
from app.house import House
from app.settings import load_settings, need_addresses
from app.worker import Worker

_SWITCH_S = 0.0005


def register(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(worker)


def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help="Load sample customers, users and mails into an empty database.")
    ] = False,
) -> None:
    """Everything in one process tree: SMTP, HTTP, workers, clock. Ctrl-C stops it."""
    # Imported here: the other commands need not wait for the web parts.
    from app.demo import demo_settings, load_demo, send_samples
    from app.serve import serve as run

    settings = need_addresses(demo_settings() if demo else load_settings())
    house = House(settings)
    fresh = load_demo(house) if demo else None
    typer.echo("Starting (a few seconds) ...")

    def ready() -> None:
        for line in _addresses(house, fresh.password if fresh else "", demo):
            typer.echo(line)
        if fresh:
            threading.Thread(target=send_samples, args=(settings,), daemon=True).start()

    run(house, ready=ready)


def _addresses(house: House, password: str, demo: bool) -> list[str]:
    s = house.settings
    answers = "through the smarthost" if s.smarthost_url else f"as files in {s.data_dir.absolute() / 'outbox'}"
    lines = [
        f"Console        http://{s.http_listen}/",
        f"Mail listener  {s.smtp_listen} for {', '.join(s.addresses)}",
        f"Answers go     {answers}",
    ]
    if password:
        lines.append(f"Sign in as     agent or admin, password {password}")
    elif demo:
        lines.append(f"Sign in as     agent or admin, password as kept in {s.data_dir.absolute() / 'demo-password'}")
    lines.append(f"Send a mail    .venv/bin/intake send FILE.eml --to {s.smtp_listen} --rcpt {s.addresses[0]}")
    return lines


def worker(
    parent: Annotated[int, typer.Option(hidden=True, help="Stop when this process is gone.")] = 0,
) -> None:
    """A worker alone: takes stored contacts, files them, sends the answers."""
    # Filing and delivery share this process: a thread that holds the database's write lock gives the interpreter away at
    # each statement, and would wait 5 ms (the default) to get it back while the other renders a mail.
    sys.setswitchinterval(_SWITCH_S)
    house = House(need_addresses(load_settings()))
    mine = Worker(house)
    mine.start()
    engine = Engine(house, mine)
    tickers = [] if parent else [Ticker(engine.sweep, SWEEP_EVERY_S), Ticker(engine.clock, CLOCK_EVERY_S)]
    for t in tickers:
        t.start()
    if parent:
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
    try:
        engine.run()
    finally:
        for t in tickers:
            t.stop()
        mine.stop()


def _die_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
