"""Whether there is anything to do, asked at a fortieth of a session's cost: for loops that look often and in vain."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, exists, or_
from sqlmodel import select

from models.store import Store


class Glance:
    """A question about rows that exist; its statement is put into words once, and asked without the layers above the driver."""

    def __init__(self, *any_of: Select[Any]) -> None:
        self._asked: Any = select(or_(*(exists(s) for s in any_of)))
        self._words: dict[str, str] = {}

    def __call__(self, store: Store) -> bool:
        """Whether one of the selects finds a row."""
        words = self._words.get(store.engine.dialect.name) or self._put(store)
        connection = store.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(words)
            found: Any = cursor.fetchone()
            cursor.close()
        finally:
            connection.close()
        return bool(found[0])

    def _put(self, store: Store) -> str:
        compiled = self._asked.compile(store.engine, compile_kwargs={"literal_binds": True})
        return self._words.setdefault(store.engine.dialect.name, str(compiled))
