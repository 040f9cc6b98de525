"""The command that replays a kept rule set over stored contacts, without a console."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from app.house import House
from app.replays import EVERY_S, Replays
from app.settings import load_settings
from models.errors import NotFoundError, UserError
from models.replay_store import DONE, QUEUED, RUNNING, ask_replay
from models.rule_store import active_digest, find_rules
from models.tables_rules import ReplayRun

ACTOR = "command line"


def replay_rules(
    which: Annotated[str, typer.Argument(help="Number or digest of a kept rule set.")],
    last: Annotated[int, typer.Option("--last", min=1, help="So many of the newest stored contacts.")] = 1000,
) -> None:
    """Reads stored contacts by a set and by the one in force, and prints what differs; the console shows it too."""
    house = House(load_settings())
    with house.store.write() as session:
        digest = find_rules(session, which).digest
        asked = ask_replay(session, digest, active_digest(session), limit=last, actor=ACTOR, now=house.clock())
        number = asked.id or 0
    worker = Replays(house)
    while (run := _run(house, number)).state in (QUEUED, RUNNING):
        # Another process of the house may have taken it.
        if run.state == RUNNING:
            time.sleep(EVERY_S)
        worker.work()
    if run.state != DONE:
        raise UserError(f"replay {number} was {run.state}: {run.result.get('error', 'it was stopped')}")
    _tell(run)


def _run(house: House, number: int) -> ReplayRun:
    with house.store.read() as session:
        run = session.get(ReplayRun, number)
        if run is None:
            raise NotFoundError(f"replay {number} is no longer there")
        session.expunge(run)
        return run


def _tell(run: ReplayRun) -> None:
    result = run.result
    typer.echo(f"replay {run.id}: {result['read']} contacts read by both")
    for name, counts in result["fields"].items():
        typer.echo(f"{name}: " + ", ".join(f"{counts.get(what, 0)} {what}" for what in ("gained", "lost", "changed")))
    for name, key, before, after, *_ in result["cases"]:
        typer.echo(f"{name} {key}: {before} -> {after}")
    for rule_id, ms in result["slow"]:
        typer.echo(f"slow: rule {rule_id} takes {ms} ms a mail")
