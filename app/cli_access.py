"""Commands of access: users, tokens of other systems, the audit log."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import Annotated

import typer

from app.house import House
from app.settings import load_settings
from models.audit_log import verify
from models.clock import iso
from models.errors import UserError
from models.token_store import create_token, list_tokens, revoke_token, state_of
from models.words import Role

user_app = typer.Typer(help="Who may sign in to the console.", no_args_is_help=True)
token_app = typer.Typer(help="Keys of other systems for the API.", no_args_is_help=True)
audit_app = typer.Typer(help="The audit log.", no_args_is_help=True)
_ACTOR = "command line"
_NAME = Annotated[str, typer.Argument(help="Sign-in name.")]
_JSON = Annotated[bool, typer.Option("--json", help="One JSON line each.")]
_STDIN = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


class _RoleName(StrEnum):
    AGENT = Role.AGENT.value
    LEAD = Role.LEAD.value
    ADMIN = Role.ADMIN.value
    AUDITOR = Role.AUDITOR.value


_ROLE = Annotated[_RoleName, typer.Option("--role", help="What the user may do.")]


def register(app: typer.Typer) -> None:
    app.add_typer(user_app, name="user")
    app.add_typer(token_app, name="token")
    app.add_typer(audit_app, name="audit")


@user_app.command("add")
def user_add(name: _NAME, role: _ROLE, password_stdin: _STDIN = False) -> None:
    """Adds a user of the console."""
    from console.user_acts import add_user

    password, house = _password(password_stdin), House(load_settings())
    with house.store.write() as session:
        add_user(session, name, role.value, password, now=house.clock(), actor=_ACTOR)
    typer.echo(f"{name} can sign in as {role.value}")


@user_app.command("role")
def user_role(name: _NAME, role: _ROLE) -> None:
    """Gives another role; the user's sessions end."""
    from console.user_acts import set_role

    house = House(load_settings())
    with house.store.write() as session:
        set_role(session, name, role.value, now=house.clock(), actor=_ACTOR)
    typer.echo(f"{name} is {role.value} now")


@user_app.command("passwd")
def user_passwd(name: _NAME, password_stdin: _STDIN = False) -> None:
    """Sets a password; the user's sessions end."""
    from console.user_acts import set_password

    password, house = _password(password_stdin), House(load_settings())
    with house.store.write() as session:
        set_password(session, name, password, now=house.clock(), actor=_ACTOR)
    typer.echo(f"{name} has a new password")


@user_app.command("lock")
def user_lock(name: _NAME) -> None:
    """Locks a user; sessions and tokens end."""
    from console.user_acts import lock

    house = House(load_settings())
    with house.store.write() as session:
        lock(session, name, now=house.clock(), actor=_ACTOR)
    typer.echo(f"{name} is locked")


@user_app.command("unlock")
def user_unlock(name: _NAME) -> None:
    """Lets a user in again, also after wrong passwords."""
    from console.user_acts import unlock

    house = House(load_settings())
    with house.store.write() as session:
        unlock(session, name, now=house.clock(), actor=_ACTOR)
    typer.echo(f"{name} can sign in again")


@user_app.command("list")
def user_list(as_json: _JSON = False) -> None:
    """Lists the users."""
    from console.user_acts import list_users

    with House(load_settings()).store.read() as session:
        for u in list_users(session):
            row = {"name": u.name, "role": u.role, "locked": u.disabled, "by": "sign-in service" if u.subject else "password"}
            typer.echo(json.dumps(row) if as_json else f"{u.name}  {u.role}{'  LOCKED' if u.disabled else ''}")


@token_app.command("add")
def token_add(
    name: Annotated[str, typer.Argument(help="What to call it, such as monitoring-1.")],
    scope: Annotated[list[str], typer.Option("--scope", help="What it may do, such as tickets:read; again for each.")],
    days: Annotated[int, typer.Option("--days", help="Days until it expires.")] = 90,
    customer: Annotated[str, typer.Option("--customer", help="Bind it to this customer's data.")] = "",
    per_minute: Annotated[int, typer.Option("--per-minute", help="Requests a minute; default INTAKE_API_PER_MINUTE.")] = 0,
) -> None:
    """Makes a token and prints it, this once."""
    house = House(load_settings())
    with house.store.write() as session:
        made = create_token(
            session, name, scope, days=days, now=house.clock(), actor=_ACTOR, customer=customer, per_minute=per_minute
        )
    typer.echo(made.secret)


@token_app.command("list")
def token_list(as_json: _JSON = False) -> None:
    """Lists the tokens, never their secrets."""
    house = House(load_settings())
    with house.store.read() as session:
        for t in list_tokens(session):
            row = {
                "id": t.id, "name": t.name, "scopes": t.scopes, "owner": t.owner, "customer": t.customer_id,
                "state": state_of(t, house.clock()), "expires_at": iso(t.expires_at),
                "last_used_at": iso(t.last_used_at) if t.last_used_at else None,
            }  # fmt: skip
            typer.echo(json.dumps(row) if as_json else f"{t.id}  {t.name}  {row['state']}  {', '.join(t.scopes)}")


@token_app.command("revoke")
def token_revoke(which: Annotated[str, typer.Argument(help="ID or name.")]) -> None:
    """Ends a token at once."""
    house = House(load_settings())
    with house.store.write() as session:
        row = revoke_token(session, which, now=house.clock(), actor=_ACTOR)
    typer.echo(f"{row.name} is revoked")


@audit_app.command("verify")
def audit_verify(
    head: Annotated[str, typer.Option("--head", help="A head printed before (SEQ:HASH) that must lie on the chain.")] = "",
) -> None:
    """Checks the chain of the audit log; exit 1 names the first broken row."""
    with House(load_settings()).store.read() as session:
        found = verify(session, known_head=head)
    if not found.whole:
        typer.echo(f"BROKEN at row {found.broken}: {found.why}")
        raise typer.Exit(1)
    typer.echo(f"whole: {found.rows} rows, head {found.rows}:{found.head}")


def _password(from_stdin: bool) -> str:
    password: str = sys.stdin.readline().rstrip("\n") if from_stdin else typer.prompt("Password", hide_input=True)
    if not password:
        raise UserError("no password was given")
    return password
