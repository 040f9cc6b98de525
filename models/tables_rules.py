"""Tables of the rules area. No `from __future__ import annotations` here: it breaks SQLModel (its issue 196)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, Text
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, json_type


def _utc(*, nullable: bool = False) -> Any:
    if nullable:
        return Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    return Field(sa_column=Column(UtcDateTime(), nullable=False))


class LabelledValue(SQLModel, table=True):
    """What a person says is true of one field of a contact; `value` has the form of the field in `intake read`."""

    __tablename__ = "labelled_value"
    contact_id: int = Field(primary_key=True, foreign_key="contact.id")
    field: str = Field(primary_key=True)
    value: Any = Field(default=None, sa_column=Column(json_type(), nullable=True))
    confirmed: bool = False
    actor: str = ""
    at: datetime = _utc()


class RuleDraft(SQLModel, table=True):
    """A rule set under work; `version` counts its changes, so that two who edit it are told."""

    __tablename__ = "rule_draft"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    text: str = Field(sa_column=Column(Text, nullable=False))
    based_on: str = ""
    version: int = 1
    changed_by: str = ""
    changed_at: datetime = _utc()
    created_at: datetime = _utc()


class ReplayRun(SQLModel, table=True):
    """One replay of stored contacts by two rule sets; `state` is queued, running, done, cancelled or failed."""

    __tablename__ = "replay_run"
    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(index=True)
    against: str = ""
    state: str = "queued"
    total: int = 0
    done: int = 0
    result: dict[str, Any] = Field(default_factory=dict, sa_column=Column(json_type(), nullable=False))
    actor: str = ""
    created_at: datetime = _utc()
    finished_at: datetime | None = _utc(nullable=True)
    # The text of a draft, which is kept nowhere else; which contacts are read; the last sign of life of its process.
    text: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    source: dict[str, Any] = Field(default_factory=dict, sa_column=Column(json_type(), nullable=False, server_default="{}"))
    beat_at: datetime | None = _utc(nullable=True)


class ReplayUpload(SQLModel, table=True):
    """A corpus that was uploaded for one replay, as the archive it came in."""

    __tablename__ = "replay_upload"
    run_id: int = Field(primary_key=True, foreign_key="replay_run.id")
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Decided(SQLModel, table=True):
    """What a person has said of a proposal (a suggested rule, an unknown ID), so that it is not made again."""

    __tablename__ = "decided"
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    verdict: str
    actor: str = ""
    at: datetime = _utc()


class DirectoryImport(SQLModel, table=True):
    """A directory that was uploaded or fetched: shown before it is taken over, then taken over in the background.

    `state` is shown, queued, running, done, failed or dropped; `seen` is the version of the directory it was compared with.
    """

    __tablename__ = "directory_import"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    text: str = Field(sa_column=Column(Text, nullable=False))
    replace: bool = False
    seen: str = ""
    state: str = "shown"
    total: int = 0
    done: int = 0
    result: dict[str, Any] = Field(default_factory=dict, sa_column=Column(json_type(), nullable=False))
    actor: str = ""
    created_at: datetime = _utc()
    beat_at: datetime | None = _utc(nullable=True)
    finished_at: datetime | None = _utc(nullable=True)
