"""What `/readyz` and `intake doctor` ask; each check uses the thing it speaks of."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta

from sqlmodel import col, func, select

from app.house import House
from app.processes import WorkerProcesses
from models.store import schema_state
from models.tables import Contact
from models.words import ContactState

Check = Callable[[], tuple[bool, str]]
_OLDEST_ALLOWED = timedelta(minutes=5)


def readiness(house: House, workers: WorkerProcesses | None) -> dict[str, Check]:
    """The checks by name; each gives whether all is well, and what it found."""
    checks: dict[str, Check] = {
        "database": lambda: _database(house),
        "backlog": lambda: _backlog(house),
        "disk": lambda: _disk(house),
    }
    if workers is not None:
        checks["workers"] = lambda: (workers.alive() > 0, f"{workers.alive()} running")
    return checks


def _database(house: House) -> tuple[bool, str]:
    state = schema_state(house.store)
    return state == "current", f"schema {state}"


def _backlog(house: House) -> tuple[bool, str]:
    with house.store.read() as session:
        waiting, oldest = session.exec(
            select(func.count(), func.min(Contact.arrived_at)).where(col(Contact.state) == ContactState.RECEIVED.value)
        ).one()
        late = session.exec(
            select(func.count())
            .select_from(Contact)
            .where(Contact.state == ContactState.RECEIVED.value, col(Contact.arrived_at) < house.clock() - _OLDEST_ALLOWED)
        ).one()
    return late == 0, f"{waiting} contacts wait" + (f", {late} of them for over 5 minutes (oldest {oldest})" if late else "")


def _disk(house: House) -> tuple[bool, str]:
    free = shutil.disk_usage(house.settings.data_dir.absolute()).free // 1_000_000
    return free > house.settings.min_free_mb, f"{free} MB free"
