"""A bound on how long a page's questions may take, so that one odd combination of filters holds up nobody else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from models.clock import monotonic
from models.errors import OwnError

# How many of SQLite's steps lie between two looks at the clock: about a millisecond.
_STEPS = 20_000


class TooLong(OwnError):
    """The question took too long and was given up."""


@contextmanager
def limited(session: Session, seconds: float) -> Iterator[None]:
    """Raises TooLong when what this session asks inside takes longer than that altogether (SQLite) or each (PostgreSQL)."""
    driver = session.connection().connection.driver_connection
    lite = driver if isinstance(driver, sqlite3.Connection) else None
    if lite:
        end = monotonic() + seconds
        lite.set_progress_handler(lambda: monotonic() > end, _STEPS)
    else:
        session.connection().exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
    try:
        yield
    except OperationalError as e:
        # SQLite says "interrupted", PostgreSQL 57014 (query_canceled).
        if "interrupted" in str(e.orig) or getattr(e.orig, "sqlstate", "") == "57014":
            session.rollback()
            raise TooLong(f"it took longer than {seconds:g} s") from e
        raise
    finally:
        if lite:
            lite.set_progress_handler(None, 0)
        else:
            _lift(session)


def _lift(session: Session) -> None:
    try:
        session.connection().exec_driver_sql("SET LOCAL statement_timeout = 0")
    except DBAPIError:  # the transaction has failed already, and with it the limit is gone
        session.rollback()
