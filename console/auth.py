"""Users, passwords (argon2id), sessions and their CSRF tokens (docs/architecture.md, Console)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlmodel import Session

from models.errors import UserError
from models.store import Store
from models.tables import Audit, User, WebSession
from models.words import Role

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
MAX_FAILED = 5
LOCK_OUT = timedelta(minutes=15)
_SEEN_EVERY = timedelta(minutes=1)

_hasher = PasswordHasher()
# A hash takes 64 MiB; two at once bound what a flood of sign-ins can take.
_hashing = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class SignedIn:
    name: str
    role: Role
    csrf: str


def hash_password(password: str) -> str:
    with _hashing:
        return _hasher.hash(password)


_NOBODY = hash_password(secrets.token_hex(16))


def create_user(session: Session, name: str, role: str, password: str) -> None:
    """Adds a user. Raises UserError when the name is taken."""
    if session.get(User, name) is not None:
        raise UserError(f"user {name!r} exists already")
    session.add(User(name=name, role=Role(role).value, password_hash=hash_password(password)))


def sign_in(store: Store, name: str, password: str, now: datetime) -> str | None:
    """A fresh session token, or None; an unknown name takes as long as a wrong password."""
    with store.read() as session:
        user = session.get(User, name)
    right = _matches(user.password_hash if user else _NOBODY, password)
    with store.write() as session:
        user = session.get(User, name, with_for_update=True)
        if user is None:
            return None
        if user.locked_until and user.locked_until > now:
            return None
        if not right:
            user.failed += 1
            if user.failed >= MAX_FAILED:
                user.failed, user.locked_until = 0, now + LOCK_OUT
                session.add(Audit(at=now, actor=name, action="locked", detail={"minutes": LOCK_OUT.seconds // 60}))
            return None
        user.failed, user.locked_until = 0, None
        token = secrets.token_urlsafe(32)
        row = WebSession(token_hash=_digest(token), user_name=name, csrf=secrets.token_urlsafe(24), created_at=now, seen_at=now)
        session.add(row)
        session.add(Audit(at=now, actor=name, action="signed-in", detail={}))
        return token


def session_of(store: Store, token: str, now: datetime, *, by_person: bool = True) -> SignedIn | None:
    """Who this token belongs to, unless it is idle for 30 minutes or 12 hours old."""
    with store.read() as session:
        row = session.get(WebSession, _digest(token))
        user = session.get(User, row.user_name) if row else None
    if row is None or user is None or now - row.seen_at > IDLE or now - row.created_at > ABSOLUTE:
        return None
    if by_person and now - row.seen_at > _SEEN_EVERY:
        with store.write() as session:
            seen = session.get(WebSession, row.token_hash)
            if seen:
                seen.seen_at = now
    return SignedIn(user.name, Role(user.role), row.csrf)


def sign_out(store: Store, token: str) -> None:
    with store.write() as session:
        row = session.get(WebSession, _digest(token))
        if row:
            session.delete(row)


def same_token(a: str, b: str) -> bool:
    """Compares two secrets in constant time."""
    return hmac.compare_digest(a.encode(), b.encode())


def _matches(stored: str, password: str) -> bool:
    try:
        with _hashing:
            return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
