"""What becomes of a case that was done when the customer writes again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.tables import Event, Ticket
from models.words import TicketState

ENDED = frozenset({TicketState.RESOLVED.value, TicketState.CLOSED.value})
_ENDINGS = ("state", "resolved", "closed")


def too_late(session: Session, ticket: Ticket, now: datetime, days: int) -> bool:
    """Whether the case ended longer ago than a reply may reopen it."""
    if ticket.state not in ENDED:
        return False
    query = select(Event.at).where(Event.ticket_id == ticket.id, col(Event.kind).in_(_ENDINGS)).order_by(col(Event.id).desc())
    ended = session.exec(query.limit(1)).first() or ticket.last_contact_at
    return now - ended > timedelta(days=days)


# A short answer to "does it work again?"; one doubtful word and a person's case comes back instead.
_GOOD = re.compile(
    r"\b(?:works?|working|fine|ok|okay|resolved|restored|fixed|confirm(?:ed)?|good|stable|up|solved|close|thanks?|thank you)\b",
    re.I,
)
_DOUBT = re.compile(
    r"\b(?:not?|never|still|again|down|but|however|slow|loss|drops?|dropping|flapping|problem|issue|except|until)\b|n['’]t\b|\?",
    re.I,
)
_SHORT = 300


def confirms(words: str) -> bool:
    """Whether the customer says of a resolved ticket that all is well."""
    return len(words) <= _SHORT and bool(_GOOD.search(words)) and not _DOUBT.search(words.replace("works again", "works"))
