"""Keys of other systems: made, shown once, known again by their hash, revoked."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from models.access import CUSTOMER_SCOPES, ROLE_SCOPES, Scope
from models.audit_log import record
from models.errors import NotFoundError, UserError
from models.tables import CustomerRecord
from models.tables_api import ApiToken
from models.tables_users import User
from models.words import Role

MAX_DAYS = 730
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_PRESENTED = re.compile(r"itk_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")
_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who calls: a token with what it may do now. `customer` is empty where it sees all customers."""

    id: str
    name: str
    scopes: frozenset[Scope]
    customer: str
    per_minute: int
    stale: bool

    @property
    def actor(self) -> str:
        return f"api:{self.name}"


@dataclass(frozen=True, slots=True)
class NewToken:
    """`secret` is shown once and kept nowhere."""

    row: ApiToken
    secret: str


def create_token(
    session: Session,
    name: str,
    scopes: Iterable[str],
    *,
    days: int,
    now: datetime,
    actor: str,
    owner: str = "",
    customer: str = "",
    per_minute: int = 0,
) -> NewToken:
    """A new token. Raises UserError naming what is wrong with it."""
    wanted = _checked(session, name, scopes, days, owner, customer)
    token_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    row = ApiToken(
        id=token_id,
        name=name,
        digest=_digest(secret),
        scopes=sorted(wanted),
        owner=owner,
        customer_id=customer or None,
        per_minute=per_minute,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    after = {"scopes": row.scopes, "customer": customer, "owner": owner, "days": days}
    record(session, "token-created", at=now, actor=actor, subject=f"token:{name}", after=after)
    return NewToken(row, f"itk_{token_id}_{secret}")


def revoke_token(session: Session, which: str, *, now: datetime, actor: str, owner: str = "") -> ApiToken:
    """Ends a token, by its ID or name; with `owner`, only one of that user. Raises NotFoundError."""
    row = session.get(ApiToken, which) or session.exec(select(ApiToken).where(ApiToken.name == which)).first()
    if row is None or (owner and row.owner != owner):
        raise NotFoundError(f"there is no token {which!r}")
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = now, actor
        session.add(row)
        record(session, "token-revoked", at=now, actor=actor, subject=f"token:{row.name}")
    return row


def list_tokens(session: Session, *, owner: str = "") -> list[ApiToken]:
    """All tokens, or those of one user, the newest first."""
    rows = select(ApiToken).order_by(col(ApiToken.created_at).desc(), col(ApiToken.name))
    return list(session.exec(rows.where(ApiToken.owner == owner) if owner else rows).all())


# Each request asks this: the columns as they are cost a third of what rows as objects do.
_KNOWN = (
    sql_select(*ApiToken.__table__.columns, col(User.role), col(User.disabled))  # type: ignore[attr-defined]
    .outerjoin(User, col(User.name) == col(ApiToken.owner))
    .where(col(ApiToken.id) == bindparam("token"))
)


def bearer_of(session: Session, presented: str, now: datetime) -> Bearer | None:
    """Whose token this is, or None for one that is unknown, expired, revoked, or whose owner is locked."""
    parts = _PRESENTED.fullmatch(presented)
    row = session.connection().execute(_KNOWN, {"token": parts[1]}).first() if parts else None
    # An unknown ID costs the same comparison as a known one.
    right = hmac.compare_digest(row.digest if row else _digest(""), _digest(parts[2] if parts else presented))
    if row is None or not right or row.revoked_at is not None or row.expires_at <= now:
        return None
    scopes = frozenset(Scope(s) for s in row.scopes if s in _ALL)
    if row.owner:
        if row.role is None or row.disabled:
            return None
        scopes &= ROLE_SCOPES[Role(row.role)]
    stale = row.last_used_at is None or now - row.last_used_at > _USED_EVERY
    return Bearer(row.id, row.name, scopes, row.customer_id or "", row.per_minute, stale)


def mark_used(session: Session, token_id: str, now: datetime) -> None:
    row = session.get(ApiToken, token_id)
    if row:
        row.last_used_at = now
        session.add(row)


def state_of(row: ApiToken, now: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at <= now else "active"


_ALL = frozenset(s.value for s in Scope)


def _checked(session: Session, name: str, scopes: Iterable[str], days: int, owner: str, customer: str) -> frozenset[str]:
    if not _NAME.fullmatch(name):
        raise UserError(f"{name!r} is no name of a token; use up to 63 letters, digits, dots and dashes")
    if session.exec(select(ApiToken).where(ApiToken.name == name)).first():
        raise UserError(f"there is a token {name!r} already; names stay taken, so that the log stays clear")
    if not 1 <= days <= MAX_DAYS:
        raise UserError(f"a token lives 1 to {MAX_DAYS} days, not {days}")
    wanted = frozenset(scopes)
    if not wanted:
        raise UserError("a token needs at least one scope")
    if unknown := sorted(wanted - _ALL):
        raise UserError(f"{unknown[0]!r} is no scope; use {', '.join(sorted(_ALL))}")
    if owner:
        user = session.get(User, owner)
        if user is None:
            raise UserError(f"there is no user {owner!r}")
        if over := sorted(wanted - ROLE_SCOPES[Role(user.role)]):
            raise UserError(f"the role {user.role} may not give {over[0]!r}")
    if customer:
        if session.get(CustomerRecord, customer) is None:
            raise UserError(f"there is no customer {customer!r} in the directory")
        if over := sorted(wanted - CUSTOMER_SCOPES):
            raise UserError(f"{over[0]!r} cannot be given to a token of one customer")
    return wanted


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
