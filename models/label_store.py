"""What people say is true of stored contacts: the labelled set by which rule sets are judged and calibrated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.clock import iso
from models.errors import UserError
from models.questions import question_of
from models.tables import Contact, ReadingRecord
from models.tables_rules import LabelledValue
from models.words import Impact, Intent, Pattern

# What can be said of a contact, and in which form: a list, yes or no, an instant, words, or one of some values.
LABELS: dict[str, str] = {
    "service_ids": "list",
    "circuit_ids": "list",
    "ip_addresses": "list",
    "impact": "|".join(Impact),
    "start_time": "time",
    "fault_pattern": "|".join(Pattern),
    "has_test_results": "yes",
    "intent": "|".join(Intent),
    "description": "text",
}


def put_label(session: Session, contact_id: int, field: str, value: Any, *, actor: str, now: datetime) -> None:
    """Keeps the true value of a field, in the form that `intake read` prints; the last word counts."""
    reading = session.get(ReadingRecord, contact_id)
    same = reading is not None and reading.data.get(field) == value
    row = session.get(LabelledValue, (contact_id, field))
    row = row or LabelledValue(contact_id=contact_id, field=field, at=now)
    row.value, row.confirmed, row.actor, row.at = value, same, actor, now
    session.add(row)


def label_from(field: str, text: str) -> Any:
    """The value that somebody has typed for a field, in the form of `intake read`. Raises UserError."""
    if field not in LABELS:
        raise UserError(f"{field!r} is none of {', '.join(LABELS)}")
    words, kind = text.strip(), LABELS[field]
    if kind == "list":
        return [w for w in re.split(r"[\s,;]+", words) if w]
    if kind == "yes":
        if words.casefold() not in ("yes", "no"):
            raise UserError("yes or no")
        return words.casefold() == "yes"
    if not words:
        return None
    if kind == "time":
        return _instant(words)
    if kind == "text":
        return words[:2000]
    value = words.casefold().replace(" ", "_").replace("-", "_")
    if value not in kind.split("|"):
        raise UserError(f"one of {', '.join(kind.split('|'))}, or nothing where the text does not say it")
    return value


def _instant(words: str) -> str:
    try:
        at = datetime.fromisoformat(words)
    except ValueError as e:
        raise UserError("an instant with a zone, such as 2026-01-07T14:25:00Z") from e
    if at.tzinfo is None:
        raise UserError("the zone is missing: write 2026-01-07T14:25:00Z, or +01:00 instead of Z")
    return iso(at)


def drop_label(session: Session, contact_id: int, field: str) -> None:
    row = session.get(LabelledValue, (contact_id, field))
    if row:
        session.delete(row)


def newest_labels(session: Session, limit: int) -> list[tuple[LabelledValue, Any]]:
    """The newest labels, each with what was read."""
    rows = session.exec(select(LabelledValue).order_by(col(LabelledValue.at).desc()).limit(limit)).all()
    readings = session.exec(select(ReadingRecord).where(col(ReadingRecord.contact_id).in_({r.contact_id for r in rows})))
    read = {r.contact_id: r.data for r in readings}
    return [(r, read.get(r.contact_id, {}).get(r.field)) for r in rows]


def purge_labels(session: Session, before: datetime) -> int:
    """Labels that are older than they may be kept; gives how many went."""
    gone = session.connection().execute(delete(LabelledValue).where(col(LabelledValue.at) < before))
    return int(gone.rowcount)


def labels_of(session: Session, contact_ids: list[int]) -> dict[int, dict[str, Any]]:
    """Contact -> field -> true value."""
    out: dict[int, dict[str, Any]] = {}
    for row in session.exec(select(LabelledValue).where(col(LabelledValue.contact_id).in_(contact_ids))):
        out.setdefault(row.contact_id, {})[row.field] = row.value
    return out


@dataclass(frozen=True, slots=True)
class StoredMail:
    """One stored contact with all that it was read by, so that it can be read again just so."""

    id: int
    raw: bytes
    at: datetime
    question: str | None
    customer_address: str
    read: Mapping[str, Any]


def stored_mail(session: Session, contact_id: int) -> StoredMail | None:
    """One contact by mail that was read."""
    found = session.exec(_filed().where(Contact.id == contact_id)).first()
    return _stored(session, *found) if found else None


def newest_filed(
    session: Session, limit: int, *, labelled: bool = False, since: datetime | None = None, until: datetime | None = None
) -> list[StoredMail]:
    """The newest contacts by mail: all, those somebody has labelled, those that arrived between two instants."""
    query = _filed().order_by(col(Contact.id).desc()).limit(limit)
    if labelled:
        query = query.where(col(Contact.id).in_(select(LabelledValue.contact_id)))
    if since:
        query = query.where(col(Contact.arrived_at) >= since)
    if until:
        query = query.where(col(Contact.arrived_at) < until)
    return [_stored(session, contact, reading) for contact, reading in session.exec(query).all()]


def newest_mails(session: Session, limit: int) -> list[tuple[int, str, str]]:
    """Number, subject and sender of the newest contacts by mail that were read."""
    query = select(Contact.id, Contact.subject, Contact.from_address).join(
        ReadingRecord, col(ReadingRecord.contact_id) == Contact.id
    )
    rows = session.exec(query.where(Contact.channel == "email").order_by(col(Contact.id).desc()).limit(limit))
    return [(number or 0, subject, sender or "") for number, subject, sender in rows]


def _filed() -> SelectOfScalar[tuple[Contact, ReadingRecord]]:
    query: Any = select(Contact, ReadingRecord).join(ReadingRecord, col(ReadingRecord.contact_id) == Contact.id)
    filed: SelectOfScalar[tuple[Contact, ReadingRecord]] = query.where(Contact.channel == "email")
    return filed


def _stored(session: Session, contact: Contact, reading: ReadingRecord) -> StoredMail:
    read = reading.data
    at = datetime.fromisoformat(read["received_at"]) if read.get("received_at") else contact.arrived_at
    question = question_of(session, contact.raw, before=reading.created_at)
    return StoredMail(contact.id or 0, contact.raw, at, question, str(read.get("customer_address", "")), read)


def newest_labelled(session: Session, since: datetime, limit: int) -> dict[int, Mapping[str, Any]]:
    """Contacts that somebody has labelled since then, with what was read from them."""
    ids = select(LabelledValue.contact_id).where(col(LabelledValue.at) >= since).distinct()
    query = select(ReadingRecord).where(col(ReadingRecord.contact_id).in_(ids))
    rows = session.exec(query.order_by(col(ReadingRecord.contact_id).desc()).limit(limit))
    return {r.contact_id: r.data for r in rows}


def newest_texts(session: Session, limit: int) -> list[str]:
    """The texts of the newest contacts, as they were read."""
    query = select(col(ReadingRecord.data)["text"].as_string()).order_by(col(ReadingRecord.contact_id).desc()).limit(limit)
    return [text for text in session.exec(query) if text]


def label_of(session: Session, contact_id: int, field: str) -> list[Any]:
    """The true value of a field in a list of one, or an empty list where nobody has told it."""
    row = session.get(LabelledValue, (contact_id, field))
    return [row.value] if row else []
