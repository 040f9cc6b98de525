"""What every page needs, in one value."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from console.changes import Changes
from models.clock import Clock
from models.store import Store

Check = Callable[[], tuple[bool, str]]


@dataclass(frozen=True)
class House:
    store: Store
    clock: Clock
    provider: str
    public_url: str
    secure_cookies: bool
    checks: Mapping[str, Check]
    changes: Changes
    closing: threading.Event = field(default_factory=threading.Event)
