"""The command line `intake`; errors of the caller are one line on stderr and exit 1 or 2, never a traceback."""

from __future__ import annotations

import logging
import sys

import structlog
import typer

from app import cli_admin, cli_lists, cli_read, cli_rules, cli_run
from models.errors import IntakeError

app = typer.Typer(
    help="Intake of fault reports: mail in, ticket and English answer out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli_run.register(app)
cli_read.register(app)
cli_lists.register(app)
cli_admin.register(app)
cli_rules.register(app)


def main() -> None:
    """Runs the command line; what the caller did wrong is told in one line."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        app()
    except IntakeError as e:
        typer.echo(f"intake: {e}", err=True)
        sys.exit(1)
