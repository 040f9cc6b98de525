"""Imports every module of tables, so that the metadata is whole."""

from __future__ import annotations

from models import (
    tables,
    tables_api,
    tables_desk,
    tables_imap,
    tables_life,
    tables_lists,
    tables_mail,
    tables_ops,
    tables_panel,
    tables_phone,
    tables_rules,
    tables_users,
    tables_webhooks,
)

__all__ = [
    "tables",
    "tables_api",
    "tables_desk",
    "tables_imap",
    "tables_life",
    "tables_lists",
    "tables_mail",
    "tables_ops",
    "tables_panel",
    "tables_phone",
    "tables_rules",
    "tables_users",
    "tables_webhooks",
]
