"""Who may sign in, who has, and what was done. No `from __future__ import annotations` here: it breaks SQLModel."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from models.columns import json_field, json_type, utc_field


class User(SQLModel, table=True):
    """Who may sign in: by a password, by the sign-in service (`subject` is its issuer and ID), or both."""

    __tablename__ = "user_account"
    name: str = Field(primary_key=True)
    role: str
    password_hash: str
    failed: int = 0
    locked_until: datetime | None = utc_field(nullable=True)
    # Locked by an admin until somebody unlocks; the lock-out after wrong passwords is `locked_until`.
    disabled: bool = False
    must_change: bool = False
    timezone: str = ""
    subject: str | None = Field(default=None, unique=True)
    created_at: datetime | None = utc_field(nullable=True)
    last_sign_in: datetime | None = utc_field(nullable=True)


class WebSession(SQLModel, table=True):
    """A signed-in browser; only the hash of its token is stored."""

    __tablename__ = "web_session"
    token_hash: str = Field(primary_key=True)
    user_name: str = Field(foreign_key="user_account.name", index=True)
    csrf: str
    created_at: datetime = utc_field()
    seen_at: datetime = utc_field()
    ip: str = ""
    agent: str = ""


class Audit(SQLModel, table=True):
    """One line of the audit log; `seq` and `hash` are its place in the chain (models/audit_log.py)."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_actor", "actor", "seq"), Index("ix_audit_subject", "subject", "seq"))
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = utc_field(index=True)
    actor: str
    action: str = Field(index=True)
    detail: dict[str, Any] = json_field()
    seq: int = Field(default=0, unique=True)
    hash: str = ""
    subject: str = ""
    ip: str = ""
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(json_type(), nullable=True))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(json_type(), nullable=True))
