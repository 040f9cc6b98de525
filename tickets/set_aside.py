"""The set-aside store: mail that could not be processed, mail that is held, and mail of ours that could not be delivered.

A reference names one item: `c12` is contact 12, `m7` mail 7 of the outbox.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from models.clock import iso
from models.errors import NotFoundError, UserError
from models.tables import Contact, Event, Outbox, ReadingRecord, Ticket
from models.tables_users import Audit
from models.words import ContactState, OutboxState, Verdict

RETRIED, ACCEPTED, REPROCESSED = "set-aside-retried", "set-aside-accepted", "reprocessed"


class Kind(StrEnum):
    """Why something is set aside."""

    UNPROCESSABLE = "unprocessable"
    HELD = "held"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True)
class SetAside:
    """One item as lists show it."""

    ref: str
    kind: Kind
    who: str
    subject: str
    why: str
    at: datetime
    ticket: str

    def as_row(self) -> dict[str, str]:
        """As one line of JSON."""
        return {
            "ref": self.ref,
            "kind": self.kind.value,
            "who": self.who,
            "subject": self.subject,
            "why": self.why,
            "at": iso(self.at),
            "ticket": self.ticket,
        }


def items(session: Session, kind: Kind | None = None, *, limit: int = 10_000) -> list[SetAside]:
    """What is set aside, the newest first."""
    contacts = select(Contact).options(defer(Contact.raw)).order_by(col(Contact.id).desc()).limit(limit)  # type: ignore[arg-type]
    found: list[SetAside] = []
    if kind in (None, Kind.UNPROCESSABLE):
        rows = session.exec(contacts.where(Contact.state == ContactState.UNPROCESSABLE.value)).all()
        found += [contact_item(c, Kind.UNPROCESSABLE) for c in rows]
    if kind in (None, Kind.HELD):
        held = contacts.where(Contact.state == ContactState.FILED.value, Contact.verdict == Verdict.UNWANTED.value)
        found += [contact_item(c, Kind.HELD) for c in session.exec(held.where(col(Contact.ticket_id).is_(None))).all()]
    if kind in (None, Kind.UNDELIVERABLE):
        failed = select(Outbox).options(defer(Outbox.raw)).where(Outbox.state == OutboxState.FAILED.value)  # type: ignore[arg-type]
        rows_out = session.exec(failed.order_by(col(Outbox.id).desc()).limit(limit)).all()
        found += [mail_item(m) for m in rows_out]
    return sorted(found, key=lambda i: i.at, reverse=True)[:limit]


def item(session: Session, ref: str) -> tuple[SetAside, bytes]:
    """One item and its raw bytes (none for a mail that could not even be written). Raises NotFoundError."""
    row = _row(session, ref)
    if isinstance(row, Outbox):
        return mail_item(row), row.raw or b""
    kind = Kind.UNPROCESSABLE if row.state == ContactState.UNPROCESSABLE.value else Kind.HELD
    return contact_item(row, kind), row.raw


def retry(session: Session, ref: str, *, who: str, now: datetime, to: str = "") -> None:
    """Has a contact processed again, or a mail of ours delivered again, to another address if `to` names one."""
    row = _row(session, ref)
    if isinstance(row, Outbox):
        _send_again(session, row, to, now)
    else:
        if to:
            raise UserError(f"{ref} came in: only a mail of ours can go to another address")
        _take_again(session, row)
    _trace(session, who, RETRIED, ref, now, {"to": to} if to else {})


def process_again(session: Session, ids: Sequence[int], *, who: str, now: datetime) -> int:
    """Has filed contacts read and filed again, by the rules of today: each joins its ticket anew. Gives how many."""
    kept = (ContactState.FILED.value, ContactState.UNPROCESSABLE.value)
    query = select(Contact).where(col(Contact.id).in_(ids), col(Contact.state).in_(kept), Contact.channel == "email")
    rows = session.exec(query.order_by(col(Contact.id)).with_for_update()).all()
    for row in rows:
        _take_again(session, row)
        _trace(session, who, REPROCESSED, f"c{row.id}", now, {})
    return len(rows)


def reprocessed(session: Session, ticket_id: str, contact_id: int) -> bool:
    """Whether a contact of this ticket is filed again because all are read anew, and not because it failed before."""
    kinds = select(Event.kind).where(Event.ticket_id == ticket_id, Event.why == f"c{contact_id}")
    last = kinds.where(col(Event.kind).in_((REPROCESSED, RETRIED, ACCEPTED))).order_by(col(Event.id).desc()).limit(1)
    return session.exec(last).first() == REPROCESSED


def accept(session: Session, ref: str, *, who: str, now: datetime) -> None:
    """Files a held mail as a person's: it opens or joins a ticket and is answered. Raises UserError if it is not held."""
    row = _row(session, ref)
    if isinstance(row, Outbox) or row.verdict != Verdict.UNWANTED.value:
        raise UserError(f"{ref} is not held; process it again instead")
    row.accepted_by = who
    _take_again(session, row)
    _trace(session, who, ACCEPTED, ref, now, {})


def discard(session: Session, ref: str, *, who: str, now: datetime) -> None:
    """Deletes the words for good; that there was such a mail, and who deleted it, stays in the audit log.

    A contact keeps its row without content, so that the same mail is still known as a repeat when it comes again.
    """
    row = _row(session, ref)
    if isinstance(row, Outbox):
        row.state, row.raw, row.body_text, row.context = OutboxState.DELETED.value, None, "", {}
        detail = {"message_id": row.message_id, "to": row.to_address, "ticket": row.ticket_id or ""}
    else:
        detail = {"message_id": row.message_id, "from": row.from_address, "sha256": hashlib.sha256(row.raw).hexdigest()}
        session.connection().execute(delete(ReadingRecord).where(col(ReadingRecord.contact_id) == row.id))
        row.state, row.raw, row.subject = ContactState.DELETED.value, b"", ""
    session.add(row)
    _trace(session, who, "set-aside-deleted", ref, now, detail)


def _row(session: Session, ref: str) -> Contact | Outbox:
    """The row behind a reference, held against others until the transaction ends."""
    letter, number = ref[:1], ref[1:]
    row: Contact | Outbox | None = None
    if number.isascii() and number.isdigit() and len(number) < 16:
        if letter == "c":
            row = session.get(Contact, int(number), with_for_update=True)
        elif letter == "m":
            row = session.get(Outbox, int(number), with_for_update=True)
    if row is None or not _is_set_aside(row):
        raise NotFoundError(f"nothing is set aside as {ref[:40]!r}")
    return row


def _is_set_aside(row: Contact | Outbox) -> bool:
    if isinstance(row, Outbox):
        return row.state == OutboxState.FAILED.value
    held = row.state == ContactState.FILED.value and row.verdict == Verdict.UNWANTED.value and row.ticket_id is None
    return held or row.state == ContactState.UNPROCESSABLE.value


def _take_again(session: Session, row: Contact) -> None:
    session.connection().execute(delete(ReadingRecord).where(col(ReadingRecord.contact_id) == row.id))
    row.state, row.tries, row.last_error, row.again = ContactState.RECEIVED.value, 0, "", row.again + 1
    row.lease_owner, row.lease_until = "", None
    session.add(row)


def _send_again(session: Session, row: Outbox, to: str, now: datetime) -> None:
    if to and to != row.to_address:
        # Written anew, because the address stands in its To line; the Message-ID stays.
        row.to_address, row.raw = to, None
    row.state, row.tries, row.first_try_at, row.due_at, row.last_error = OutboxState.QUEUED.value, 0, None, now, ""
    session.add(row)


def _trace(session: Session, who: str, action: str, ref: str, now: datetime, detail: dict[str, str]) -> None:
    session.add(Audit(at=now, actor=who, action=action, detail={"ref": ref, **detail}))
    row = session.get(Outbox, int(ref[1:])) if ref[0] == "m" else session.get(Contact, int(ref[1:]))
    if row is not None and row.ticket_id and session.get(Ticket, row.ticket_id):
        session.add(Event(ticket_id=row.ticket_id, at=now, actor=who, kind=action, why=ref))


def contact_item(c: Contact, kind: Kind) -> SetAside:
    """A contact as an item that is set aside for this reason."""
    why = c.last_error if kind is Kind.UNPROCESSABLE else c.reason
    return SetAside(f"c{c.id}", kind, c.from_address or c.envelope_from, c.subject, why, c.arrived_at, c.ticket_id or "")


def mail_item(m: Outbox) -> SetAside:
    """A mail of ours that could not be delivered as an item."""
    return SetAside(
        f"m{m.id}", Kind.UNDELIVERABLE, m.to_address, m.subject or m.event, m.last_error, m.created_at, m.ticket_id or ""
    )


def visible(raw: bytes, limit: int = 200_000) -> str:
    """The source as text that can do nothing: bytes beyond printable ASCII as \\xNN, cut after `limit` bytes."""
    shown = "".join(chr(b) if 32 <= b < 127 or b in (9, 10) else f"\\x{b:02x}" for b in raw[:limit].replace(b"\r\n", b"\n"))
    return shown + (f"\n[{len(raw) - limit} more bytes]" if len(raw) > limit else "")
