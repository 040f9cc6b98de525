"""Commands about the data as a whole: migrate, backup, restore, purge, person, reprocess, stats."""

from __future__ import annotations

import getpass
import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import col, select

from app.backups import back_up, restore
from app.copying import copy_all
from app.house import House
from app.metrics import lines
from app.progress import Progress
from app.settings import load_settings
from models.errors import UserError
from models.store import Store, migrate, schema_state
from models.tables import Contact
from tickets.purge import Retention, erase_person, known_of, purge
from tickets.set_aside import process_again

person_app = typer.Typer(help="What is kept of one person.", no_args_is_help=True)
_ADDRESS = Annotated[str, typer.Argument(help="Mail address or telephone number, as it stands in the contact.")]
_BATCH = 200


def register(app: typer.Typer) -> None:
    app.command("migrate")(migrate_database)
    app.command("backup")(backup)
    app.command("restore")(restore_backup)
    app.command("purge")(purge_old)
    app.command("reprocess")(reprocess)
    app.command("stats")(stats)
    app.add_typer(person_app, name="person")


def migrate_database(
    source: Annotated[str, typer.Option("--from", help="Move from this database, such as sqlite:///var/intake.db.")] = "",
    target: Annotated[str, typer.Option("--to", help="Into this empty database, such as postgresql://...")] = "",
) -> None:
    """Brings the database to the schema of this version, or with --from and --to moves everything into another database."""
    if bool(source) != bool(target):
        raise UserError("--from and --to belong together: name the database to move from and the empty one to move into")
    if source:
        _move(source, target)
        return
    store = Store(load_settings().database)
    before = schema_state(store)
    if before in ("current", "newer"):
        typer.echo("nothing to do" if before == "current" else "the schema is of a newer version that this one works with")
        return
    migrate(store)
    typer.echo(f"schema was {before}, is current now")


def _move(source: str, target: str) -> None:
    if source.startswith("sqlite:///") and not Path(source.removeprefix("sqlite:///")).exists():
        raise UserError(f"--from: there is no file {source.removeprefix('sqlite:///')}")
    say = Progress()
    with closing(Store(source)) as one, closing(Store(target)) as other:
        found = copy_all(one, other, lambda table, done, whole: say(f"{table}: {done} of {whole} rows"))
    say.end()
    for table, (rows, digest) in found.items():
        typer.echo(f"{table}: {rows} rows, sha256 {digest[:16]}, the same on both sides")
    typer.echo("everything has arrived; set INTAKE_DATABASE_URL to the new database and start again")


def backup(file: Annotated[Path, typer.Argument(help="Where the backup goes; it must not exist.")]) -> None:
    """Backs up database and key while everything runs, and proves the backup by reading it back."""
    say = Progress()
    about = back_up(House(load_settings()), file, say)
    say.end()
    rows = sum(count for count, _ in about["tables"].values())
    typer.echo(f"{file}: {rows} rows of {len(about['tables'])} tables, {file.stat().st_size} bytes, read back and the same")


def restore_backup(file: Annotated[Path, typer.Argument(help="A backup of `intake backup`.")]) -> None:
    """Puts a backup into the empty database of INTAKE_DATABASE_URL."""
    settings, say = load_settings(), Progress()
    about = restore(settings.database, settings.data_dir.absolute(), file, say)
    say.end()
    typer.echo(f"restored as of {about['taken_at']}: {sum(count for count, _ in about['tables'].values())} rows, the same")


def purge_old() -> None:
    """Erases what is older than INTAKE_KEEP_RAW_DAYS and INTAKE_KEEP_TICKET_DAYS say. Ctrl-C stops it between two batches."""
    settings, say = load_settings(), Progress()
    house = House(settings)
    retention = Retention(settings.keep_raw_days, settings.keep_ticket_days)

    def goes(what: str, count: int) -> bool:
        say(f"{what}: {count} erased")
        return True

    done = purge(house.store, retention, now=house.clock(), actor=_me(), goes=goes)
    say.end()
    typer.echo(", ".join(f"{count} {what}" for what, count in done.items()) + " erased" if done else "nothing is ever erased")


@person_app.command("export")
def person_export(address: _ADDRESS) -> None:
    """Prints all that is kept of a person, one JSON line each."""
    with House(load_settings()).store.read() as session:
        for row in known_of(session, address.lower()):
            typer.echo(json.dumps(row, ensure_ascii=False, default=str))


@person_app.command("erase")
def person_erase(
    address: _ADDRESS,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erases what a person has written and what was written to them; the audit log keeps a tombstone."""
    if not yes:
        typer.confirm(f"Erase all that {address} has written, for good?", abort=True)
    house = House(load_settings())
    done = erase_person(house.store, address.lower(), now=house.clock(), actor=_me())
    typer.echo(", ".join(f"{count} {what}" for what, count in done.items()) + " erased")


def reprocess(
    contacts: Annotated[list[int] | None, typer.Argument(help="Numbers of contacts.")] = None,
    since: Annotated[str, typer.Option("--since", help="All mail that arrived since this day or instant (ISO, UTC).")] = "",
    verdict: Annotated[str, typer.Option("--verdict", help="Of these only those with this verdict.")] = "",
) -> None:
    """Has filed mail read and filed again, by the rules of today; each contact joins its ticket anew."""
    if not contacts and not since:
        raise UserError("name contacts by number, or a day with --since")
    house, say, done = House(load_settings()), Progress(), 0
    ids = list(contacts or _since(house, since, verdict))
    for n in range(0, len(ids), _BATCH):
        with house.store.write() as session:
            done += process_again(session, ids[n : n + _BATCH], who=_me(), now=house.clock())
        say(f"{done} of {len(ids)} given to the workers")
    say.end()
    typer.echo(f"{done} contacts are processed again by the workers")


def _since(house: House, since: str, verdict: str) -> list[int]:
    try:
        moment = datetime.fromisoformat(since)
    except ValueError as e:
        raise UserError(f"--since: {since!r} is no day or instant such as 2026-05-01 or 2026-05-01T08:00") from e
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    query = select(Contact.id).where(col(Contact.arrived_at) >= moment, Contact.channel == "email")
    if verdict:
        query = query.where(Contact.verdict == verdict)
    with house.store.read() as session:
        return [i for i in session.exec(query.order_by(col(Contact.id))) if i is not None]


def stats(as_json: Annotated[bool, typer.Option("--json", help="One JSON line each.")] = False) -> None:
    """Prints the figures of /metrics: processes, flow of the last 5 minutes, queues, accuracy."""
    for name, labels, value in lines(House(load_settings())):
        if name.endswith("_bucket"):
            continue
        if as_json:
            typer.echo(json.dumps({"name": name, **labels, "value": value}))
        else:
            typer.echo(f"{name} {' '.join(f'{k}={v}' for k, v in labels.items())} {value:g}".replace("  ", " "))


def _me() -> str:
    return f"command line ({getpass.getuser()})"
