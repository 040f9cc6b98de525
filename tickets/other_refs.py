# ruff: noqa: E501 (patterns read better on one line)
"""Ticket numbers of other parties' systems: kept with the case, used to find it again, quoted back in the subject."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.directory import Customer
from models.mail import MailFacts
from models.reading import Reading
from models.statements import ask, bindparam
from models.tables_mail import OtherRef
from models.words import Field, FindingStatus

MAX_NUMBERS = 5
# Where a transaction bears the tickets that it has opened and that have no number.
_WITHOUT = "tickets without numbers"
# How the subject lines of ticket systems bear their number: in brackets, after "ticket" or "#", or as an issue key.
_TAGS = (
    re.compile(r"[\[({]\s*(?:[\w .-]{0,24}?(?:ticket|case|request|req|ref|id|issue|incident|vorgang|chamado|caso)\s*[:#.]?\s*)?"
               r"#?\s*(?P<ref>(?:[A-Z]{1,8}[-_ ]?)?\d[\w-]{2,22})\s*[\])}]", re.I),
    re.compile(r"\[(?P<ref>[A-Z][A-Z0-9]{1,9}-\d{1,9})\]|\((?P<ref2>[A-Z][A-Z0-9]{1,9}-\d{1,9})\)"),
    re.compile(r"\b(?:ticket|case|request|incident|issue|vorgang|chamado|caso)\s*(?:id|no|nr|number|num)?\.?\s*[:#]\s*(?P<ref>[A-Z]{0,8}-?\d[\w-]{3,22})", re.I),
    re.compile(r"\b(?P<ref>(?:INC|RITM|REQ|TASK|CS|CHG|PRB|SR|HD|TT)\d{5,12})\b"),
    re.compile(r"\bref:(?P<ref>_?\w{5,20}\._?\w{5,20}):ref\b", re.I),
)  # fmt: skip
_OURS = re.compile(r"INC-\d{4}-\d{6,}", re.I)
_NOT = re.compile(r"(?:19|20)\d\d(?:[-/.]?\d\d){0,2}")


@dataclass(frozen=True, slots=True)
class OtherNumber:
    """`owner` is the customer or the domain in whose system it stands; `ref` compares, `written` is shown."""

    owner: str
    ref: str
    written: str


def numbers_of(facts: MailFacts, reading: Reading, customer: Customer | None, requester: str) -> tuple[OtherNumber, ...]:
    """The numbers of the sender's own system, from words that name them and from the subject line."""
    owner = customer.id if customer else "@" + requester.rpartition("@")[2]
    found = [f.value for f in reading.findings if f.field is Field.OTHER_REF and f.status is FindingStatus.FILLED]
    subject = _OURS.sub(" ", facts.subject)
    for pattern in _TAGS:
        for m in pattern.finditer(subject):
            found.append(next(v for v in m.groupdict().values() if v))
    taken = {canonical(x) for x in (*reading.service_ids, *reading.circuit_ids)}
    out = {canonical(w): w.strip() for w in reversed(found) if _is_number(w.strip())}
    return tuple(OtherNumber(owner, ref, w) for ref, w in reversed(out.items()) if ref not in taken)[:MAX_NUMBERS]


def _is_number(written: str) -> bool:
    """Not a year, a date or a span of minutes."""
    digits = sum(c.isdigit() for c in written)
    return (digits >= 5 or (digits >= 3 and any(c.isalpha() for c in written))) and not _NOT.fullmatch(written)


def canonical(number: str) -> str:
    """The form in which two spellings of one number are equal."""
    return re.sub(r"[\W_]", "", number).upper()


def ticket_of_number(session: Session, number: OtherNumber) -> str | None:
    """Our ticket that bears this number."""
    row = session.get(OtherRef, (number.owner, number.ref))
    return row.ticket_id if row else None


def keep_numbers(
    session: Session, numbers: tuple[OtherNumber, ...], ticket_id: str, now: datetime, *, opened: bool = False
) -> None:
    """Keeps the numbers with the ticket; one that stood for another ticket stands for this one from now on.

    `opened`: the ticket is new in this transaction, so that without these it has none.
    """
    without: set[str] = session.info.setdefault(_WITHOUT, set())
    if opened and not numbers:
        without.add(ticket_id)
    elif numbers:
        without.discard(ticket_id)
    for n in numbers:
        row = session.get(OtherRef, (n.owner, n.ref))
        if row is None:
            session.add(OtherRef(owner=n.owner, ref=n.ref, ticket_id=ticket_id, written=n.written[:80], at=now))
        elif row.ticket_id != ticket_id:
            row.ticket_id, row.at = ticket_id, now
    if numbers:
        # The answer quotes the number, and asks the database for it.
        session.flush()


def number_to_quote(session: Session, ticket_id: str) -> str:
    """The newest number that the other party's system has for this ticket, or an empty string."""
    if ticket_id in session.info.get(_WITHOUT, ()):
        return ""
    found = ask(session, _NEWEST, ticket=ticket_id)
    return found[0][0] if found else ""


_NEWEST = select(OtherRef.written).where(OtherRef.ticket_id == bindparam("ticket")).order_by(col(OtherRef.at).desc()).limit(1)
