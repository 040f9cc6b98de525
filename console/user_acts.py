"""What an admin does to users, and a user to himself; each in the caller's transaction, with its line in the audit log."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from zoneinfo import available_timezones

from sqlmodel import Session, col, func, select

from console.auth import check_password, create_user, end_sessions, hash_password, matches
from models.audit_log import record
from models.errors import NotFoundError, RefusedError, UserError
from models.tables_users import User
from models.words import Role

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")


def find_user(session: Session, name: str) -> User:
    """Raises NotFoundError."""
    user = session.get(User, name, with_for_update=True)
    if user is None:
        raise NotFoundError(f"there is no user {name!r}")
    return user


def add_user(
    session: Session, name: str, role: str, password: str, *, now: datetime, actor: str, must_change: bool = False
) -> User:
    """Adds a user. Raises UserError naming what is wrong."""
    if not _NAME.fullmatch(name):
        raise UserError(f"{name!r} is no sign-in name; use up to 100 letters, digits and . _ @ + -")
    _role(role)
    check_password(password, name)
    create_user(session, name, role, password, now=now)
    session.flush()
    user = find_user(session, name)
    user.must_change = must_change
    session.add(user)
    record(session, "user-added", at=now, actor=actor, subject=f"user:{name}", after={"role": role})
    return user


def set_role(session: Session, name: str, role: str, *, now: datetime, actor: str) -> None:
    """Gives another role; the user's sessions end, so that none goes on with the old one."""
    user = find_user(session, name)
    _role(role)
    if user.role == role:
        return
    if user.role == Role.ADMIN.value:
        _not_the_last_admin(session, name)
    record(session, "user-role", at=now, actor=actor, subject=f"user:{name}", before={"role": user.role}, after={"role": role})
    user.role = role
    session.add(user)
    end_sessions(session, name)


def lock(session: Session, name: str, *, now: datetime, actor: str) -> None:
    """Locks a user until somebody unlocks; his sessions and his tokens end with it."""
    user = find_user(session, name)
    if name == actor:
        raise RefusedError("you cannot lock yourself")
    if user.role == Role.ADMIN.value:
        _not_the_last_admin(session, name)
    _locked(session, user, True, now, actor)
    end_sessions(session, name)


def unlock(session: Session, name: str, *, now: datetime, actor: str) -> None:
    """Lets a user in again, also one whom wrong passwords have locked out."""
    user = find_user(session, name)
    user.failed, user.locked_until = 0, None
    _locked(session, user, False, now, actor)


def set_password(
    session: Session, name: str, password: str, *, now: datetime, actor: str, must_change: bool = False, keep: str = ""
) -> None:
    """Sets a password; all sessions of the user end but `keep`."""
    user = find_user(session, name)
    check_password(password, name)
    user.password_hash, user.must_change = hash_password(password), must_change
    user.failed, user.locked_until = 0, None
    session.add(user)
    end_sessions(session, name, but=keep)
    record(session, "password-set", at=now, actor=actor, subject=f"user:{name}", by_himself=actor == name)


def reset_password(session: Session, name: str, *, now: datetime, actor: str) -> str:
    """A password for once, to be handed over; the user must choose his own with it."""
    password = secrets.token_urlsafe(12)
    set_password(session, name, password, now=now, actor=actor, must_change=True)
    return password


def change_password(session: Session, name: str, old: str, new: str, again: str, *, now: datetime, keep: str) -> None:
    """A user's own change. Raises UserError naming the field."""
    user = find_user(session, name)
    if user.password_hash and not matches(user, old):
        raise UserError("the present password is not right")
    if new != again:
        raise UserError("the new password was not repeated alike")
    if user.password_hash and old == new:
        raise UserError("the new password is the present one")
    set_password(session, name, new, now=now, actor=name, keep=keep)


def set_timezone(session: Session, name: str, zone: str) -> None:
    """The zone in which a user reads times; empty for the browser's own."""
    if zone and zone not in available_timezones():
        raise UserError(f"{zone!r} is no time zone; use a name such as Europe/Berlin")
    user = find_user(session, name)
    user.timezone = zone
    session.add(user)


def list_users(session: Session) -> list[User]:
    return list(session.exec(select(User).order_by(col(User.name))).all())


def _locked(session: Session, user: User, locked: bool, now: datetime, actor: str) -> None:
    action, subject = ("user-locked" if locked else "user-unlocked"), f"user:{user.name}"
    record(session, action, at=now, actor=actor, subject=subject, before={"locked": user.disabled}, after={"locked": locked})
    user.disabled = locked
    session.add(user)


def _role(role: str) -> None:
    if role not in {r.value for r in Role}:
        raise UserError(f"{role!r} is no role; use {', '.join(r.value for r in Role)}")


def _not_the_last_admin(session: Session, name: str) -> None:
    others = select(func.count()).select_from(User).where(
        User.role == Role.ADMIN.value, User.name != name, col(User.disabled).is_(False)
    )  # fmt: skip
    if not session.exec(others).one():
        raise RefusedError(f"{name} is the last admin; give somebody else the role first")
