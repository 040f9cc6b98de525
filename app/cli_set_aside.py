"""Commands for what is set aside: mail that could not be processed, is held, or could not be delivered."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.house import House
from app.settings import load_settings
from models.errors import UserError
from outbound.headers import safe_address
from tickets import set_aside
from tickets.set_aside import Kind

set_aside_app = typer.Typer(help="Mail that could not be processed, is held, or could not be delivered.", no_args_is_help=True)
_REF = Annotated[str, typer.Argument(help="The item, as `list` names it: c12 or m7.")]


def register(app: typer.Typer) -> None:
    app.add_typer(set_aside_app, name="setaside")


@set_aside_app.command("list")
def list_items(
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only these.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line each.")] = False,
) -> None:
    """Lists what is set aside, the newest first."""
    with House(load_settings()).store.read() as session:
        for item in set_aside.items(session, kind):
            row = item.as_row()
            typer.echo(json.dumps(row, ensure_ascii=False) if as_json else "  ".join(v for v in row.values() if v))


@set_aside_app.command("show")
def show(ref: _REF) -> None:
    """Prints why an item is set aside, and its source with control characters made visible."""
    with House(load_settings()).store.read() as session:
        item, raw = set_aside.item(session, ref)
    for name, value in item.as_row().items():
        typer.echo(f"{name}: {value}")
    typer.echo("\n" + set_aside.visible(raw))


@set_aside_app.command("export")
def export(ref: _REF, out: Annotated[Path | None, typer.Option("--out", help="Into this file.")] = None) -> None:
    """Gives the raw mail, byte by byte, to a file or to standard output."""
    with House(load_settings()).store.read() as session:
        _, raw = set_aside.item(session, ref)
    if out is None:
        sys.stdout.buffer.write(raw)
        return
    try:
        out.write_bytes(raw)
    except OSError as e:
        raise UserError(f"{out}: {e.strerror}") from e


@set_aside_app.command("retry")
def retry(
    ref: Annotated[str, typer.Argument(help="The item; none with --all.")] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="All of them (with --kind: of this kind; held ones never).")
    ] = False,
    kind: Annotated[Kind | None, typer.Option("--kind", help="With --all: only these.")] = None,
    to: Annotated[str, typer.Option("--to", help="Deliver to this address instead.")] = "",
) -> None:
    """Has a contact processed again, or a mail of ours delivered again."""
    if bool(ref) == everything:
        raise UserError("name one item, or give --all")
    house = House(load_settings())
    with house.store.write() as session:
        refs = [i.ref for i in set_aside.items(session, kind) if i.kind is not Kind.HELD] if everything else [ref]
        for one in refs:
            set_aside.retry(session, one, who=_who(), now=house.clock(), to=safe_address(to) if to else "")
    typer.echo(f"{len(refs)} under way again")


@set_aside_app.command("accept")
def accept(ref: _REF) -> None:
    """Files a held mail as a person's."""
    house = House(load_settings())
    with house.store.write() as session:
        set_aside.accept(session, ref, who=_who(), now=house.clock())
    typer.echo(f"{ref} is filed as a person's mail with the next sweep")


@set_aside_app.command("delete")
def delete(ref: _REF) -> None:
    """Deletes the words of an item for good; the audit log keeps that it was there."""
    house = House(load_settings())
    with house.store.write() as session:
        set_aside.discard(session, ref, who=_who(), now=house.clock())
    typer.echo(f"{ref} is deleted")


def _who() -> str:
    return f"command line ({getpass.getuser()})"
