"""What the header lines of a mail tell, as far as policy needs it; made by the reader, used by the tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Report:
    """What a machine reports of a mail of ours (RFC 3464, RFC 8098, or free words).

    `kind` is failed, delayed, delivered or receipt; `status` the enhanced code, such as 5.1.1, or empty.
    """

    kind: str
    address: str = ""
    status: str = ""
    why: str = ""
    message_ids: tuple[str, ...] = ()
    envelope: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Another carrier's planned work; `sure` when the mail can be nothing else."""

    carrier: str
    reference: str = ""
    status: str = "planned"
    impact: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    circuits: tuple[str, ...] = ()
    sure: bool = False
    calendar: bool = False


@dataclass(frozen=True, slots=True)
class Original:
    """Who wrote the mail that this one forwards."""

    address: str
    name: str = ""
    subject: str = ""
    message_id: str = ""


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
    sender: str = ""
    cc: tuple[str, ...] = ()
    null_sender: bool = False
    many_from: bool = False
    calendar_method: str = ""
    report: Report | None = None
    notice: Notice | None = None
    original: Original | None = None
    forwarded: bool = False

    def values(self, name: str) -> list[str]:
        """All values of one header, in order."""
        return [v for n, v in self.headers if n == name]

    @property
    def reported_ids(self) -> tuple[str, ...]:
        """Message-IDs of mails that a delivery report or receipt speaks of."""
        given = (self.failed_message_id,) if self.failed_message_id else ()
        return (*given, *(self.report.message_ids if self.report else ()))

    @property
    def thread(self) -> tuple[str, ...]:
        """Message-IDs that this mail answers, the nearest first."""
        nearest = (self.in_reply_to,) if self.in_reply_to else ()
        return tuple(dict.fromkeys((*nearest, *reversed(self.references))))


def strip_tag(address: str) -> str:
    """The address in lower case without its `+tag`."""
    local, at, domain = address.lower().partition("@")
    return local.partition("+")[0] + at + domain
