"""The directory and the rules as the console needs them: read once for each of their versions."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.directory import Directory
from models.directory_store import directory_version, read_directory
from models.errors import RuleError
from models.rule_store import active_digest, active_rules
from models.store import Store

if TYPE_CHECKING:
    from parsers.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Known:
    """What words are read by; `rules` is None for the shipped set."""

    directory: Directory
    rules: RuleSet | None = None


class KnownDirectory:
    """Keeps the newest directory and the active rules; asks the database only for their versions."""

    def __init__(self, store: Store) -> None:
        self._store, self._lock = store, threading.Lock()
        self._kept: Directory | None = None
        self._digest = ""
        self._rules: RuleSet | None = None

    def now(self) -> Directory:
        with self._store.read() as session:
            version = directory_version(session)
        with self._lock:
            if self._kept is None or not version or self._kept.version != version:
                self._kept = read_directory(self._store)
            return self._kept

    def with_rules(self) -> Known:
        """The directory and the rule set in force; not for inside a transaction, since a new set takes a while to load."""
        directory = self.now()
        with self._store.read() as session:
            digest = active_digest(session)
        with self._lock:
            if digest != self._digest:
                self._digest, self._rules = self._loaded()
            return Known(directory, self._rules)

    def _loaded(self) -> tuple[str, RuleSet | None]:
        from parsers.rules import parse_rules

        with self._store.read() as session:
            active = active_rules(session)
        # Checked when it was kept; what this version cannot read leaves the shipped set in force, as it does for workers.
        try:
            return active.digest, parse_rules(active.text, active.digest) if active.text else None
        except RuleError:
            return active.digest, None
