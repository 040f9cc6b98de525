"""Puts the parts together from the settings: store, marks, sender."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from app.memory import freeze
from app.settings import Settings, need_addresses, split
from models.clock import Clock, utc_now
from models.directory import Directory
from models.directory_store import directory_version, read_directory
from models.store import Store, ensure_schema
from outbound.compose import ComposeSettings
from outbound.senders import FolderSender, Sender
from outbound.smarthost import SmarthostSender
from tickets.answers import AnswerSettings
from tickets.filing import FilingSettings
from tickets.tokens import Tokens


@dataclass
class House:
    """What every process of an installation shares."""

    settings: Settings
    clock: Clock = utc_now

    @cached_property
    def store(self) -> Store:
        """The database, its schema made if it is empty. Raises SchemaError for an older one."""
        store = Store(self.settings.database)
        ensure_schema(store)
        return store

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(secret_key(self.settings), need_addresses(self.settings).bounces)

    @cached_property
    def filing(self) -> FilingSettings:
        s = self.settings
        return FilingSettings(
            own_addresses=frozenset(s.addresses),
            own_lists=frozenset(split(s.own_lists)),
            trusted_forms=frozenset(split(s.trusted_forms)),
            authserv_id=s.authserv_id,
            answers=AnswerSettings(provider=s.provider_name, tokens=self.tokens),
        )

    @cached_property
    def composing(self) -> ComposeSettings:
        return ComposeSettings(self.settings.sender, self.settings.provider_name, self.tokens.loop_mark)

    @cached_property
    def sender(self) -> Sender:
        if self.settings.smarthost_url:
            return SmarthostSender(self.settings.smarthost_url)
        return FolderSender(self.settings.data_dir.absolute() / "outbox")


class DirectoryCache:
    """The directory, read again when another version stands in the database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: Directory | None = None

    def get(self) -> Directory:
        with self._store.read() as session:
            version = directory_version(session)
        if self._held is None or self._held.version != version:
            self._held = read_directory(self._store)
            freeze()
        return self._held


def secret_key(settings: Settings) -> bytes:
    """The key of all marks and signed links: as set, else made once and kept in the data directory (mode 0600)."""
    if settings.secret_key:
        return settings.secret_key.encode()
    path = Path(settings.data_dir) / "secret.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(f".{secrets.token_hex(4)}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(32))
        try:
            path.hardlink_to(made)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text().strip().encode()
