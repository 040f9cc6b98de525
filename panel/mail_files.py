"""Files that came by mail: listed on the ticket, and handed out, to the customer whose own people have sent them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message

from sqlmodel import Session, col, func, select

from models.directory import Directory
from models.tables import Contact, Ticket
from models.words import Channel, Verdict
from panel.files import Upload, safe_name
from panel.looking import FileLine

_MOST_MAILS, _MOST_PARTS, _MOST_KEPT = 20, 200, 5_000
_NAMED = re.compile(rb"name\*?\d*\*?=|content-disposition:\s*attachment", re.I)


class MailFiles:
    """Mails do not change, so the names in each are looked up once."""

    def __init__(self) -> None:
        self._names: dict[int, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def on(self, session: Session, ticket: Ticket, directory: Directory) -> list[FileLine]:
        """The files in the newest mails of the ticket's own customer, the oldest first."""
        lines = []
        for contact_id, at in reversed(_mails(session, ticket, directory)):
            lines += [FileLine(contact_id, n, name, at) for n, name in enumerate(self._of(session, contact_id))]
        return lines

    def one(self, session: Session, ticket: Ticket, directory: Directory, contact_id: int, number: int) -> Upload | None:
        """A file of such a mail; None where there is none, or where the mail is not this customer's."""
        if contact_id not in {i for i, _ in _mails(session, ticket, directory)}:
            return None
        found = list(_files(_raw(session, contact_id)))
        if not 0 <= number < len(found):
            return None
        data = found[number].get_payload(decode=True)
        return Upload(_name(found[number]), "application/octet-stream", data if isinstance(data, bytes) else b"")

    def _of(self, session: Session, contact_id: int) -> tuple[str, ...]:
        if (known := self._names.get(contact_id)) is not None:
            return known
        names = tuple(_name(part) for part in _files(_raw(session, contact_id)))
        with self._lock:
            if len(self._names) >= _MOST_KEPT:
                self._names.clear()
            self._names[contact_id] = names
        return names


def _mails(session: Session, ticket: Ticket, directory: Directory) -> list[tuple[int, datetime]]:
    """Mails on the ticket from addresses of its customer, the newest first; what was purged is left out."""
    rows = session.exec(
        select(Contact.id, Contact.arrived_at, Contact.from_address)
        .where(Contact.ticket_id == ticket.id, Contact.channel == Channel.EMAIL.value, Contact.verdict == Verdict.PERSON.value)
        .where(func.length(Contact.raw) > 0)
        .order_by(col(Contact.id).desc())
        .limit(_MOST_MAILS)
    ).all()
    return [(i or 0, at) for i, at, sender in rows if _own(directory, sender, ticket.customer_id)]


def _own(directory: Directory, sender: str, customer: str | None) -> bool:
    return bool(customer) and any(c.id == customer for c in directory.customers_of_address(sender))


def _raw(session: Session, contact_id: int) -> bytes:
    return session.exec(select(Contact.raw).where(Contact.id == contact_id)).first() or b""


def _files(raw: bytes) -> Iterator[Message]:
    """The parts with a name, or sent as an attachment; what cannot be opened has none."""
    if not _NAMED.search(raw):
        return
    try:
        parts = message_from_bytes(raw, policy=policy.compat32).walk()
        for part, _ in zip(parts, range(_MOST_PARTS), strict=False):
            if not part.is_multipart() and (part.get_content_disposition() == "attachment" or part.get_filename()):
                yield part
    except (ValueError, LookupError, RecursionError, AttributeError):
        return


def _name(part: Message) -> str:
    """The name as its sender wrote it, also in the encoded words that some programs put it in."""
    given = part.get_filename() or "file"
    try:
        return safe_name(str(make_header(decode_header(given))))
    except (ValueError, LookupError, UnicodeError):
        return safe_name(given)
