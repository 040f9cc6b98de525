"""Rule sets in the database: kept whole, exactly one active, each change of the active one in the audit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.errors import NotFoundError
from models.tables import Audit, RuleSetRecord

_ACTIVATED = "rules-activated"


@dataclass(frozen=True, slots=True)
class ActiveRules:
    """The active set's digest and text; both empty where the shipped set is in force."""

    digest: str = ""
    text: str = ""


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def keep_rules(session: Session, name: str, text: str, now: datetime) -> RuleSetRecord:
    """Keeps a set that was checked before; the same text is kept once."""
    found = session.exec(select(RuleSetRecord).where(RuleSetRecord.digest == digest_of(text))).first()
    if found:
        return found
    row = RuleSetRecord(name=name, digest=digest_of(text), body={"text": text}, created_at=now)
    session.add(row)
    session.flush()
    return row


def find_rules(session: Session, which: str) -> RuleSetRecord:
    """By number or digest. Raises NotFoundError."""
    query = select(RuleSetRecord)
    query = query.where(RuleSetRecord.id == int(which)) if which.isdigit() else query.where(RuleSetRecord.digest == which)
    found = session.exec(query).first()
    if found is None:
        raise NotFoundError(f"there is no rule set {which!r}; `intake rules list` shows them")
    return found


def active_rules(session: Session) -> ActiveRules:
    row = session.exec(select(RuleSetRecord).where(col(RuleSetRecord.active).is_(True))).first()
    return ActiveRules(row.digest, row.body["text"]) if row else ActiveRules()


def activate(session: Session, row: RuleSetRecord | None, *, actor: str, now: datetime) -> None:
    """Makes this set the active one; None puts the shipped set in force."""
    before = session.exec(select(RuleSetRecord).where(col(RuleSetRecord.active).is_(True)).with_for_update()).first()
    if before:
        before.active = False
        session.add(before)
        session.flush()
    if row:
        row.active = True
        session.add(row)
    detail = {"from": before.id if before else None, "to": row.id if row else None}
    session.add(Audit(at=now, actor=actor, action=_ACTIVATED, detail=detail))


def roll_back(session: Session, *, actor: str, now: datetime) -> RuleSetRecord | None:
    """Puts the set in force that was active before the last change; None is the shipped one. Raises NotFoundError."""
    last = session.exec(select(Audit).where(Audit.action == _ACTIVATED).order_by(col(Audit.id).desc())).first()
    if last is None:
        raise NotFoundError("no rule set was ever activated, so there is nothing to go back to")
    row = session.get(RuleSetRecord, last.detail["from"]) if last.detail["from"] else None
    activate(session, row, actor=actor, now=now)
    return row
