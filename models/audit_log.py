"""The audit log: who did what, from where, before and after; each row's hash covers the row before it.

A row is written with `session.add(Audit(...))` or `record(...)` anywhere in a write transaction. It is held back until the
transaction's end and gets its place in the chain there, so that the one lock of the chain is the last one taken and is held
for no longer than the commit: writers never wait for each other in a ring.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, text
from sqlmodel import Session, col, select

from models.tables import Meta
from models.tables_users import Audit

# The address that the request in hand came from; empty for what the house does by itself.
CALLER: ContextVar[str] = ContextVar("audit_caller", default="")
HEAD = "audit.head"
_LOCK = 0x1A7D17
_HELD = "audit_held"


@dataclass(frozen=True, slots=True)
class Chain:
    """What a check of the chain found: `broken` is the first row that does not fit, or 0; `why` says what is wrong."""

    rows: int
    head: str
    broken: int = 0
    why: str = ""

    @property
    def whole(self) -> bool:
        return not self.why


def record(
    session: Session,
    action: str,
    *,
    at: datetime,
    actor: str,
    subject: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    **detail: Any,
) -> None:
    """Writes one line of the log inside the caller's transaction."""
    row = Audit(at=at, actor=actor, action=action, subject=subject, detail=detail)
    row.before, row.after = dict(before) if before is not None else None, dict(after) if after is not None else None
    session.add(row)


@contextmanager
def chained(session: Session) -> Iterator[None]:
    """Inside it, audit rows of this session are held; at its end they get their places in the chain."""
    session.info[_HELD] = []
    try:
        yield
        session.flush()
        rows = session.info.pop(_HELD)
        if rows:
            _seal(session, rows)
    finally:
        session.info.pop(_HELD, None)


@event.listens_for(Session, "before_flush")
def _hold(session: Session, _context: object, _instances: object) -> None:
    held = session.info.get(_HELD)
    if held is None:
        return
    for row in [r for r in session.new if isinstance(r, Audit)]:
        session.expunge(row)
        held.append(row)


def _seal(session: Session, rows: list[Audit]) -> None:
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _LOCK})
    head = session.get(Meta, HEAD, populate_existing=True) or Meta(name=HEAD, value="0:")
    seq, before = _split(head.value)
    for row in rows:
        seq += 1
        row.seq, row.ip = seq, row.ip or CALLER.get()
        row.hash = before = row_hash(before, row)
    head.value = f"{seq}:{before}"
    session.add(head)
    session.add_all(rows)
    session.flush()


def row_hash(before: str, row: Audit) -> str:
    """SHA-256 over the hash of the row before and all that this row says, as JSON with sorted keys."""
    said = [row.seq, row.at.astimezone(UTC).isoformat(timespec="microseconds"), row.actor, row.action, row.subject, row.ip]
    whole = json.dumps([before, *said, row.detail, row.before, row.after], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def verify(session: Session, *, known_head: str = "") -> Chain:
    """Walks the whole chain. `known_head` (`SEQ:HASH`, as printed before) must lie on it."""
    kept = session.get(Meta, HEAD)
    seq, before = 0, ""
    seen = not known_head
    for row in _rows(session):
        if row.seq != seq + 1:
            return Chain(seq, before, seq + 1, f"row {seq + 1} is missing")
        if row.hash != row_hash(before, row):
            return Chain(seq, before, row.seq, f"row {row.seq} ({row.action} by {row.actor}) is not as it was written")
        seq, before = row.seq, row.hash
        seen = seen or known_head == f"{seq}:{before}"
    if (kept.value if kept else "0:") != f"{seq}:{before}":
        last = _split(kept.value)[0] if kept else 0
        return Chain(seq, before, min(seq, last) + 1, f"the log ends at row {seq}, but {last} rows were written")
    if not seen:
        at = _split(known_head)[0]
        return Chain(seq, before, min(at, seq), f"the chain does not pass through {known_head[:40]}: it was written anew")
    return Chain(seq, before)


def _rows(session: Session) -> Iterator[Audit]:
    """All rows in their order, a thousand at a time."""
    after: int | None = None
    while True:
        page = select(Audit).order_by(col(Audit.seq)).limit(1000)
        rows = session.exec(page if after is None else page.where(Audit.seq > after)).all()
        for row in rows:
            session.expunge(row)
        yield from rows
        if len(rows) < 1000:
            return
        after = rows[-1].seq


def _split(head: str) -> tuple[int, str]:
    seq, _, digest = head.partition(":")
    return (int(seq) if seq.isdigit() else 0), digest
