"""Commands of the operator: directory, doctor."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace as replace_in
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from sqlalchemy.exc import DBAPIError

from app.checks import Check, readiness
from app.house import House, secret_key
from app.mailboxes import configured, probe
from app.oidc import oidc_settings
from app.settings import Settings, host_port, load_settings, need_addresses
from intake.smtp_tls import Certificate
from models.audit_log import verify
from models.directory import Directory
from models.directory_csv import parse_csv
from models.directory_file import dump_directory, load_directory
from models.directory_plan import plan
from models.directory_store import import_directory, read_directory
from models.errors import DirectoryFileError, IntakeError, UserError
from models.schema_whole import lacking
from outbound.smarthost import SmarthostPool
from panel.tokens import parse_keys
from tickets.policy import load_policy, save_matrices

# From so many rows on they are written in portions, with progress.
_BIG = 5000
directory_app = typer.Typer(help="The directory of customers and services.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(directory_app, name="directory")
    app.command()(doctor)


_REPLACE = Annotated[bool, typer.Option("--replace", help="Remove what it does not have.")]
_DRY = Annotated[bool, typer.Option("--dry-run", help="Print what would change, and change nothing.")]


@directory_app.command("import")
def directory_import(
    file: Annotated[Path, typer.Argument(help="directory.json, or .csv (docs/formats.md).")],
    replace: _REPLACE = False,
    dry_run: _DRY = False,
) -> None:
    """Merges a directory file by ID, whole or not at all."""
    house = House(load_settings())
    new = _csv(file, house) if file.suffix.lower() == ".csv" else load_directory(file)
    _import(house, new, replace=replace, dry_run=dry_run)


@directory_app.command("netbox")
def directory_netbox(
    url: Annotated[str, typer.Argument(help="Address of NetBox; default INTAKE_NETBOX_URL.")] = "",
    replace: _REPLACE = False,
    dry_run: _DRY = False,
) -> None:
    """Merges the tenants and circuits of a NetBox; the token is INTAKE_NETBOX_TOKEN."""
    from app.netbox import fetch_netbox

    house = House(load_settings())
    address = url or house.settings.netbox_url
    if not address or not house.settings.netbox_token:
        raise UserError("INTAKE_NETBOX_URL and INTAKE_NETBOX_TOKEN: give an address and set a token that may read")
    _import(house, fetch_netbox(address, house.settings.netbox_token), replace=replace, dry_run=dry_run)


def _csv(file: Path, house: House) -> Directory:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise DirectoryFileError(f"{file}: cannot be read ({e})") from e
    return parse_csv(text, file.name, read_directory(house.store))


def _import(house: House, new: Directory, *, replace: bool, dry_run: bool) -> None:
    found = plan(read_directory(house.store), new, replace=replace)
    for warning in found["warnings"]:
        typer.echo(f"look: {warning}", err=True)
    if dry_run:
        _tell(found)
        return
    rows = found["added"] + found["changed"]
    err = typer.get_text_stream("stderr")
    with typer.progressbar(length=rows, label="writing", file=err) as bar:
        done = import_directory(
            house.store, new, replace=replace, progress=(lambda n, _of: bar.update(n)) if rows > _BIG else None
        )
    typer.echo(f"{done.added} added, {done.changed} changed, {done.removed} removed, {done.unchanged} as before")
    if found["vanished"] and not replace:
        typer.echo(
            f"{found['vanished']} on file are not in it; --replace removes them: {', '.join(found['gone'][:10])}", err=True
        )
    if new.matrices:
        directory = read_directory(house.store)
        with house.store.write() as session:
            count = save_matrices(session, new.matrices, directory, author="import", now=house.clock())
        typer.echo(f"{count} escalation matrices new or changed, {len(new.matrices) - count} as before")


def _tell(found: dict[str, Any]) -> None:
    for what in found["new"]:
        typer.echo(f"new: {what}")
    for what, part, old, new in found["changes"]:
        typer.echo(f"changed: {what} {part}: {old} -> {new}")
    for what in found["gone"]:
        typer.echo(f"{'removed' if found['removes'] else 'not in it'}: {what}")
    typer.echo(
        f"{found['added']} new, {found['changed']} changed, {found['vanished']} not in it, {found['unchanged']} as before"
    )


@directory_app.command("export")
def directory_export() -> None:
    """Prints the directory as JSON."""
    store = House(load_settings()).store
    with store.read() as session:
        matrices = tuple(m.row for m in load_policy(session).matrices)
    typer.echo(dump_directory(replace_in(read_directory(store), matrices=matrices)))


def doctor(as_json: Annotated[bool, typer.Option("--json", help="One JSON line per check.")] = False) -> None:
    """Checks every setting by using it. Exit 1 if anything is wrong."""
    settings = need_addresses(load_settings())
    bad = False
    for name, check in _checks(settings):
        try:
            ok, detail = check()
        except (IntakeError, OSError) as e:
            ok, detail = False, str(e)
        except DBAPIError as e:
            ok, detail = False, f"the database says: {str(e.orig).splitlines()[0]}"
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
    yield "schema", lambda: _schema(house)
    yield "audit log", lambda: _audit(house)
    if settings.oidc_issuer:
        yield "INTAKE_OIDC_ISSUER", lambda: _oidc(settings)
    yield "INTAKE_QUEUE_URL", lambda: _queue(settings)
    yield "INTAKE_SMTP_LISTEN", lambda: _answers(settings.smtp_listen)
    yield "INTAKE_HTTP_LISTEN", lambda: _answers(settings.http_listen)
    for mailbox in configured(house):
        yield f"mailbox {mailbox.name}", partial(probe, house, mailbox)
    if settings.panel_token_keys:
        yield "INTAKE_PANEL_TOKEN_KEYS", lambda: _panel_keys(settings)
    if settings.smarthost_url:
        yield "INTAKE_SMARTHOST_URL", lambda: _smarthost(house)
    if settings.twilio_account_sid or settings.twilio_auth_tokens:
        yield "INTAKE_TWILIO_AUTH_TOKENS", lambda: _phone(settings)
    if settings.smtp_tls_cert:
        yield "INTAKE_SMTP_TLS_CERT", lambda: _tls(settings)
    if settings.otlp_url:
        yield "INTAKE_OTLP_URL", lambda: _reached(settings.otlp_url)
    if settings.dkim_key_file:
        yield "INTAKE_DKIM_KEY_FILE", lambda: _dkim(house)


def _panel_keys(settings: Settings) -> tuple[bool, str]:
    keys = parse_keys(settings.panel_token_keys)
    return bool(keys), f"keys {', '.join(keys)} sign people in to {settings.public_url.rstrip('/')}/panel"


def _queue(settings: Settings) -> tuple[bool, str]:
    from app.hints import open_queue

    return True, f"{open_queue(settings.queue).pending_count()} hints wait"


def _phone(settings: Settings) -> tuple[bool, str]:
    from app.phone import try_account

    return try_account(settings)


def _schema(house: House) -> tuple[bool, str]:
    lacks = lacking(house.store)
    some = ", ".join(lacks[:5]) + (f" and {len(lacks) - 5} more" if len(lacks) > 5 else "")
    return not lacks, f"a migration or restore was cut off: there is no {some}; restore a backup" if lacks else "whole"


def _audit(house: House) -> tuple[bool, str]:
    with house.store.read() as session:
        found = verify(session)
    return found.whole, f"chain of {found.rows} rows is whole" if found.whole else f"row {found.broken}: {found.why}"


def _oidc(settings: Settings) -> tuple[bool, str]:
    from console.oidc_client import OidcClient, OidcError

    found = oidc_settings(settings)
    assert found
    try:
        OidcClient(found).leave_for("doctor", "doctor", "d" * 43)
    except OidcError as e:
        return False, str(e)
    return True, f"{found.issuer} answers; it must know {found.redirect_uri}"


def _answers(address: str) -> tuple[bool, str]:
    with socket.create_connection(host_port(address), timeout=5):
        return True, f"{address} answers"


def _tls(settings: Settings) -> tuple[bool, str]:
    Certificate(settings.smtp_tls_cert, settings.smtp_tls_key)
    return True, f"{settings.smtp_tls_cert} and its key fit together"


def _reached(url: str) -> tuple[bool, str]:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with socket.create_connection((parts.hostname or "", port), timeout=5):
        return True, f"{parts.hostname}:{port} answers"


def _smarthost(house: House) -> tuple[bool, str]:
    sender = house.sender
    assert isinstance(sender, SmarthostPool)
    found = sender.check()
    return not any(wrong for _, wrong in found), "; ".join(f"{host}: {wrong or 'signed in and ready'}" for host, wrong in found)


def _dkim(house: House) -> tuple[bool, str]:
    s, mine = house.settings, house.settings.sender.rpartition("@")[2]
    house.composing.sign(f"From: {s.sender}\r\n\r\n".encode())
    domain = s.dkim_domain or mine
    aligned = mine == domain or mine.endswith("." + domain)
    name = f"{s.dkim_selector}._domainkey.{domain}"
    return aligned, f"signs for {domain}; its record is {name}" + ("" if aligned else f", but our mail comes from {mine}")
