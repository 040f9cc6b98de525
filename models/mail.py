"""What the header lines of a mail tell, as far as policy needs it; made by the reader, used by the tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MailFacts:
    """`headers` are (lower-case name, decoded value); addresses are lower case; `envelope_from` is empty for `<>`."""

    from_address: str
    envelope_from: str
    envelope_to: tuple[str, ...]
    subject: str
    message_id: str
    received_at: datetime
    headers: tuple[tuple[str, str], ...] = ()
    from_name: str = ""
    reply_to: str = ""
    to: tuple[str, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    content_type: str = ""
    report_type: str = ""
    failed_message_id: str = ""
    failed_address: str = ""
    hops: int = 0

    def values(self, name: str) -> list[str]:
        """All values of one header, in order."""
        return [v for n, v in self.headers if n == name]

    @property
    def thread(self) -> tuple[str, ...]:
        """Message-IDs that this mail answers, the nearest first."""
        nearest = (self.in_reply_to,) if self.in_reply_to else ()
        return tuple(dict.fromkeys((*nearest, *reversed(self.references))))
