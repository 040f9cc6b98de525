"""The command line `intake`; errors of the caller are one line on stderr and exit 1 or 2, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import typer
from sqlalchemy.exc import OperationalError

from app.logs import configure
from models.errors import IntakeError

# Which module has which commands, in the order of the help: a command need not wait for the parts of the others.
PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cli_run", ("serve", "worker", "pbx")),
    ("cli_read", ("read", "hear", "send")),
    ("cli_lists", ("contacts", "tickets", "outbox")),
    ("cli_admin", ("directory", "doctor")),
    ("cli_access", ("user", "token", "audit")),
    ("cli_data", ("migrate", "backup", "restore", "purge", "reprocess", "stats", "person")),
    ("cli_rules", ("rules",)),
    ("cli_life", ("welcome", "matrix", "policy")),
    ("cli_set_aside", ("setaside",)),
    ("cli_mailboxes", ("mailboxes",)),
    ("cli_webhooks", ("webhooks",)),
    ("cli_call", ("call",)),
)


def command_line(words: Sequence[str]) -> typer.Typer:
    """The command line for these words: the one command they name, or all where they name none."""
    app = typer.Typer(
        help="Intake of fault reports: mail in, ticket and English answer out.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    # With it a command that stands alone is still called by its name.
    app.callback()(_intake)
    named = [module for module, commands in PARTS if words and words[0] in commands]
    for module in named or [module for module, _ in PARTS]:
        import_module(f"app.{module}").register(app)
    return app


def _intake() -> None:
    """Intake of fault reports: mail in, ticket and English answer out."""


def main() -> None:
    """Runs the command line; what the caller did wrong is told in one line."""
    configure()
    try:
        command_line(sys.argv[1:])()
    except OperationalError as e:
        typer.echo(f"intake: INTAKE_DATABASE_URL: the database does not answer: {str(e.orig).splitlines()[0]}", err=True)
        sys.exit(1)
    except IntakeError as e:
        typer.echo(f"intake: {e}", err=True)
        sys.exit(1)
