"""What people have said of proposals, so that they are not made again."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from models.tables_rules import Decided

ACCEPTED, DISMISSED = "accepted", "dismissed"


def decide(session: Session, kind: str, key: str, verdict: str, *, actor: str, now: datetime) -> None:
    """The last word counts."""
    session.merge(Decided(kind=kind, key=key[:500], verdict=verdict, actor=actor, at=now))


def undecide(session: Session, kind: str, key: str) -> None:
    """The proposal may be made again."""
    if row := session.get(Decided, (kind, key)):
        session.delete(row)


def decided(session: Session, kind: str) -> list[Decided]:
    """All that was decided of this kind, the newest first."""
    return list(session.exec(select(Decided).where(Decided.kind == kind).order_by(col(Decided.at).desc())))
