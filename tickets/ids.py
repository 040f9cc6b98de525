"""Ticket IDs `INC-<UTC year>-<digits>` whose last digit is a Damm check digit over year and running digits."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Integer, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from models.store import Store
from models.tables import TicketCounter

# Where a session bears the numbers that were taken ahead.
NUMBERS = "ticket_numbers"

# The totally anti-symmetric quasigroup of H. Michael Damm's thesis (2004): finds all single wrong digits and swaps.
_TABLE = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
TICKET_ID = re.compile(r"INC-(\d{4})-(\d{6,})", re.IGNORECASE)


def damm(digits: str) -> int:
    """The check digit of a string of digits; 0 for a string that already ends in its check digit."""
    state = 0
    for d in digits:
        state = _TABLE[state][int(d)]
    return state


def ticket_id(year: int, running: int) -> str:
    """`INC-2026-000128` for the 12th ticket of 2026 (eight being its check digit)."""
    body = f"{running:05d}"
    return f"INC-{year:04d}-{body}{damm(f'{year:04d}{body}')}"


def well_formed(text: str) -> bool:
    """Whether this is a ticket ID whose check digit is right."""
    m = TICKET_ID.fullmatch(text)
    return bool(m) and damm(m[1] + m[2]) == 0 if m else False


class Numbers:
    """Numbers taken ahead of the transactions that use them.

    The counter is one row: a transaction that holds it keeps every other one waiting until it ends. So a worker of many
    takes as many numbers as its next tickets may need in a short transaction of its own. Numbers not used are kept for
    the next tickets; a process that ends leaves a gap.
    """

    def __init__(self) -> None:
        self._free: dict[int, deque[int]] = {}

    def take_ahead(self, store: Store, year: int, count: int) -> None:
        """Sees to it that so many numbers of the year are at hand."""
        free = self._free.setdefault(year, deque())
        lacking = count - len(free)
        if lacking > 0:
            with store.write() as session:
                last = _count_up(session, year, lacking)
            free.extend(range(last - lacking + 1, last + 1))

    def next(self, year: int) -> int | None:
        free = self._free.get(year)
        return free.popleft() if free else None


def year_of(now: datetime) -> int:
    return now.astimezone(UTC).year


def next_ticket_id(session: Session, now: datetime) -> str:
    """Takes the next number of the year, inside the caller's write transaction; one taken ahead where it holds some."""
    year = year_of(now)
    ahead: Numbers | None = session.info.get(NUMBERS)
    return ticket_id(year, (ahead and ahead.next(year)) or _count_up(session, year, 1))


def _count_up(session: Session, year: int, by: int) -> int:
    connection = session.connection()
    # The name of a parameter that is no column's: the one of a column would be taken for its value.
    last: int = connection.execute(_COUNT[connection.dialect.name], {"the_year": year, "more": by}).scalar_one()
    return last


def _counting(insert: Callable[[type[TicketCounter]], Any]) -> Any:
    more = bindparam("more", type_=Integer)
    statement = insert(TicketCounter).values(year=bindparam("the_year"), last=more)
    counted = statement.on_conflict_do_update(index_elements=["year"], set_={"last": TicketCounter.last + more})
    return counted.returning(col(TicketCounter.last))


_COUNT = {"postgresql": _counting(postgresql.insert), "sqlite": _counting(sqlite.insert)}
