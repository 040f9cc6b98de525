"""`intake mailboxes`: how the fetched mailboxes stand."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from app.house import House
from app.settings import load_settings
from models.clock import iso
from models.mailboxes import MailboxLine, mailbox_lines

mailboxes_app = typer.Typer(help="The mailboxes that are fetched by IMAP.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(mailboxes_app, name="mailboxes")


@mailboxes_app.callback()
def _mailboxes() -> None:
    pass


@mailboxes_app.command("list")
def list_mailboxes(as_json: Annotated[bool, typer.Option("--json", help="One JSON line each.")] = False) -> None:
    """Messages on the server against messages accounted for, by state, and open alarms."""
    with House(load_settings()).store.read() as session:
        for line in mailbox_lines(session):
            row = _row(line)
            typer.echo(json.dumps(row) if as_json else "  ".join(f"{k}={v}" for k, v in row.items() if v not in ("", None)))


def _row(line: MailboxLine) -> dict[str, Any]:
    row = line.row
    return {
        "name": row.name,
        "state": row.state,
        "detail": row.detail,
        "since": iso(row.since),
        "scanned_at": iso(row.scanned_at) if row.scanned_at else None,
        "reconciled_at": iso(row.reconciled_at) if row.reconciled_at else None,
        "uidvalidity": row.uidvalidity,
        "last_uid": row.last_uid,
        "on_server": row.on_server,
        "accounted": row.accounted,
        "waiting": row.waiting,
        "unaccounted": row.unaccounted,
        "balanced": line.balanced,
        "messages": line.totals,
        "alarms": [{"kind": a.kind, "detail": a.detail, "since": iso(a.raised_at)} for a in line.alarms],
    }
