"""Commands that need no server: read, hear, send."""

from __future__ import annotations

import json
import smtplib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from app.sending import send_file
from app.settings import demo_addresses, host_port, load_settings
from models.clock import utc_now
from models.directory import Directory
from models.directory_file import load_directory
from models.errors import SettingError, UserError

if TYPE_CHECKING:
    from parsers.rules import RuleSet

_DIRECTORY = Annotated[Path, typer.Option("--directory", help="directory.json with customers and services.")]
_OUT = Annotated[Path | None, typer.Option("--out", help="Write the lines here instead of to standard output.")]


def register(app: typer.Typer) -> None:
    app.command()(read)
    app.command()(hear)
    app.command()(send)


def read(
    mails: Annotated[list[Path], typer.Argument(help="Mail files (.eml).")],
    directory: _DIRECTORY,
    rules: Annotated[Path | None, typer.Option("--rules", help="Rule set file; default: the shipped one.")] = None,
    own: Annotated[list[str] | None, typer.Option("--own", help="One of the provider's own addresses.")] = None,
    out: _OUT = None,
) -> None:
    """Reads mails without server or database: one JSON line per mail. Exit 2 if a file cannot be opened."""
    # Imported here: the other commands need not wait for spaCy.
    from parsers.rules import load_rules

    known = load_directory(directory)
    rule_set = load_rules(rules) if rules else None
    failed = False
    with _target(out) as target:
        for path in mails:
            try:
                raw = path.read_bytes()
            except OSError as e:
                typer.echo(f"intake: {path}: {e.strerror}", err=True)
                failed = True
                raw = None
            target.write(json.dumps(_line(path, raw, known, rule_set, tuple(own or ())), ensure_ascii=False) + "\n")
    raise typer.Exit(2 if failed else 0)


def _line(
    path: Path, raw: bytes | None, directory: Directory, rules: RuleSet | None, own: tuple[str, ...]
) -> dict[str, object]:
    from parsers import read_mail

    if raw is None:
        # All keys are there, so that a script need not ask which line it has before it.
        empty = read_mail(b"", directory=directory, now=utc_now()).as_row()
        closed: dict[str, object] = {
            "intent": None,
            "action": "none",
            "missing": [],
            "text": "",
            "evidence": {},
            "error": "cannot be opened",
        }
        return {"id": path.stem, **empty, **closed}
    reading = read_mail(raw, directory=directory, own_addresses=own, rules=rules)
    return {"id": path.stem, **reading.as_row()}


def hear(
    calls: Annotated[Path, typer.Argument(help="JSON lines: id, asked, speech, digits, confidence, now, timezone.")],
    directory: _DIRECTORY,
    out: _OUT = None,
) -> None:
    """Turns spoken or keyed answers into values: one JSON line each; null means ask again."""
    from ivr.hear import hear_lines

    known = load_directory(directory)
    try:
        lines = calls.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise UserError(f"{calls}: cannot be read ({e})") from e
    with _target(out) as target:
        for row in hear_lines(lines, known):
            target.write(json.dumps(row, ensure_ascii=False) + "\n")


def send(
    mails: Annotated[list[Path], typer.Argument(help="Mail files (.eml).")],
    to: Annotated[str, typer.Option("--to", help="HOST:PORT of the listener; default INTAKE_SMTP_LISTEN.")] = "",
    sender: Annotated[str, typer.Option("--from", help="Envelope sender; default Return-Path or From.")] = "",
    rcpt: Annotated[str, typer.Option("--rcpt", help="Recipient; default our first own address.")] = "",
) -> None:
    """Hands files to the SMTP listener and prints one reply per file. Exit 1 if any was refused."""
    settings = load_settings()
    recipient = rcpt or next(iter(settings.addresses or demo_addresses(settings)), "")
    if not recipient:
        raise SettingError("no recipient: give --rcpt ADDRESS or set INTAKE_MAIL_ADDRESSES")
    refused = False
    for path in mails:
        try:
            ok, reply = send_file(path, host_port(to or settings.smtp_listen), sender, recipient)
        except (OSError, smtplib.SMTPException) as e:
            ok, reply = False, str(e)
        refused = refused or not ok
        typer.echo(f"{path}: {reply}")
    raise typer.Exit(1 if refused else 0)


@contextmanager
def _target(out: Path | None) -> Iterator[IO[str]]:
    if out is None:
        yield sys.stdout
        return
    try:
        with out.open("w", encoding="utf-8") as f:
            yield f
    except OSError as e:
        raise UserError(f"{out}: cannot be written ({e.strerror})") from e
