"""Statements that are made once and asked often: to put one together costs more than to ask it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Executable, Row, bindparam
from sqlmodel import Session

__all__ = ["Rows", "ask", "bindparam", "many"]
Rows = list[Row[Any]]


def many(name: str) -> BindParameter[Any]:
    """A parameter that stands for any number of values, for `in_`."""
    return bindparam(name, expanding=True)


def ask(session: Session, statement: Executable, **values: Any) -> Rows:
    """The rows of a statement on columns, as `session.exec` gives them, without the ORM's way to them."""
    if session.autoflush:
        session.flush()
    return list(session.connection().execute(statement, values))
