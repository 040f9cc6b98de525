"""`intake call`: a phone call walked in the terminal, through the real webhooks of the running installation, signed."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from app.calling import own_call, served_at
from app.settings import load_settings
from ivr.desk import OUTCOMES, give, is_keys, wants
from ivr.walk import Stop, Walk
from models.errors import UserError

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_HELP = "Type keys (digits, * and #) or words; an empty line is silence; `bye` or the end of the input hangs up."


def register(app: typer.Typer) -> None:
    app.command()(call)


def call(
    number: Annotated[str, typer.Option("--number", help="Number called from, such as +491705550101; default: withheld.")] = "",
) -> None:
    """Walks a phone call in the terminal through the webhooks of the running `intake serve`. Needs no carrier."""
    if number and not _NUMBER.fullmatch(number):
        raise UserError(f"--number: {number!r} is not a number such as +491705550101")
    settings = load_settings()
    walk = own_call(settings, number=number)
    typer.echo(f"Calling {served_at(settings)} as {number or 'a withheld number'}. {_HELP}")
    stop = walk.start()
    while True:
        _tell(stop)
        if walk.over:
            typer.echo(f"The call is over. Its record: {settings.public_url.rstrip('/')}/calls/{walk.sid}")
            return
        given = _asked(stop)
        if given is None:
            walk.hang_up()
            typer.echo(f"You hung up. The record of the call: {settings.public_url.rstrip('/')}/calls/{walk.sid}")
            return
        stop = _given(walk, given)


def _given(walk: Walk, text: str) -> Stop:
    if walk.stop.kind in ("dial", "enqueue"):
        return give(walk, outcome=_outcome(text))
    keys = text.replace(" ", "") if is_keys(text) else ""
    return give(walk, keys=keys, speech="" if keys else text)


def _outcome(text: str) -> str:
    """The first outcome that begins with these letters; nothing is no answer."""
    return next((o for o in OUTCOMES if text and o.startswith(text.lower())), "no answer")


def _tell(stop: Stop) -> None:
    for sentence in stop.says:
        typer.echo(f"  << {sentence}")


def _asked(stop: Stop) -> str | None:
    extra = f" ({', '.join(OUTCOMES)})" if stop.kind in ("dial", "enqueue") else ""
    try:
        text = input(f"[{wants(stop)}]{extra} > ").strip()
    except EOFError:
        typer.echo("")
        return None
    return None if text.lower() in ("bye", "hang up", "exit", "quit") else text
