"""Signed marks by which our own mails are known again: Message-ID, loop token, envelope sender."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

_VERP = re.compile(r"\+(?P<ticket>inc-\d{4}-\d{6,})\.(?P<mark>[0-9a-f]{16})@", re.IGNORECASE)


_TICKET_IN_ID = re.compile(r"^(inc-\d{4}-\d{6,})\.", re.IGNORECASE)


def is_bounce_address(address: str, bounce_address: str) -> bool:
    """Whether this is our bounce address, with or without a mark."""
    local, _, domain = address.lower().partition("@")
    own, _, own_domain = bounce_address.lower().partition("@")
    return bool(own) and domain == own_domain and local.partition("+")[0] == own


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and checks the marks with one secret key."""

    key: bytes
    bounce_address: str

    def sign(self, text: str) -> str:
        return hmac.new(self.key, text.lower().encode(), hashlib.sha256).hexdigest()[:16]

    def message_id(self, ticket: str) -> str:
        """A fresh Message-ID that carries the ticket and cannot be guessed."""
        nonce = secrets.token_hex(8)
        return self.message_id_of(f"{ticket}.{nonce}".lower())

    def message_id_of(self, left: str) -> str:
        """The Message-ID that begins with this ticket and nonce."""
        return f"<{left}.{self.sign('mid:' + left)}@{self.bounce_address.rpartition('@')[2]}>"

    def is_our_message_id(self, message_id: str) -> bool:
        left, _, mark = message_id.strip("<>").partition("@")[0].rpartition(".")
        return bool(left) and hmac.compare_digest(self.sign("mid:" + left).encode(), mark.lower().encode())

    def ticket_of_message_id(self, message_id: str) -> str | None:
        """The ticket that a Message-ID of ours names, when its mark is right."""
        named = _TICKET_IN_ID.match(message_id.strip("<>"))
        return named[1].upper() if named and self.is_our_message_id(message_id) else None

    def loop_mark(self, message_id: str) -> str:
        """Proves itself, because some servers give a mail a Message-ID of their own on its way out."""
        left = message_id.strip("<>").partition("@")[0]
        return f"{left}.{self.sign('loop:' + left)}"

    def is_loop_mark(self, value: str) -> bool:
        left, _, mark = value.strip().rpartition(".")
        return bool(left) and hmac.compare_digest(self.sign("loop:" + left).encode(), mark.lower().encode())

    def envelope_sender(self, ticket: str) -> str:
        local, _, domain = self.bounce_address.partition("@")
        return f"{local}+{ticket.lower()}.{self.sign('verp:' + ticket)}@{domain}"

    def ticket_of_recipient(self, address: str) -> str | None:
        """The ticket whose bounce address this is, when the mark is right."""
        m = _VERP.search(address)
        if m and hmac.compare_digest(self.sign("verp:" + m["ticket"]), m["mark"].lower()):
            return m["ticket"].upper()
        return None
