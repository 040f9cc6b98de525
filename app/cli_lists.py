"""Commands that list what stands in the database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

import typer
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from app.house import House
from app.settings import load_settings
from models.clock import iso
from models.tables import Contact, Outbox, Ticket

_JSON = Annotated[bool, typer.Option("--json", help="One JSON line each.")]


def register(app: typer.Typer) -> None:
    for name, rows in LISTS.items():
        group = typer.Typer(help=f"The {name} in the database.", no_args_is_help=True)
        group.callback()(_group)
        group.command("list", help=f"Lists all {name}, the oldest first.")(_lister(rows))
        app.add_typer(group, name=name)


def _group() -> None:
    pass


def _lister(rows: Any) -> Any:
    def list_rows(as_json: _JSON = False) -> None:
        with House(load_settings()).store.read() as session:
            for row in rows(session):
                typer.echo(json.dumps(row, ensure_ascii=False) if as_json else "  ".join(str(v) for v in row.values() if v))

    return list_rows


def _contacts(session: Session) -> Iterator[dict[str, Any]]:
    for r in session.exec(select(Contact).options(defer(Contact.raw)).order_by(col(Contact.id))):  # type: ignore[arg-type]
        yield {
            "id": r.id,
            "message_id": r.message_id,
            "state": r.state,
            "verdict": r.verdict,
            "reason": r.reason,
            "ticket": r.ticket_id,
            "envelope": {"from": r.envelope_from, "to": r.envelope_to},
            "error": r.last_error,
            "arrived_at": iso(r.arrived_at),
            "repeats": r.repeats,
            "from": r.from_address,
        }


def _tickets(session: Session) -> Iterator[dict[str, Any]]:
    for t in session.exec(select(Ticket).order_by(col(Ticket.opened_at))):
        yield {
            "id": t.id,
            "state": t.state,
            "priority": t.priority,
            "impact": t.impact,
            "company": t.company,
            "requester": t.requester,
            "missing": t.missing,
            "review": t.review,
            "reasons": t.review_reasons,
            "report": t.report,
            "opened_at": iso(t.opened_at),
        }


def _outbox(session: Session) -> Iterator[dict[str, Any]]:
    for o in session.exec(select(Outbox).order_by(col(Outbox.id))):
        yield {
            "id": o.id,
            "message_id": o.message_id,
            "state": o.state,
            "event": o.event,
            "ticket": o.ticket_id,
            "contact": o.contact_id,
            "envelope": {"from": o.envelope_from, "to": o.to_address},
            "subject": o.subject,
            "tries": o.tries,
            "error": o.last_error,
            "due_at": iso(o.due_at),
        }


LISTS: Mapping[str, Callable[[Session], Iterator[dict[str, Any]]]] = {
    "contacts": _contacts,
    "tickets": _tickets,
    "outbox": _outbox,
}
