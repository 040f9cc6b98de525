"""What the pages of the phone line show, read from the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import or_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from models.tables import Contact
from models.tables_phone import CallBack, PhoneCall, PhoneStep, Recording

PAGE = 50
# The carrier ends every call after four hours; what is older has only lost its end.
LIVE_FOR = timedelta(hours=4, minutes=15)
SIMULATED = "simulator"
# What the caller came for is done, without a person.
COMPLETED = ("filed", "noted", "escalated")
_FIELDS = (
    "service_id",
    "start_time",
    "impact",
    "circuit_id",
    "fault_pattern",
    "description",
    "ticket_ref",
    "note",
    "escalation",
    "voicemail",
)
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Said:
    field: str
    value: str
    how: str
    sure: bool


@dataclass(frozen=True, slots=True)
class CallLine:
    row: PhoneCall
    said: tuple[Said, ...]


def live_calls(session: Session, now: datetime) -> list[CallLine]:
    """Calls that have not ended, the longest first, with what was said so far."""
    rows = session.exec(
        select(PhoneCall)
        .where(col(PhoneCall.ended_at).is_(None), col(PhoneCall.updated_at) > now - LIVE_FOR)
        .order_by(col(PhoneCall.started_at))
        .limit(200)
    ).all()
    return [CallLine(r, said_of(r)) for r in rows]


def ended_calls(session: Session, *, search: str, before: str) -> list[PhoneCall]:
    """A page of calls that are over, the newest first."""
    query = select(PhoneCall).where(col(PhoneCall.ended_at).is_not(None)).order_by(col(PhoneCall.started_at).desc()).limit(PAGE)
    if search:
        like = f"%{search.replace('%', '').replace('_', '')[:60]}%"
        query = query.where(or_(*(col(c).ilike(like) for c in (PhoneCall.number, PhoneCall.ticket_id, PhoneCall.outcome))))
    last = session.get(PhoneCall, before) if before else None
    if last:
        query = query.where(col(PhoneCall.started_at) < last.started_at)
    return list(session.exec(query).all())


def said_of(row: PhoneCall) -> tuple[Said, ...]:
    """The values of a call in the order of the questions."""
    said = {s["field"]: s for s in row.draft.get("said", ())}
    return tuple(Said(f, str(said[f]["value"]), str(said[f]["how"]), bool(said[f].get("sure"))) for f in _FIELDS if f in said)


def call_record(session: Session, sid: str) -> tuple[PhoneCall, list[PhoneStep], list[Recording], CallBack | None] | None:
    row = session.get(PhoneCall, sid)
    if row is None:
        return None
    steps = session.exec(select(PhoneStep).where(PhoneStep.call_sid == sid).order_by(col(PhoneStep.id))).all()
    back = session.exec(select(CallBack).where(CallBack.call_sid == sid)).first()
    return row, list(steps), recordings_of(session, sid), back


def recordings_of(session: Session, sid: str) -> list[Recording]:
    """The recordings of a call without their sound."""
    query = select(Recording).options(defer(Recording.media)).where(Recording.call_sid == sid)  # type: ignore[arg-type]
    return list(session.exec(query.order_by(col(Recording.created_at))).all())


def call_of(session: Session, contact: Contact) -> PhoneCall | None:
    """The call that a contact came from: its key is the call's, or that of a recording of it."""
    key = contact.dedupe_key.removeprefix("transcript:").partition(":")[0]
    if key.startswith("RE"):
        recording = session.get(Recording, key)
        key = recording.call_sid if recording else ""
    return session.get(PhoneCall, key) if contact.channel == "phone" and key else None


@dataclass(frozen=True, slots=True)
class Report:
    """Figures over the calls that began since `since`, those of the simulator left out; spans are in seconds."""

    total: int
    completed: int
    incomplete: int
    persons: int
    misrouted: int
    retries: int
    outcomes: tuple[tuple[str, int, float], ...]
    handed: tuple[tuple[str, str, int], ...]
    retried: tuple[tuple[str, int], ...]
    left: tuple[tuple[str, int], ...]
    cut: bool

    def share(self, count: int) -> str:
        return f"{100 * count / self.total:.0f} %" if self.total else "-"


def report(session: Session, since: datetime) -> Report:
    rows = session.exec(
        select(PhoneCall)
        .where(col(PhoneCall.started_at) >= since, col(PhoneCall.ended_at).is_not(None), PhoneCall.source != SIMULATED)
        .order_by(col(PhoneCall.started_at).desc())
        .limit(_MOST)
    ).all()
    spans: dict[str, list[int]] = {}
    for r in rows:
        spans.setdefault(r.outcome or "none", []).append(_seconds(r))
    broken = [r for r in rows if r.outcome in ("hung up", "no end reported")]
    return Report(
        total=len(rows),
        completed=sum(r.outcome in COMPLETED and not r.handed_from for r in rows),
        incomplete=sum(bool(r.ticket_id) for r in broken),
        persons=sum(bool(r.handed_from) for r in rows),
        misrouted=sum(r.misroutes > 0 for r in rows),
        retries=sum(r.retries for r in rows),
        outcomes=tuple(sorted(((o, len(s), median(s)) for o, s in spans.items()), key=lambda x: -x[1])),
        handed=_handed(rows),
        retried=tuple(Counter(s for r in rows for s in r.draft.get("retried", ())).most_common()),
        left=tuple(Counter(r.state for r in broken).most_common()),
        cut=len(rows) == _MOST,
    )


def _handed(rows: Sequence[PhoneCall]) -> tuple[tuple[str, str, int], ...]:
    found = Counter((r.handed_from, r.handed_why) for r in rows if r.handed_from)
    return tuple((state, why, n) for (state, why), n in found.most_common())


def _seconds(row: PhoneCall) -> int:
    """As the carrier says, else from our own first to last step."""
    return row.seconds or int(((row.ended_at or row.updated_at) - row.started_at).total_seconds())


def mark(session: Session) -> str:
    """Changes whenever a page of the phone line would show something else."""
    calls = session.exec(select(func.max(PhoneCall.updated_at), func.max(PhoneCall.ended_at), func.count())).one()
    backs = session.exec(select(func.max(CallBack.changed_at), func.max(CallBack.id))).one()
    return f"{calls}{backs}"
