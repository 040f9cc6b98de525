"""Replays of kept rule sets over stored contacts: asked for in the console, done by a process of the house, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from models.glance import Glance
from models.store import Store
from models.tables_rules import ReplayRun, ReplayUpload

QUEUED, RUNNING, DONE, CANCELLED, FAILED = "queued", "running", "done", "cancelled", "failed"
# A run that nobody has brought to an end after so long died with its process.
LOST_AFTER = timedelta(minutes=3)
UPLOADS_KEPT = timedelta(days=7)
_WAITS = Glance(select(ReplayRun.id).where(col(ReplayRun.state).in_((QUEUED, RUNNING))))


def ask_replay(
    session: Session,
    digest: str,
    against: str,
    *,
    limit: int,
    actor: str,
    now: datetime,
    text: str = "",
    source: Mapping[str, Any] | None = None,
    upload: bytes | None = None,
) -> ReplayRun:
    """Queues a replay. `text` is that of a draft; `source` says which contacts (kind, from, to), by default the newest."""
    run = ReplayRun(digest=digest, against=against, total=limit, actor=actor, created_at=now, text=text)
    run.source = {"kind": "last", **(source or {}), "limit": limit}
    session.add(run)
    session.flush()
    if upload is not None:
        session.add(ReplayUpload(run_id=run.id or 0, data=upload))
    old = select(ReplayRun.id).where(col(ReplayRun.created_at) < now - UPLOADS_KEPT)
    session.connection().execute(delete(ReplayUpload).where(col(ReplayUpload.run_id).in_(old)))
    return run


def upload_of(session: Session, run_id: int) -> bytes | None:
    row = session.get(ReplayUpload, run_id)
    return row.data if row else None


def replays_wait(store: Store) -> bool:
    """Whether a run is queued, or under way somewhere: then a claim may find something."""
    return _WAITS(store)


def claim_replay(session: Session, now: datetime) -> ReplayRun | None:
    """Takes the oldest queued run; only one process gets it. Runs whose process has died are told as failed."""
    silent = func.coalesce(col(ReplayRun.beat_at), col(ReplayRun.created_at)) < now - LOST_AFTER
    lost = {"state": FAILED, "finished_at": now, "result": {"error": "its process ended before it was done; ask for it again"}}
    session.connection().execute(update(ReplayRun).where(col(ReplayRun.state) == RUNNING, silent).values(**lost))
    run = session.exec(select(ReplayRun).where(ReplayRun.state == QUEUED).order_by(col(ReplayRun.id))).first()
    return run if run and _moved(session, run, QUEUED, state=RUNNING, beat_at=now) else None


def advance(session: Session, run: ReplayRun, *, done: int, total: int, now: datetime) -> bool:
    """Notes the progress; False when the run was cancelled."""
    return _moved(session, run, RUNNING, done=done, total=total, beat_at=now)


def give_back(session: Session, run: ReplayRun) -> None:
    """The run waits again: its process is told to stop."""
    _moved(session, run, RUNNING, state=QUEUED, done=0)


def finish(session: Session, run: ReplayRun, state: str, result: dict[str, Any], now: datetime) -> None:
    _moved(session, run, RUNNING, state=state, result=result, finished_at=now)


def cancel(session: Session, run_id: int, now: datetime) -> None:
    """Stops a run that waits or works."""
    live = col(ReplayRun.state).in_((QUEUED, RUNNING))
    values = {"state": CANCELLED, "finished_at": now}
    session.connection().execute(update(ReplayRun).where(col(ReplayRun.id) == run_id, live).values(**values))


def newest_runs(session: Session, limit: int = 20) -> list[ReplayRun]:
    return list(session.exec(select(ReplayRun).order_by(col(ReplayRun.id).desc()).limit(limit)))


def seen_replay(session: Session, digest: str) -> ReplayRun | None:
    """The last replay of this set that came to its end."""
    query = select(ReplayRun).where(ReplayRun.digest == digest, ReplayRun.state == DONE).order_by(col(ReplayRun.id).desc())
    return session.exec(query).first()


def objection(session: Session, digest: str) -> str:
    """What speaks against switching this set on: no replay of it came to its end, or the last one found a slow rule."""
    run = seen_replay(session, digest)
    if run is None:
        return "no replay of this rule set has been seen"
    if slow := run.result.get("slow"):
        words = "; ".join(f"rule {rule_id!r} takes {ms} ms a mail" for rule_id, ms in slow)
        return f"{words}: workers would be slow"
    return ""


def _moved(session: Session, run: ReplayRun, before: str, **values: Any) -> bool:
    """Compare and set on the state of the run."""
    statement = update(ReplayRun).where(col(ReplayRun.id) == run.id, col(ReplayRun.state) == before).values(**values)
    return bool(session.connection().execute(statement).rowcount)


def newest_silent(session: Session) -> tuple[ReplayRun, list[str]] | None:
    """The last replay that could say which rules found nothing, and these."""
    for run in session.exec(select(ReplayRun).where(ReplayRun.state == DONE).order_by(col(ReplayRun.id).desc()).limit(20)):
        if run.result.get("silent"):
            return run, list(run.result["silent"])
    return None
