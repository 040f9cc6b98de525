"""Which process holds a lease, and whether it still lives: a worker killed on this machine costs seconds, not its lease."""

from __future__ import annotations

import os
import socket
from datetime import datetime
from functools import cache
from pathlib import Path

import structlog
from sqlalchemy import ColumnElement, update
from sqlmodel import col, select

from models.store import Store
from models.tables import Contact, Outbox
from models.tables_imap import ImapMailbox
from models.words import ContactState, OutboxState

log = structlog.get_logger("intake.liveness")


def process_name() -> str:
    """A name that no other process has or will have: machine, process number, and when that process began."""
    return f"{_machine()}:{os.getpid()}.{_began(os.getpid())}"


def is_dead(owner: str) -> bool:
    """Whether this name is of a process of this machine that is gone; of other machines nothing is known."""
    machine, _, process = owner.partition("/")[0].rpartition(":")
    pid, _, began = process.partition(".")
    return machine == _machine() and pid.isdigit() and _began(int(pid)) != began


def release_dead(store: Store, now: datetime) -> None:
    """Frees what processes that are gone have leased, so that it is taken again at once."""
    held_of: tuple[tuple[type[Contact] | type[Outbox] | type[ImapMailbox], tuple[ColumnElement[bool], ...]], ...] = (
        (Contact, (col(Contact.state) == ContactState.RECEIVED.value,)),
        (Outbox, (col(Outbox.state) == OutboxState.QUEUED.value,)),
        (ImapMailbox, ()),
    )
    for table, waiting in held_of:
        held = (*waiting, col(table.lease_until) > now)
        with store.read() as session:
            owners = session.exec(select(table.lease_owner).where(*held).distinct()).all()
        for owner in filter(is_dead, owners):
            with store.write() as session:
                freed = session.connection().execute(
                    update(table).where(*held, col(table.lease_owner) == owner).values(lease_owner="", lease_until=None)
                )
            log.info("lease_of_the_dead", owner=owner, table=table.__tablename__, rows=freed.rowcount)


@cache
def _machine() -> str:
    """This boot of this machine, and which view of its processes we have (a container has its own)."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8] if Path("/proc").is_dir() else ""
    return f"{socket.gethostname()}~{boot}.{_namespace()}"


def _namespace() -> int:
    try:
        return os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        return 0


def _began(pid: int) -> str:
    """When the process began, in ticks since the boot (proc(5), field 22), or nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
