"""Commands of a ticket's life: welcome, matrix, policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.house import House
from app.settings import load_settings, need_addresses
from models.directory_store import read_directory
from models.errors import NotFoundError, UserError
from models.words import MailEvent
from outbound.context import context_of
from outbound.pdf import matrix_pdf
from outbound.render import render
from tickets.handover import issue_matrix, send_welcome, welcome_context
from tickets.policy import KINDS, current, save

policy_app = typer.Typer(help="Priority cells, targets, calendars, matrices and care, in versions.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.command()(welcome)
    app.command()(matrix)
    app.add_typer(policy_app, name="policy")


def welcome(
    service: Annotated[str, typer.Argument(help="Service ID.")],
    send: Annotated[bool, typer.Option("--send", help="Queue it to the customer's persons on file, once.")] = False,
) -> None:
    """Prints the welcome message of a service, or sends it."""
    house = House(need_addresses(load_settings()))
    directory, own = read_directory(house.store), house.settings.addresses
    if send:
        rows = send_welcome(house.store, directory, service, house.life, matrix_pdf, own=own, now=house.clock())
        typer.echo(f"{len(rows)} mails queued" if rows else "it was sent before, or nobody is on file")
        return
    with house.store.read() as session:
        context = welcome_context(session, directory, service, own)
    mail = render(MailEvent.WELCOME, context_of(context, provider=house.settings.provider_name, ticket=""))
    typer.echo(f"Subject: {mail.subject}\n\n{mail.text}", nl=False)


def matrix(
    service: Annotated[str, typer.Argument(help="Service ID.")],
    out: Annotated[Path, typer.Option("--out", help="Where the PDF goes.")],
) -> None:
    """Writes the escalation matrix of a service as PDF, as issued."""
    house = House(load_settings())
    directory, provider = read_directory(house.store), house.settings.provider_name
    pdf = issue_matrix(house.store, directory, service, matrix_pdf, provider=provider, now=house.clock())
    if pdf is None:
        raise NotFoundError(f"{service} has no escalation matrix")
    out.write_bytes(pdf)
    typer.echo(f"{out}: {len(pdf)} bytes")


@policy_app.command("list")
def policy_list() -> None:
    """One JSON line for each document in force."""
    with House(load_settings()).store.read() as session:
        for kind in KINDS:
            for d in current(session, kind):
                typer.echo(json.dumps({"kind": d.kind, "name": d.name, "version": d.version, "body": d.body}))


@policy_app.command("set")
def policy_set(
    kind: Annotated[str, typer.Argument(help=", ".join(KINDS))],
    name: Annotated[str, typer.Argument(help="Its name; `default` where there is one only.")],
    file: Annotated[Path, typer.Argument(help="JSON (docs/formats.md).")],
) -> None:
    """Puts a new version of a document in force; a bad one is refused by name and changes nothing."""
    house = House(load_settings())
    with house.store.write() as session:
        made = save(session, kind, name, _json(file), author="command line", now=house.clock())
    typer.echo(f"{kind} {name}: version {made.version}")


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise UserError(f"{file}: {e}") from e
    if not isinstance(found, dict):
        raise UserError(f"{file}: not a JSON object")
    return found
