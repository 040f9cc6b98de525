"""How often one visitor may ask for work: a window in memory, so that one browser cannot keep all others waiting."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

from fastapi import HTTPException

_WINDOW = timedelta(minutes=1)
_MOST_KEYS = 10_000
TOO_OFTEN = "That was very often. Please wait a minute and try again; nothing that you have sent is lost."


class Pace:
    """At most `most` in a minute for each key, in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def check(self, key: str, now: datetime) -> None:
        """Counts one; raises HTTPException 429 where there were too many."""
        with self._lock:
            if len(self._seen) > _MOST_KEYS:
                self._seen = {k: v for k, v in self._seen.items() if v and now - v[-1] < _WINDOW}
            times = self._seen.setdefault(key, deque())
            while times and now - times[0] >= _WINDOW:
                times.popleft()
            if len(times) >= self._most:
                raise HTTPException(429, TOO_OFTEN)
            times.append(now)
