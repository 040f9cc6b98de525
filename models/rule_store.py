"""Rule sets in the database: kept whole, exactly one active, each change of the active one in the audit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.errors import NotFoundError, StaleError
from models.tables import RuleSetRecord
from models.tables_rules import RuleDraft
from models.tables_users import Audit

_ACTIVATED = "rules-activated"
EDITED = "rules-edited"
HISTORY = (_ACTIVATED, EDITED)


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


def active_digest(session: Session) -> str:
    """The digest of the active set, without its text; empty where the shipped set is in force."""
    return session.exec(select(RuleSetRecord.digest).where(col(RuleSetRecord.active).is_(True))).first() or ""


def activate(
    session: Session,
    row: RuleSetRecord | None,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
    back: bool = False,
    seen: str | None = None,
    despite: str = "",
) -> None:
    """Makes this set the active one; None puts the shipped set in force. `despite` is what was overridden, for the history.

    `seen` is the digest that was in force on the page that asks: raises StaleError when another is by now.
    """
    before = session.exec(select(RuleSetRecord).where(col(RuleSetRecord.active).is_(True)).with_for_update()).first()
    if seen is not None and seen != (before.digest if before else ""):
        raise StaleError(f"{_last_actor(session)} has switched the rule set meanwhile; look at what is in force now")
    if before:
        before.active = False
        session.add(before)
        session.flush()
    if row:
        row.active = True
        session.add(row)
    detail: dict[str, Any] = {"from": before.id if before else None, "to": row.id if row else None}
    if reason:
        detail["reason"] = reason
    if despite:
        detail["despite"] = despite
    if back:
        detail["back"] = True
    session.add(Audit(at=now, actor=actor, action=_ACTIVATED, detail=detail))


def roll_back(
    session: Session, *, actor: str, now: datetime, reason: str = "", seen: str | None = None
) -> RuleSetRecord | None:
    """Puts the set in force that was active before; a second time the one before that. None is the shipped one.

    Raises NotFoundError where there is nothing to go back to, StaleError as `activate` does.
    """
    earlier = _earlier(session)
    if not earlier:
        raise NotFoundError("no rule set was switched on that could be gone back from")
    row = session.get(RuleSetRecord, earlier[-1]) if earlier[-1] else None
    activate(session, row, actor=actor, now=now, back=True, reason=reason, seen=seen)
    return row


def one_before(session: Session) -> str:
    """Where going back would lead: a number, `shipped`, or empty where nothing was switched on that could be gone back from."""
    earlier = _earlier(session)
    return str(earlier[-1] or "shipped") if earlier else ""


def _earlier(session: Session) -> list[int | None]:
    """What was in force before, the last one last; what was gone back from is no longer among them."""
    earlier: list[int | None] = []
    for audit in session.exec(select(Audit).where(Audit.action == _ACTIVATED).order_by(col(Audit.id))):
        if not audit.detail.get("back"):
            earlier.append(audit.detail["from"])
        elif earlier:
            earlier.pop()
    return earlier


def _last_actor(session: Session) -> str:
    last = session.exec(select(Audit).where(Audit.action == _ACTIVATED).order_by(col(Audit.id).desc())).first()
    return last.actor if last else "somebody"


def history(session: Session, limit: int, rule_id: str = "") -> list[Audit]:
    """Who changed which rule and who switched what on, the newest first; of one rule only its changes."""
    query = select(Audit).where(col(Audit.action).in_(HISTORY)).order_by(col(Audit.id).desc())
    if not rule_id:
        return list(session.exec(query.limit(limit)))
    of_rule = col(Audit.detail)["rule"].as_string() == rule_id
    return list(session.exec(query.where(Audit.action == EDITED, of_rule).limit(limit)))


def list_rules(session: Session) -> list[RuleSetRecord]:
    """The kept versions, the newest first."""
    return list(session.exec(select(RuleSetRecord).order_by(col(RuleSetRecord.id).desc())))


def list_drafts(session: Session) -> list[RuleDraft]:
    return list(session.exec(select(RuleDraft).order_by(col(RuleDraft.id).desc())))


def find_draft(session: Session, draft_id: int) -> RuleDraft:
    """Raises NotFoundError."""
    found = session.get(RuleDraft, draft_id)
    if found is None:
        raise NotFoundError(f"there is no draft {draft_id}")
    return found


def new_draft(
    session: Session,
    name: str,
    text: str,
    *,
    based_on: str,
    actor: str,
    now: datetime,
    change: Mapping[str, Any] | None = None,
) -> RuleDraft:
    """A draft; `change` says which rule was changed, and how."""
    draft = RuleDraft(name=name, text=text, based_on=based_on, changed_by=actor, changed_at=now, created_at=now)
    session.add(draft)
    session.flush()
    _edited(session, draft, change, actor, now)
    return draft


def save_draft(
    session: Session,
    draft_id: int,
    text: str,
    *,
    seen: int,
    actor: str,
    now: datetime,
    change: Mapping[str, Any] | None = None,
) -> RuleDraft:
    """Saves over the version of the draft that was seen. Raises StaleError when somebody else has changed it since."""
    changed = session.connection().execute(
        update(RuleDraft)
        .where(col(RuleDraft.id) == draft_id, col(RuleDraft.version) == seen)
        .values(text=text, version=seen + 1, changed_by=actor, changed_at=now)
    )
    draft = find_draft(session, draft_id)
    session.refresh(draft)
    if not changed.rowcount:
        raise StaleError(f"{draft.changed_by} has changed this draft since you opened it; load it again and repeat your change")
    _edited(session, draft, change, actor, now)
    return draft


def _edited(session: Session, draft: RuleDraft, change: Mapping[str, Any] | None, actor: str, now: datetime) -> None:
    detail = {"draft": draft.id, "version": draft.version, **(change or {})}
    session.add(Audit(at=now, actor=actor, action=EDITED, detail=detail))


def drop_draft(session: Session, draft_id: int) -> None:
    session.delete(find_draft(session, draft_id))
