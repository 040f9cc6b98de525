"""Commands for rule sets: list, export, import, activate, rollback, try, backtest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlmodel import col, select

from app import backtest as tests
from app.house import House
from app.settings import load_settings
from models.clock import iso
from models.directory_file import load_directory
from models.errors import RuleError
from models.rule_store import activate, active_rules, find_rules, keep_rules, roll_back
from models.tables import RuleSetRecord

if TYPE_CHECKING:
    from parsers.rules import RuleSet

rules_app = typer.Typer(help="The rule sets by which mails are read.", no_args_is_help=True)
_WHICH = Annotated[str, typer.Argument(help="Number or digest; 'shipped' is the set that comes with the product.")]
_ACTOR = "command line"


def register(app: typer.Typer) -> None:
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
    from parsers.rules import DEFAULT_FILE

    if which == "shipped":
        typer.echo(DEFAULT_FILE.read_text(encoding="utf-8"), nl=False)
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
def activate_rules(which: _WHICH) -> None:
    """Puts a set in force; workers take it up with their next mail."""
    house = House(load_settings())
    with house.store.write() as session:
        row = None if which == "shipped" else find_rules(session, which)
        activate(session, row, actor=_ACTOR, now=house.clock())
    typer.echo(f"{which} is in force")


@rules_app.command("rollback")
def rollback() -> None:
    """Puts the set in force that was active before the last change."""
    house = House(load_settings())
    with house.store.write() as session:
        row = roll_back(session, actor=_ACTOR, now=house.clock())
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


@rules_app.command("backtest")
def backtest(
    corpus: Annotated[Path, typer.Argument(help="Folder with directory.json, gold.jsonl and mails/.")],
    rules: Annotated[Path | None, typer.Option("--rules", help="Rule set file; default: the set in force.")] = None,
    against: Annotated[Path | None, typer.Option("--against", help="Another rule set file: show what differs.")] = None,
    own: Annotated[list[str] | None, typer.Option("--own", help="One of the provider's own addresses.")] = None,
) -> None:
    """Reads a labelled corpus: per field correct, wrong, missed, precision, recall, F1, and what another set changes."""
    loaded = tests.load_corpus(corpus)
    addresses = tuple(own or ())
    first = checked(rules) if rules else in_force()
    read = _with_progress(loaded, first, addresses, "reading")
    typer.echo(f"{'field':18} {'correct':>8} {'wrong':>6} {'missed':>7} {'prec':>7} {'rec':>7} {'F1':>7}  not right in")
    for name, t in tests.judge(loaded, read).items():
        figures = f"{100 * t.precision:7.1f} {100 * t.recall:7.1f} {100 * t.f1:7.1f}"
        typer.echo(f"{name:18} {t.correct:8} {t.wrong:6} {t.missed:7} {figures}  {' '.join(t.cases[:12])}")
    if against:
        other = _with_progress(loaded, checked(against), addresses, "reading with the other set")
        for mail, key, before, after in tests.changes(read, other):
            typer.echo(f"{mail} {key}: {before} -> {after}")


def _with_progress(
    loaded: tests.Corpus, rules: RuleSet | None, own: tuple[str, ...], label: str
) -> dict[str, dict[str, object]]:
    with typer.progressbar(length=len(loaded.mails), label=label, file=typer.get_text_stream("stderr")) as bar:
        return tests.read_all(loaded, rules, own, lambda: bar.update(1))


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
    from parsers.rules import Lexicon, load_rules

    rules = load_rules(file)
    for rule in rules.rules:
        if rule.kind != "lexicon":
            continue
        compiled = Lexicon(rule.values)
        for want, examples in ((True, rule.hit), (False, rule.miss)):
            for text in examples:
                if compiled.found(text) is not want:
                    word = "does not match" if want else "matches"
                    raise RuleError(f"{file.name}: rule {rule.id!r} {word} its own example {text!r}")
    return rules
