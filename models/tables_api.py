"""Tables of sign-in and of the doors for other systems. No `from __future__ import annotations`: it breaks SQLModel."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, json_type


def _utc(*, nullable: bool = False, index: bool = False) -> Any:
    if nullable:
        return Field(default=None, sa_column=Column(UtcDateTime(), nullable=True, index=index))
    return Field(sa_column=Column(UtcDateTime(), nullable=False, index=index))


class SignInFailure(SQLModel, table=True):
    """Wrong passwords for one name from one address; the name need not exist, so that all names answer alike."""

    __tablename__ = "sign_in_failure"
    name: str = Field(primary_key=True)
    ip: str = Field(primary_key=True)
    failed: int = 0
    last_at: datetime = _utc(index=True)
    locked_until: datetime | None = _utc(nullable=True)


class ApiToken(SQLModel, table=True):
    """A key of another system. Of its secret only the SHA-256 is kept; `customer_id` binds it to one customer's data."""

    __tablename__ = "api_token"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    digest: str
    scopes: list[str] = Field(default_factory=list, sa_column=Column(json_type(), nullable=False))
    # Whose rights it has at most; empty for one made by the operator on the command line.
    owner: str = Field(default="", index=True)
    customer_id: str | None = None
    per_minute: int = 0
    created_at: datetime = _utc()
    expires_at: datetime = _utc()
    last_used_at: datetime | None = _utc(nullable=True)
    revoked_at: datetime | None = _utc(nullable=True)
    revoked_by: str = ""


class IdempotentAnswer(SQLModel, table=True):
    """The answer to a request that may be sent again (draft-ietf-httpapi-idempotency-key-header)."""

    __tablename__ = "idempotent_answer"
    token_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request: str
    status: int = 0
    headers: dict[str, str] = Field(default_factory=dict, sa_column=Column(json_type(), nullable=False))
    body: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = _utc(index=True)


class EventHub(SQLModel, table=True):
    """Another system that is told of trouble tickets as TM Forum's events (TMF621 `hub`)."""

    __tablename__ = "event_hub"
    id: str = Field(primary_key=True)
    token_id: str = Field(foreign_key="api_token.id", index=True)
    callback: str
    query: str = ""
    customer_id: str | None = None
    secret: str = ""
    created_at: datetime = _utc()
    last_event: int = 0
    failures: int = 0
    next_try_at: datetime | None = _utc(nullable=True)
    last_error: str = ""


class ExternalId(SQLModel, table=True):
    """What another system calls a ticket of ours; unique for each token, so that a create sent twice is known."""

    __tablename__ = "external_id"
    __table_args__ = (UniqueConstraint("ticket_id", "owner", "value", name="uq_external_id_ticket"),)
    owner: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    kind: str = Field(default="", primary_key=True)
    ticket_id: str = Field(foreign_key="ticket.id", index=True)
