"""Other carriers' planned work: kept as notices with the services of ours that run over the circuits they name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.directory import Directory, canonical
from models.mail import MailFacts, Notice
from models.tables_mail import CarrierNotice, NoticeService

# How long a notice stays beside the tickets of its services once its window is over.
AFTERMATH = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice with the services of ours that it touches."""

    notice: CarrierNotice
    services: tuple[str, ...]


def keep_notice(session: Session, contact_id: int, facts: MailFacts, directory: Directory, now: datetime) -> CarrierNotice:
    """Keeps the notice of a contact; where nothing of it could be read, its subject stands for it."""
    told = facts.notice or Notice(carrier=facts.from_name or facts.from_address)
    row = session.exec(select(CarrierNotice).where(CarrierNotice.contact_id == contact_id)).first()
    row = row or CarrierNotice(contact_id=contact_id, carrier="", sender_domain="", at=now)
    row.carrier = told.carrier[:200] or facts.from_name or facts.from_address
    row.sender_domain = facts.from_address.rpartition("@")[2]
    row.reference, row.status, row.impact = told.reference[:80], told.status, told.impact
    row.starts_at, row.ends_at = told.starts_at, told.ends_at
    row.circuits, row.subject = list(told.circuits), facts.subject[:500]
    session.add(row)
    session.flush()
    for circuit, service in _services(told.circuits, directory).items():
        for service_id in service:
            if session.get(NoticeService, (row.id, service_id)) is None:
                session.add(NoticeService(notice_id=row.id or 0, service_id=service_id, circuit=circuit))
    return row


def notices_for(session: Session, service_ids: Iterable[str], now: datetime) -> list[NoticeLine]:
    """The notices that stand beside these services now: the latest word of each, until a while after its window."""
    ids = list(service_ids)
    if not ids:
        return []
    query = (
        select(CarrierNotice)
        .join(NoticeService, col(NoticeService.notice_id) == col(CarrierNotice.id))
        .where(col(NoticeService.service_id).in_(ids))
        .where(
            (col(CarrierNotice.ends_at) > now - AFTERMATH)
            | col(CarrierNotice.ends_at).is_(None) & (col(CarrierNotice.at) > now - 7 * AFTERMATH)
        )
        .order_by(col(CarrierNotice.id).desc())
        .limit(50)
    )
    return _lines(session, list({row.id: row for row in session.exec(query).all()}.values()))


def newest_notices(session: Session, limit: int = 200) -> list[NoticeLine]:
    """The latest word of each notice, the newest first."""
    rows = session.exec(select(CarrierNotice).order_by(col(CarrierNotice.id).desc()).limit(limit)).all()
    return _lines(session, list(rows))


def _lines(session: Session, rows: list[CarrierNotice]) -> list[NoticeLine]:
    """Without those that a later mail of the same carrier under the same reference has replaced."""
    latest: dict[tuple[str, str], CarrierNotice] = {}
    for row in rows:
        latest.setdefault((row.sender_domain, row.reference or f"contact {row.contact_id}"), row)
    kept = list(latest.values())
    pairs = session.exec(select(NoticeService).where(col(NoticeService.notice_id).in_([r.id for r in kept]))).all()
    return [NoticeLine(r, tuple(sorted(p.service_id for p in pairs if p.notice_id == r.id))) for r in kept]


def _services(circuits: tuple[str, ...], directory: Directory) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for circuit in circuits:
        key = canonical(circuit)
        found = [s.id for s in directory.services_by_circuit.get(key, ())]
        service = directory.service_by_canonical.get(key)
        out[circuit] = [*found, *([service.id] if service else [])]
    return out
