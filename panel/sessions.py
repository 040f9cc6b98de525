"""Who a browser belongs to: sign-in links, sessions, used tokens. Only hashes are stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from models.directory import Customer, Directory
from models.store import Store
from models.tables_panel import PanelAsk, PanelFile, PanelSession, PanelToken

LINK_LIFE = timedelta(minutes=15)
IDLE, ABSOLUTE = timedelta(hours=1), timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
MOST_OF_ADDRESS, MOST_OF_PEER = 5, 30
DRAFT_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in customer: his address, and the customers that it is on file for at this moment."""

    address: str
    name: str
    customers: tuple[Customer, ...]
    csrf: str

    @property
    def customer_ids(self) -> tuple[str, ...]:
        return tuple(c.id for c in self.customers)

    @property
    def company(self) -> str:
        return ", ".join(c.name for c in self.customers)


def ask(store: Store, address: str, peer: str, wanted: str, now: datetime) -> int | None:
    """Keeps the wish for a link, known address or not; None where this address or this peer has asked too often."""
    with store.write() as session:
        since = now - _HOUR
        if _asked(session, PanelAsk.address, address, since) >= MOST_OF_ADDRESS:
            return None
        if peer and _asked(session, PanelAsk.peer, peer, since) >= MOST_OF_PEER:
            return None
        row = PanelAsk(address=address, peer=peer, wanted=wanted, at=now)
        session.add(row)
        session.flush()
        return row.id


def use_link(store: Store, token: str, now: datetime) -> tuple[str, str] | None:
    """The address that a link was sent to and the page that was wanted, once and for 15 minutes; then None."""
    with store.write() as session:
        row = session.exec(select(PanelAsk).where(PanelAsk.token_hash == digest(token)).with_for_update()).first()
        if row is None or row.used_at is not None or now - row.at > LINK_LIFE:
            return None
        row.used_at = now
        session.add(row)
        return row.address, row.wanted


def link_is_good(session: Session, token: str, now: datetime) -> bool:
    """Whether a link could still be used; looking changes nothing."""
    row = session.exec(select(PanelAsk).where(PanelAsk.token_hash == digest(token))).first()
    return row is not None and row.used_at is None and now - row.at <= LINK_LIFE


def use_token(store: Store, jti: str, until: datetime) -> bool:
    """Marks a signed token as used; False when it was used before."""
    try:
        with store.write() as session:
            session.add(PanelToken(jti=digest(jti), until=until))
    except IntegrityError:
        return False
    return True


def begin(store: Store, address: str, customer_id: str, way: str, now: datetime) -> str:
    """A fresh session; gives the token for the cookie."""
    token = secrets.token_urlsafe(32)
    row = PanelSession(
        token_hash=digest(token),
        address=address,
        customer_id=customer_id,
        way=way,
        csrf=secrets.token_urlsafe(24),
        created_at=now,
        seen_at=now,
    )
    with store.write() as session:
        session.add(row)
    return token


def visitor_of(store: Store, token: str, directory: Directory, now: datetime) -> Visitor | None:
    """Who this token belongs to: not idle for an hour, not 12 hours old, and still on file."""
    with store.read() as session:
        row = session.get(PanelSession, digest(token))
    if row is None or now - row.seen_at > IDLE or now - row.created_at > ABSOLUTE:
        return None
    customers = tuple(c for c in directory.customers_of_address(row.address) if row.customer_id in ("", c.id))
    if not customers:
        return None
    if now - row.seen_at > _SEEN_EVERY:
        with store.write() as session:
            seen = session.get(PanelSession, row.token_hash)
            if seen:
                seen.seen_at = now
    name = next((p.name for c in customers for p in c.contacts if p.email.casefold() == row.address), "")
    return Visitor(row.address, name, customers, row.csrf)


def end(store: Store, token: str) -> None:
    with store.write() as session:
        row = session.get(PanelSession, digest(token))
        if row:
            session.delete(row)


def tidy(store: Store, now: datetime) -> None:
    """Forgets what is over: asks of yesterday, old sessions, tokens that have expired, files of forms never sent."""
    with store.write() as session:
        connection = session.connection()
        connection.execute(delete(PanelAsk).where(col(PanelAsk.at) < now - DRAFT_LIFE))
        connection.execute(delete(PanelSession).where(col(PanelSession.created_at) < now - ABSOLUTE))
        connection.execute(delete(PanelToken).where(col(PanelToken.until) < now))
        connection.execute(delete(PanelFile).where(col(PanelFile.at) < now - DRAFT_LIFE))


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def same(a: str, b: str) -> bool:
    """Compares two secrets in constant time."""
    return hmac.compare_digest(a.encode(), b.encode())


def _asked(session: Session, column: object, value: str, since: datetime) -> int:
    count = select(func.count()).select_from(PanelAsk).where(col(column) == value, col(PanelAsk.at) > since)
    found: int = session.exec(count).one()
    return found
