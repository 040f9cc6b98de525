"""Which recipients are ours: own addresses, with and without `+tag`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_PLAIN = re.compile(
    r"[^\s@%!\"'`\\,;:<>()\[\]\x00-\x1f\x7f-\x9f\ud800-\udfff]+@[^\s@%!\"'\\,;:<>()\x00-\x1f\x7f-\x9f\ud800-\udfff]+"
)


@dataclass(frozen=True)
class OwnAddresses:
    """The addresses that customers write to, in order of preference, and the one that bounces come back to."""

    addresses: tuple[str, ...]
    bounce: str = ""

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(a.lower() for a in (*self.addresses, self.bounce) if a)

    def mailbox_of(self, address: str) -> str | None:
        """Which of our addresses this recipient means; None when it is not ours, or written in a relay's way."""
        if not _PLAIN.fullmatch(address):
            return None
        local, _, domain = address.lower().partition("@")
        ours = self.all
        for candidate in (f"{local}@{domain}", f"{local.partition('+')[0]}@{domain}"):
            if candidate in ours:
                return candidate
        return None

    def mailbox_for(self, recipients: Iterable[str]) -> str | None:
        """Under which mailbox a mail with these recipients is kept: the first of ours; the bounce address comes last."""
        named = {self.mailbox_of(r) for r in recipients}
        return next((a for a in self.all if a in named), None)
