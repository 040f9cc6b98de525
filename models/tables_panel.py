"""The tables of the customers' pages. No `from __future__ import annotations` here: it breaks SQLModel (its issue 196)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime


def _utc(*, nullable: bool = False, index: bool = False) -> Any:
    if nullable:
        return Field(default=None, sa_column=Column(UtcDateTime(), nullable=True, index=index))
    return Field(sa_column=Column(UtcDateTime(), nullable=False, index=index))


class PanelAsk(SQLModel, table=True):
    """Somebody asked for a sign-in link: asked -> done, whether or not the address is on file; only the hash is stored."""

    __tablename__ = "panel_ask"
    __table_args__ = (Index("ix_panel_ask_address", "address", "at"), Index("ix_panel_ask_peer", "peer", "at"))
    id: int | None = Field(default=None, primary_key=True)
    address: str
    peer: str = ""
    # The page that he wanted to see.
    wanted: str = ""
    at: datetime = _utc(index=True)
    done: bool = False
    token_hash: str | None = Field(default=None, unique=True)
    used_at: datetime | None = _utc(nullable=True)


class PanelSession(SQLModel, table=True):
    """A customer's signed-in browser; `customer_id` is empty for all customers that the address is on file for."""

    __tablename__ = "panel_session"
    token_hash: str = Field(primary_key=True)
    address: str = Field(index=True)
    customer_id: str = ""
    way: str = "link"
    csrf: str
    created_at: datetime = _utc()
    seen_at: datetime = _utc(index=True)


class PanelToken(SQLModel, table=True):
    """A sign-in token of the provider's own control panel that was used, until it would have expired anyway."""

    __tablename__ = "panel_token"
    jti: str = Field(primary_key=True)
    until: datetime = _utc(index=True)


class PanelFile(SQLModel, table=True):
    """A file of a form that is not sent yet, kept while the form is put right."""

    __tablename__ = "panel_file"
    id: int | None = Field(default=None, primary_key=True)
    draft: str = Field(index=True)
    address: str
    name: str
    media_type: str
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: datetime = _utc(index=True)
