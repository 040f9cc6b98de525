"""Work that one of many machines does once an hour."""

from __future__ import annotations

from datetime import datetime

from models.clock import iso
from models.store import Store
from models.tables import Meta


def first_in_hour(store: Store, job: str, *, now: datetime) -> bool:
    """Whether this caller is the first in this hour; the others are told no."""
    hour, name = iso(now)[:13], f"hourly:{job}"
    with store.read() as session:
        row = session.get(Meta, name)
        if row and row.value >= hour:
            return False
    with store.write() as session:
        store.lock(session, name)
        row = session.get(Meta, name)
        if row and row.value >= hour:
            return False
        session.merge(Meta(name=name, value=hour))
        return True
