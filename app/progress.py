"""How a long command shows where it is: one line that is written over on a terminal, and seldom elsewhere."""

from __future__ import annotations

import sys
import time


class Progress:
    """Says where the work is; on standard error, so that what a command prints stays clean."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._next = 0.0
        self._width = 0

    def __call__(self, text: str) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (0.1 if self._live else 5.0)
        if self._live:
            sys.stderr.write("\r" + text.ljust(self._width))
            self._width = len(text)
        else:
            sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def end(self) -> None:
        if self._live and self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
