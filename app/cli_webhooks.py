"""Commands for webhooks: list, add, test, switch, remove, send again."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from typing import Annotated

import typer
from sqlmodel import Session, col, select

from app.house import House
from app.settings import load_settings, need_addresses
from app.webhooks import hook_sender, hook_settings
from models.errors import UserError
from models.tables_webhooks import WebhookDelivery, WebhookEndpoint
from outbound import webhook_admin as admin
from outbound.webhook_admin import EndpointForm, wrong_fields
from outbound.webhooks import queue_test, replay
from tickets.webhook_events import HookEvent

webhooks_app = typer.Typer(help="Webhooks: other systems that are told of what happens to tickets.", no_args_is_help=True)
_EVENTS = tuple(e.value for e in HookEvent)
_NAME = Annotated[str, typer.Argument(help="Name of the webhook.")]


def register(app: typer.Typer) -> None:
    app.add_typer(webhooks_app, name="webhooks")


@webhooks_app.command("list")
def list_hooks(as_json: Annotated[bool, typer.Option("--json", help="One JSON line each.")] = False) -> None:
    """Lists the webhooks and how they stand; secrets are never shown."""
    with _house().store.read() as session:
        for row in session.exec(select(WebhookEndpoint).order_by(col(WebhookEndpoint.name))):
            state = "on" if row.active else f"off {row.why_off}".strip()
            shown = {"name": row.name, "url": row.url, "kind": row.kind, "events": row.events, "state": state}
            line = [row.name, row.url, row.kind, ", ".join(row.events) or "all", state]
            typer.echo(json.dumps(shown, ensure_ascii=False) if as_json else "  ".join(line))


@webhooks_app.command("add")
def add_hook(
    name: _NAME,
    url: Annotated[str, typer.Argument(help="https address.")],
    event: Annotated[list[str] | None, typer.Option("--event", help="Only this event; may be repeated.")] = None,
    kind: Annotated[str, typer.Option(help="standard, pagerduty, opsgenie or slack.")] = "standard",
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the receiver's key from standard input.")] = False,
) -> None:
    """Adds a webhook and prints its secret, once."""
    house = _house()
    key = typer.get_text_stream("stdin").readline().strip() if key_stdin else ""
    form = EndpointForm(name, url, event or [], kind, "", key)
    wrong = wrong_fields(form, hook_sender(house).allowed, _EVENTS, has_key=False)
    if wrong:
        raise UserError("; ".join(f"{field}: {why}" for field, why in wrong.items()))
    with house.store.write() as session:
        _, secret = admin.add(session, form, hook_settings(house).box, actor=getpass.getuser(), now=house.clock())
    typer.echo(secret)


@webhooks_app.command("test")
def test_hook(name: _NAME) -> None:
    """Queues a sample event for one webhook."""
    house = _house()
    settings = hook_settings(house)
    made = _do(house, name, lambda s, row: queue_test(s, settings, row, house.clock()).id)
    typer.echo(f"delivery {made} is queued")


@webhooks_app.command("enable")
def enable(name: _NAME) -> None:
    """Switches a webhook on."""
    _switch(name, on=True)


@webhooks_app.command("disable")
def disable(name: _NAME) -> None:
    """Switches a webhook off; what waits for it is dropped."""
    _switch(name, on=False)


@webhooks_app.command("remove")
def remove(name: _NAME) -> None:
    """Removes a webhook and the log of what was sent there."""
    house = _house()
    _do(house, name, lambda s, row: admin.remove(s, row.id or 0, actor=getpass.getuser(), now=house.clock()))


@webhooks_app.command("deliveries")
def deliveries(name: _NAME) -> None:
    """Prints the newest deliveries of a webhook as JSON lines."""
    with _house().store.read() as session:
        row = _named(session, name)
        query = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == row.id)
        for d in session.exec(query.order_by(col(WebhookDelivery.id).desc()).limit(100)):
            shown = {
                "id": d.id,
                "event": d.event_id,
                "state": d.state,
                "tries": d.tries,
                "status": d.status,
                "error": d.last_error,
            }
            typer.echo(json.dumps(shown, ensure_ascii=False))


@webhooks_app.command("replay")
def replay_delivery(delivery: Annotated[int, typer.Argument(help="Number of a delivery.")]) -> None:
    """Sends a delivery once more."""
    house = _house()
    with house.store.write() as session:
        typer.echo(f"delivery {replay(session, hook_settings(house), delivery, house.clock()).id} is queued")


def _house() -> House:
    return House(need_addresses(load_settings()))


def _switch(name: str, *, on: bool) -> None:
    house = _house()
    _do(house, name, lambda s, row: admin.switch(s, row.id or 0, on=on, actor=getpass.getuser(), now=house.clock()))


def _do(house: House, name: str, work: Callable[[Session, WebhookEndpoint], object]) -> object:
    with house.store.write() as session:
        return work(session, _named(session, name))


def _named(session: Session, name: str) -> WebhookEndpoint:
    row = session.exec(select(WebhookEndpoint).where(WebhookEndpoint.name == name)).first()
    if row is None:
        raise UserError(f"there is no webhook named {name!r}")
    return row
