"""Addresses that mail of ours came back from: marked by a bounce of a mail that is ours, free again by time or agent."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.errors import NotFoundError
from models.mail import Report
from models.statements import ask, bindparam
from models.store import Store
from models.tables import Event, Outbox
from models.tables_mail import UndeliverableAddress
from models.tables_users import Audit

# By the beginning of the enhanced status code (RFC 3463): how long nothing is sent there automatically.
_REST: tuple[tuple[str, timedelta], ...] = (
    ("5.1.", timedelta(days=60)),
    ("5.2.1", timedelta(days=60)),
    ("5.2.2", timedelta(days=1)),
    ("5.7.", timedelta(days=1)),
    ("", timedelta(days=7)),
)
_IS_MARKED = select(UndeliverableAddress.address).where(UndeliverableAddress.address == bindparam("address"))


def blocked(session: Session, address: str, now: datetime) -> UndeliverableAddress | None:
    """The mark on this address, if it still holds."""
    # Mostly there is none, and to ask for a row as an object costs more.
    if not ask(session, _IS_MARKED, address=address.lower()):
        return None
    row = session.get(UndeliverableAddress, address.lower())
    return row if row is not None and row.until > now else None


def mark_undeliverable(
    session: Session, address: str, report: Report, ticket_id: str, contact_id: int | None, now: datetime
) -> None:
    """Marks the address, or renews the mark."""
    rest = next(t for prefix, t in _REST if report.status.startswith(prefix))
    row = session.get(UndeliverableAddress, address.lower())
    if row is None:
        row = UndeliverableAddress(address=address.lower(), since=now, until=now + rest)
    row.until, row.status, row.why = max(row.until, now + rest), report.status, report.why
    row.ticket_id, row.contact_id = ticket_id, contact_id
    session.add(row)


def bounced_address(session: Session, ticket_id: str, report: Report) -> str:
    """Which recipient of the ticket's mails the report speaks of; empty when we never wrote to the address it names."""
    rows = session.exec(
        select(Outbox.to_address, Outbox.message_id).where(Outbox.ticket_id == ticket_id).order_by(col(Outbox.id).desc())
    )
    sent = [(to.lower(), mid) for to, mid in rows]
    by_id = next((to for to, mid in sent if mid in report.message_ids), "")
    named = report.address.lower()
    if named and any(to == named for to, _ in sent):
        return named
    # A forwarding at the other end bounces under an address that we do not know; the one that we wrote to does not work.
    return by_id or (sent[0][0] if sent and not named else "")


def free_address(store: Store, address: str, *, actor: str, now: datetime) -> None:
    """An agent says that mail to this address may go out again."""
    with store.write() as session:
        row = session.get(UndeliverableAddress, address.lower(), with_for_update=True)
        if row is None or row.until <= now:
            raise NotFoundError(f"{address} is not marked as undeliverable")
        row.until = now
        session.add(row)
        session.add(Audit(at=now, actor=actor, action="address-freed", detail={"address": row.address, "why": row.why}))
        if row.ticket_id:
            why = f"mail to {row.address} goes out again"
            session.add(Event(ticket_id=row.ticket_id, at=now, actor=actor, kind="address", why=why))
