"""Ticket IDs `INC-<UTC year>-<digits>` whose last digit is a Damm check digit over year and running digits."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlmodel import Session

from models.tables import TicketCounter

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


def next_ticket_id(session: Session, now: datetime) -> str:
    """Takes the next number of the year, inside the caller's write transaction."""
    year = now.astimezone(UTC).year
    counter = session.get(TicketCounter, year, with_for_update=True)
    if counter is None:
        counter = TicketCounter(year=year, last=0)
    counter.last += 1
    session.add(counter)
    return ticket_id(year, counter.last)
