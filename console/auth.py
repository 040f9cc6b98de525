"""Passwords (argon2id), sign-in with its lock-out, and the sessions of browsers (docs/operations/access.md)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete
from sqlmodel import Session, col

from models.audit_log import record
from models.errors import UserError
from models.store import Store
from models.tables_api import SignInFailure
from models.tables_users import User, WebSession
from models.words import Role

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
LOCK_OUT = timedelta(minutes=15)
# From one address, and from all addresses together: an attacker elsewhere locks out himself first, and the user last.
MAX_FAILED = 5
MAX_FAILED_EVERYWHERE = 50
MIN_PASSWORD = 10
MAX_PASSWORD = 1000
_SEEN_EVERY = timedelta(minutes=1)

_hasher = PasswordHasher()
# A hash takes 64 MiB; two at once bound what a flood of sign-ins can take.
_hashing = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has the page open; `session` names his session among his others."""

    name: str
    role: Role
    csrf: str
    timezone: str = ""
    must_change: bool = False
    session: str = ""


def hash_password(password: str) -> str:
    with _hashing:
        return _hasher.hash(password)


@cache
def _nobody() -> str:
    """The hash that a password is compared with where there is no user: it takes as long. Made at the first sign-in."""
    return hash_password(secrets.token_hex(16))


def check_password(password: str, name: str = "") -> None:
    """Raises UserError for a password that is no use."""
    if len(password) < MIN_PASSWORD:
        raise UserError(f"the password has {len(password)} characters; at least {MIN_PASSWORD} are needed")
    if len(password) > MAX_PASSWORD:
        raise UserError(f"the password has over {MAX_PASSWORD} characters")
    if len(set(password)) < 4 or (name and password.casefold() == name.casefold()):
        raise UserError("the password is too simple; use several words")


def create_user(session: Session, name: str, role: str, password: str, *, now: datetime | None = None) -> None:
    """Adds a user. Raises UserError when the name is taken."""
    if session.get(User, name) is not None:
        raise UserError(f"user {name!r} exists already")
    session.add(User(name=name, role=Role(role).value, password_hash=hash_password(password), created_at=now))


def sign_in(
    store: Store, name: str, password: str, now: datetime, *, ip: str = "", agent: str = "", old: str = ""
) -> str | None:
    """A fresh session token in place of `old`, or None; an unknown name takes as long as a wrong password."""
    # Whether or not there is such a user, so that the first sign-in tells nothing either.
    nobody = _nobody()
    with store.read() as session:
        user = session.get(User, name)
    right = _matches(user.password_hash if user and user.password_hash else nobody, password)
    with store.write() as session:
        user = session.get(User, name, with_for_update=True)
        failure = session.get(SignInFailure, (name, ip)) or SignInFailure(name=name, ip=ip, last_at=now)
        locked = any(t and t > now for t in (failure.locked_until, user.locked_until if user else None))
        if locked or user is None or user.disabled or not right:
            if not locked:
                _count(session, user, failure, now)
            return None
        session.connection().execute(delete(SignInFailure).where(col(SignInFailure.name) == name, col(SignInFailure.ip) == ip))
        user.failed, user.locked_until = 0, None
        return open_session(session, user, now, ip=ip, agent=agent, old=old, how="password")


def open_session(session: Session, user: User, now: datetime, *, ip: str, agent: str, old: str, how: str) -> str:
    """A new session for somebody who has proved who he is; the token that the browser came with ends."""
    if old and (row := session.get(WebSession, _digest(old))):
        session.delete(row)
    session.connection().execute(delete(WebSession).where(col(WebSession.created_at) < now - ABSOLUTE))
    token = secrets.token_urlsafe(32)
    row = WebSession(
        token_hash=_digest(token), user_name=user.name, csrf=secrets.token_urlsafe(24), created_at=now, seen_at=now
    )
    row.ip, row.agent = ip[:64], agent[:200]
    user.last_sign_in = now
    session.add_all((row, user))
    record(session, "signed-in", at=now, actor=user.name, subject=f"user:{user.name}", how=how)
    return token


def session_of(store: Store, token: str, now: datetime, *, by_person: bool = True) -> SignedIn | None:
    """Who this token belongs to, unless it is idle for 30 minutes or 12 hours old, or the user is locked."""
    with store.read() as session:
        row = session.get(WebSession, _digest(token))
        user = session.get(User, row.user_name) if row else None
    if row is None or user is None or user.disabled or now - row.seen_at > IDLE or now - row.created_at > ABSOLUTE:
        return None
    if by_person and now - row.seen_at > _SEEN_EVERY:
        with store.write() as session:
            seen = session.get(WebSession, row.token_hash)
            if seen:
                seen.seen_at = now
    return SignedIn(user.name, Role(user.role), row.csrf, user.timezone, user.must_change, row.token_hash[:16])


def sign_out(store: Store, token: str) -> None:
    with store.write() as session:
        row = session.get(WebSession, _digest(token))
        if row:
            session.delete(row)


def end_sessions(session: Session, name: str, *, but: str = "", only: str = "") -> int:
    """Ends the sessions of a user: all, all but one, or one (by the first 16 characters of its hash). Gives how many."""
    rows = delete(WebSession).where(col(WebSession.user_name) == name)
    if only:
        rows = rows.where(col(WebSession.token_hash).startswith(only, autoescape=True))
    if but:
        rows = rows.where(~col(WebSession.token_hash).startswith(but, autoescape=True))
    return session.connection().execute(rows).rowcount


def same_token(a: str, b: str) -> bool:
    """Compares two secrets in constant time."""
    return hmac.compare_digest(a.encode(errors="replace"), b.encode(errors="replace"))


def matches(user: User, password: str) -> bool:
    """Whether this is the user's password; somebody without one has none that matches."""
    return _matches(user.password_hash or _nobody(), password)


def _count(session: Session, user: User | None, failure: SignInFailure, now: datetime) -> None:
    """One more wrong try; it is counted for names that do not exist too, so that they answer alike."""
    if now - failure.last_at > LOCK_OUT:
        failure.failed = 0
    failure.failed, failure.last_at = failure.failed + 1, now
    if failure.failed >= MAX_FAILED:
        failure.failed, failure.locked_until = 0, now + LOCK_OUT
        if user:
            record(session, "locked", at=now, actor=user.name, subject=f"user:{user.name}", minutes=LOCK_OUT.seconds // 60)
    session.add(failure)
    session.connection().execute(delete(SignInFailure).where(col(SignInFailure.last_at) < now - timedelta(days=1)))
    if user:
        user.failed += 1
        if user.failed >= MAX_FAILED_EVERYWHERE:
            user.failed, user.locked_until = 0, now + LOCK_OUT
            record(session, "locked", at=now, actor=user.name, subject=f"user:{user.name}", everywhere=True)


def _matches(stored: str, password: str) -> bool:
    try:
        with _hashing:
            return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
