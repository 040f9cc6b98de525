"""Commands of the operator: directory, user, migrate, doctor."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.checks import Check, readiness
from app.house import House, secret_key
from app.settings import Settings, host_port, load_settings, need_addresses
from models.directory_file import dump_directory, load_directory
from models.directory_store import import_directory, read_directory
from models.errors import IntakeError, UserError
from models.store import Store, migrate, schema_state
from models.words import Role

directory_app = typer.Typer(help="The directory of customers and services.", no_args_is_help=True)
user_app = typer.Typer(help="Who may sign in to the console.", no_args_is_help=True)
_MIN_PASSWORD = 10


class _RoleName(StrEnum):
    AGENT = Role.AGENT.value
    LEAD = Role.LEAD.value
    ADMIN = Role.ADMIN.value
    AUDITOR = Role.AUDITOR.value


def register(app: typer.Typer) -> None:
    app.add_typer(directory_app, name="directory")
    app.add_typer(user_app, name="user")
    app.command("migrate")(migrate_schema)
    app.command()(doctor)


@directory_app.command("import")
def directory_import(
    file: Annotated[Path, typer.Argument(help="directory.json (docs/formats.md).")],
    replace: Annotated[bool, typer.Option("--replace", help="Remove what the file does not have.")] = False,
) -> None:
    """Merges a directory file by ID, whole or not at all."""
    done = import_directory(House(load_settings()).store, load_directory(file), replace=replace)
    typer.echo(f"{done.added} added, {done.changed} changed, {done.removed} removed, {done.unchanged} as before")


@directory_app.command("export")
def directory_export() -> None:
    """Prints the directory as JSON."""
    typer.echo(dump_directory(read_directory(House(load_settings()).store)))


@user_app.callback()
def _user() -> None:
    pass


@user_app.command("add")
def user_add(
    name: Annotated[str, typer.Argument(help="Sign-in name.")],
    role: Annotated[_RoleName, typer.Option("--role", help="What the user may do.")],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")] = False,
) -> None:
    """Adds a user of the console."""
    from console.auth import create_user

    password = sys.stdin.readline().rstrip("\n") if password_stdin else typer.prompt("Password", hide_input=True)
    if len(password) < _MIN_PASSWORD:
        raise UserError(f"the password has {len(password)} characters; at least {_MIN_PASSWORD} are needed")
    with House(load_settings()).store.write() as session:
        create_user(session, name, role.value, password)
    typer.echo(f"{name} can sign in as {role.value}")


def migrate_schema() -> None:
    """Brings the database to the schema of this version."""
    store = Store(load_settings().database)
    before = schema_state(store)
    migrate(store)
    typer.echo("nothing to do" if before == "current" else f"schema was {before}, is current now")


def doctor(as_json: Annotated[bool, typer.Option("--json", help="One JSON line per check.")] = False) -> None:
    """Checks every setting by using it. Exit 1 if anything is wrong."""
    settings = need_addresses(load_settings())
    bad = False
    for name, check in _checks(settings):
        try:
            ok, detail = check()
        except (IntakeError, OSError) as e:
            ok, detail = False, str(e)
        bad = bad or not ok
        if as_json:
            typer.echo(json.dumps({"check": name, "ok": ok, "detail": detail}))
        else:
            typer.echo(f"{'ok ' if ok else 'BAD'} {name}: {detail}")
    raise typer.Exit(1 if bad else 0)


def _checks(settings: Settings) -> Iterator[tuple[str, Check]]:
    house = House(settings)
    yield "INTAKE_DATA_DIR", lambda: (len(secret_key(settings)) >= 16, f"{settings.data_dir.absolute()} is writable")
    yield from readiness(house, None).items()
    yield "INTAKE_QUEUE_URL", lambda: _queue(settings)
    yield "INTAKE_SMTP_LISTEN", lambda: _answers(settings.smtp_listen)
    yield "INTAKE_HTTP_LISTEN", lambda: _answers(settings.http_listen)
    if settings.smarthost_url:
        yield "INTAKE_SMARTHOST_URL", lambda: _smarthost(settings)


def _queue(settings: Settings) -> tuple[bool, str]:
    from app.engine import open_queue

    return True, f"{open_queue(settings.queue).pending_count()} hints wait"


def _answers(address: str) -> tuple[bool, str]:
    with socket.create_connection(host_port(address), timeout=5):
        return True, f"{address} answers"


def _smarthost(settings: Settings) -> tuple[bool, str]:
    from outbound.smarthost import parse_url

    url = parse_url(settings.smarthost_url)
    with socket.create_connection((url.host, url.port), timeout=10):
        return True, f"{url.host}:{url.port} answers"
