"""The tables of fetched mailboxes. No `from __future__ import annotations` here: it breaks SQLModel (its issue 196)."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, json_type


class ImapMailbox(SQLModel, table=True):
    """One mailbox that is fetched: how far it was taken, by whom, and how it stands.

    `last_uid` is the watermark: every message up to it has its row in `imap_message`.
    """

    __tablename__ = "imap_mailbox"
    name: str = Field(primary_key=True)
    uidvalidity: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    last_uid: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    state: str = "new"
    detail: str = Field(default="", sa_column=Column(Text, nullable=False))
    since: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    lease_owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    scanned_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    reconciled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    on_server: int = 0
    waiting: int = 0
    unaccounted: int = 0
    accounted: dict[str, int] = Field(default_factory=dict, sa_column=Column(json_type(), nullable=False))


class ImapMessage(SQLModel, table=True):
    """What became of one message of a mailbox; the key is the one that IMAP promises never to use again (RFC 3501, 2.3.1.1)."""

    __tablename__ = "imap_message"
    __table_args__ = (
        Index(
            "ix_imap_unsettled",
            "mailbox",
            "uidvalidity",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )
    mailbox: str = Field(primary_key=True)
    uidvalidity: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    uid: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    state: str
    contact_id: int | None = None
    size: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    tries: int = 0
    detail: str = Field(default="", sa_column=Column(Text, nullable=False))
    taken_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    settled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))


class MailboxAlarm(SQLModel, table=True):
    """Something about a mailbox that an operator must see, from when to when; one open row of each kind."""

    __tablename__ = "mailbox_alarm"
    __table_args__ = (
        Index(
            "uq_mailbox_alarm_open",
            "mailbox",
            "kind",
            unique=True,
            sqlite_where=text("cleared_at IS NULL"),
            postgresql_where=text("cleared_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    mailbox: str
    kind: str
    detail: str = Field(default="", sa_column=Column(Text, nullable=False))
    raised_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    cleared_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
