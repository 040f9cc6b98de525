"""The same words from the same address again and again: a machine that shows itself by nothing else."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

from sqlmodel import Session

from models.mail import MailFacts
from models.reading import Reading
from models.tables_mail import SaidBefore
from models.words import ZoneKind

# The first two are answered: people do send a mail twice. From the third on nobody learns anything from an answer.
ANSWERED_TIMES = 2
WINDOW = timedelta(hours=24)
_OWN = (ZoneKind.PROSE, ZoneKind.FORM, ZoneKind.LOG)


def said_before(session: Session, facts: MailFacts, reading: Reading, now: datetime) -> SaidBefore | None:
    """Counts these words of this address, inside the caller's transaction; None where the mail reports on a service.

    Alarms of many services differ in nothing but the service, and each of them counts.
    """
    if not facts.from_address or reading.service_ids or reading.circuit_ids:
        return None
    digest = words_digest(facts, reading)
    row = session.get(SaidBefore, (facts.from_address, digest))
    if row is None:
        row = SaidBefore(address=facts.from_address, digest=digest, first_at=now)
    elif now - row.first_at > WINDOW:
        row.times, row.first_at = 1, now
    else:
        row.times += 1
    session.add(row)
    return row


def words_digest(facts: MailFacts, reading: Reading) -> str:
    """A digest of the writer's own words without figures and IDs, in which such mails differ."""
    own = " ".join(reading.text[z.start : z.end] for z in reading.zones if z.kind in _OWN) or facts.subject
    words = [w for w in re.findall(r"[^\W_]+", own.casefold()) if not any(c.isdigit() for c in w)]
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:32]


def repeated(row: SaidBefore | None) -> str:
    """Why no answer goes out any more, or an empty string."""
    if row is None or row.times <= ANSWERED_TIMES:
        return ""
    return f"the same words for the {row.times}th time in 24 hours"
