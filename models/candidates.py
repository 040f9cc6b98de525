"""IDs that customers write and the directory does not have: who writes them, how often, where."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from models.decided_store import decided
from models.directory import Directory, canonical
from models.tables import Contact, ReadingRecord

KIND = "id"
_LOOKED_AT = 2000
_MOST = 100


@dataclass(slots=True)
class Candidate:
    """An unknown service ID as it was written, and the customer whose mails have it most lately."""

    id: str
    customer: str
    contacts: list[int] = field(default_factory=list)
    last: datetime | None = None


def candidates(session: Session, directory: Directory) -> list[Candidate]:
    """From the newest readings, the most often written first; those that were decided on are left out."""
    done = {d.key for d in decided(session, KIND)} | directory.service_by_canonical.keys() | directory.circuit_spelling.keys()
    query = select(ReadingRecord, Contact).join(Contact, col(Contact.id) == ReadingRecord.contact_id)
    found: dict[str, Candidate] = {}
    for reading, contact in session.exec(query.order_by(col(ReadingRecord.contact_id).desc()).limit(_LOOKED_AT)):
        for row in reading.data.get("evidence", {}).get("service_id", []):
            key = canonical(str(row.get("value", "")))
            if not key or key in done or row.get("status") == "refused" or not any(c.isdigit() for c in key):
                continue
            customer = directory.customer_of_address(contact.from_address) if contact.from_address else None
            one = found.setdefault(key, Candidate(str(row["value"]), customer.id if customer else "", last=contact.arrived_at))
            if reading.contact_id not in one.contacts:
                one.contacts.append(reading.contact_id)
    return sorted(found.values(), key=lambda c: (-len(c.contacts), c.id))[:_MOST]
