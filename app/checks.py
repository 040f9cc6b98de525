"""What `/readyz` and `intake doctor` ask; each check uses the thing it speaks of."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from datetime import timedelta

from sqlmodel import col, select

from app.house import House
from app.mailboxes import healthy
from app.processes import WorkerProcesses
from app.settings import reached_at
from models.beats import living
from models.store import schema_state
from models.tables import Outbox, Ticket
from models.words import OutboxState
from tickets.work import backlog, oldest_waiting

Check = Callable[[], tuple[bool, str]]
_OLDEST_ALLOWED = timedelta(minutes=5)
_SMTP_PATIENCE_S = 3.0
_COUNTED = 10_000
_SKEW_ALLOWED_S = 2.0


def readiness(house: House, workers: WorkerProcesses | None) -> dict[str, Check]:
    """The checks by name; each gives whether all is well, and what it found."""
    checks: dict[str, Check] = {
        "database": lambda: _database(house),
        "backlog": lambda: _backlog(house),
        "disk": lambda: _disk(house),
        "outbox": lambda: _outbox(house),
        "clock": lambda: _clock(house),
        "processes": lambda: _processes(house),
    }
    if house.settings.imap_urls:
        checks["mailboxes"] = lambda: healthy(house)
    if workers is not None:
        checks["workers"] = lambda: (workers.alive() > 0, f"{workers.alive()} running")
    return checks


def smtp_greets(listen: str) -> tuple[bool, str]:
    """Whether the SMTP listener answers a connection with its greeting (220; RFC 5321, 3.1), as a front would see it."""
    host, _, port = listen.rpartition(":")
    try:
        with socket.create_connection((reached_at(host), int(port)), timeout=_SMTP_PATIENCE_S) as connection:
            greeting = connection.recv(512).decode(errors="replace").strip()
    except OSError as e:
        return False, f"{listen}: {e}"
    return greeting.startswith("220"), f"{listen}: {greeting[:120] or 'closed without a word'}"


def _database(house: House) -> tuple[bool, str]:
    state = schema_state(house.store)
    return state in ("current", "newer"), f"schema {state}" + (": run `intake migrate`" if state in ("old", "empty") else "")


def _backlog(house: House) -> tuple[bool, str]:
    with house.store.read() as session:
        waiting, oldest = backlog(session, at_most=_COUNTED), oldest_waiting(session)
    late = oldest is not None and oldest < house.clock() - _OLDEST_ALLOWED
    many = f"{_COUNTED} or more" if waiting >= _COUNTED else str(waiting)
    return not late, f"{many} contacts wait" + (f", the oldest since {oldest:%Y-%m-%d %H:%M:%S} UTC" if late else "")


def _disk(house: House) -> tuple[bool, str]:
    free = shutil.disk_usage(house.settings.data_dir.absolute()).free // 1_000_000
    least = house.settings.min_free_mb
    asked = f"; INTAKE_MIN_FREE_MB asks for {least}, mail is put off until there is room" if free <= least else ""
    return free > least, f"{free} MB free{asked}"


def _outbox(house: House) -> tuple[bool, str]:
    """Mails that are due for long: no worker runs, or no smarthost takes them."""
    now = house.clock()
    with house.store.read() as session:
        due = (Outbox.state == OutboxState.QUEUED.value, col(Outbox.due_at) <= now)
        first = session.exec(select(Outbox.due_at).where(*due).order_by(col(Outbox.due_at)).limit(1)).first()
    late = first is not None and first < now - _OLDEST_ALLOWED
    return (
        not late,
        f"the oldest mail of ours is due since {first:%Y-%m-%d %H:%M:%S} UTC" if first else "no mail of ours is due",
    )


def _clock(house: House) -> tuple[bool, str]:
    """Whether what is due for tickets is done in time."""
    now = house.clock()
    with house.store.read() as session:
        due = col(Ticket.next_due_at) <= now
        first = session.exec(select(Ticket.next_due_at).where(due).order_by(col(Ticket.next_due_at)).limit(1)).first()
    behind = int((now - first).total_seconds()) if first else 0
    return now - (first or now) < _OLDEST_ALLOWED, f"{behind} s behind with what is due for tickets"


def _processes(house: House) -> tuple[bool, str]:
    """Which parts of the installation live on which machines, and whether their clocks agree with the database's."""
    with house.store.read() as session:
        found = living(session, house.clock())
    off = [f"{p.host} is {p.skew_s:+.1f} s off the database's clock" for p in found if abs(p.skew_s) > _SKEW_ALLOWED_S]
    missing = [part for part in ("workers", "clock") if not any(part in p.parts for p in found)]
    wrong = [*off, *(f"no process with part {part} has spoken for 30 s" for part in missing)]
    versions = sorted({p.version for p in found})
    return not wrong, "; ".join(wrong) or f"{len(found)} processes, version {', '.join(versions)}"
