"""Commands for rule sets: list, export, import, activate, rollback, try."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlmodel import col, select

from app import backtest as tests
from app.cli_backtest import backtest, calibrate
from app.cli_replay import ACTOR, replay_rules
from app.house import House
from app.settings import load_settings
from models.clock import iso
from models.directory_file import load_directory
from models.errors import RuleError
from models.replay_store import objection
from models.rule_store import activate, active_rules, find_rules, keep_rules, roll_back
from models.tables import RuleSetRecord

if TYPE_CHECKING:
    from parsers.rules import RuleSet

rules_app = typer.Typer(help="The rule sets by which mails are read.", no_args_is_help=True)
_WHICH = Annotated[str, typer.Argument(help="Number or digest; 'shipped' is the set that comes with the product.")]


def register(app: typer.Typer) -> None:
    rules_app.command("backtest")(backtest)
    rules_app.command("calibrate")(calibrate)
    rules_app.command("replay")(replay_rules)
    app.add_typer(rules_app, name="rules")


@rules_app.command("list")
def list_rules(as_json: Annotated[bool, typer.Option("--json", help="One JSON line each.")] = False) -> None:
    """Lists the sets in the database; without an active one the shipped set is in force."""
    with House(load_settings()).store.read() as session:
        rows = session.exec(select(RuleSetRecord).order_by(col(RuleSetRecord.id))).all()
    for r in rows:
        row = {"id": r.id, "digest": r.digest, "name": r.name, "active": r.active, "created_at": iso(r.created_at)}
        typer.echo(json.dumps(row) if as_json else f"{r.id}  {r.digest}  {'ACTIVE' if r.active else '      '}  {r.name}")
    if not any(r.active for r in rows) and not as_json:
        typer.echo("the shipped rule set is in force")


@rules_app.command("export")
def export_rules(which: _WHICH = "shipped") -> None:
    """Prints a rule set as the JSON that `import` takes."""
    from parsers.rules import shipped_text

    if which == "shipped":
        typer.echo(shipped_text(), nl=False)
        return
    with House(load_settings()).store.read() as session:
        typer.echo(find_rules(session, which).body["text"], nl=False)


@rules_app.command("import")
def import_rules(
    file: Annotated[Path, typer.Argument(help="Rule set file.")],
    name: Annotated[str, typer.Option("--name", help="What to call it; default the file's name.")] = "",
) -> None:
    """Checks a rule set whole and keeps it; a bad rule names itself and nothing is kept."""
    checked(file)
    house = House(load_settings())
    with house.store.write() as session:
        row = keep_rules(session, name or file.stem, file.read_text(encoding="utf-8-sig"), house.clock())
        typer.echo(f"rule set {row.id} ({row.digest}); `intake rules activate {row.id}` puts it in force")


@rules_app.command("activate")
def activate_rules(
    which: _WHICH,
    reason: Annotated[str, typer.Option("--reason", help="Why; it puts a set in force that no replay speaks for.")] = "",
) -> None:
    """Puts a set in force whose examples pass and of which a replay was done; workers take it up with their next mail."""
    from parsers.rules import parse_rules

    house, reason = House(load_settings()), reason.strip()
    if which != "shipped":
        with house.store.read() as session:
            text = str(find_rules(session, which).body["text"])
        parse_rules(text, f"rule set {which}")
    with house.store.write() as session:
        row = None if which == "shipped" else find_rules(session, which)
        despite = objection(session, row.digest) if row else ""
        if despite and not reason:
            raise RuleError(f"{despite}; `intake rules replay {which}` does one, or say why it is to be in force: --reason WHY")
        activate(session, row, actor=ACTOR, now=house.clock(), reason=reason, despite=despite)
    typer.echo(f"{which} is in force")


@rules_app.command("rollback")
def rollback() -> None:
    """Puts the set in force that was active before the last change."""
    house = House(load_settings())
    with house.store.write() as session:
        row = roll_back(session, actor=ACTOR, now=house.clock())
        typer.echo(f"{row.id if row else 'shipped'} is in force")


@rules_app.command("try")
def try_rules(
    file: Annotated[Path, typer.Argument(help="Rule set file.")],
    mail: Annotated[Path, typer.Argument(help="Mail file (.eml).")],
    directory: Annotated[Path, typer.Option("--directory", help="directory.json.")],
) -> None:
    """Reads one mail with the set in force and with the file, and prints what differs."""
    from parsers import read_mail

    known, raw = load_directory(directory), mail.read_bytes()
    rows = [{mail.stem: read_mail(raw, directory=known, rules=r).as_row()} for r in (in_force(), checked(file))]
    found = list(tests.changes(*rows))
    for _name, key, before, after in found:
        typer.echo(f"{key}: {before} -> {after}")
    if not found:
        typer.echo("no difference")


def in_force() -> RuleSet | None:
    """The active rule set of the database, or None for the shipped one; no database is made for the question."""
    from parsers.rules import parse_rules

    settings = load_settings()
    if settings.database.startswith("sqlite") and not Path(settings.database.removeprefix("sqlite:///")).exists():
        return None
    with House(settings).store.read() as session:
        active = active_rules(session)
    return parse_rules(active.text, "active rule set") if active.text else None


def checked(file: Path) -> RuleSet:
    """The file as a rule set whose own examples pass. Raises RuleError naming the rule."""
    from parsers.rules import load_rules

    return load_rules(file)
