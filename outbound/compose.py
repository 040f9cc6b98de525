"""A rendered mail to bytes: every header on one line, the thread kept, marked as automatic where it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from models.errors import UserError
from models.tables import Outbox
from outbound.headers import is_message_id, one_line, references, safe_address
from outbound.render import Rendered

# RFC 3834 section 5; the second is Exchange's (MS-OXCMAIL), the third what Pigeonhole sends.
AUTOMATIC = (("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"), ("Precedence", "bulk"))


def _no_token(_message_id: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class ComposeSettings:
    """Who writes; `loop_token` gives the X-Intake-Loop value for a Message-ID (empty: no such header)."""

    mail_from: str
    provider_name: str
    loop_token: Callable[[str], str] = _no_token


class ComposeError(UserError):
    """The mail cannot be written as it stands in the outbox."""


def compose(row: Outbox, settings: ComposeSettings, rendered: Rendered, *, date: datetime) -> bytes:
    """The mail as it goes out, CRLF line ends, 7-bit body; raises AddressError or ComposeError (both UserError)."""
    to, sender = safe_address(row.to_address), safe_address(settings.mail_from)
    policy = SMTP.clone(cte_type="7bit") if (to + sender).isascii() else SMTPUTF8
    message = EmailMessage(policy=policy)
    message["From"] = _address(sender, one_line(settings.provider_name, 100))
    message["To"] = _address(to)
    message["Subject"] = one_line(rendered.subject, 250)
    message["Date"] = format_datetime(date.astimezone(UTC))
    message["MIME-Version"] = "1.0"
    for name, value in AUTOMATIC if row.automatic else ():
        message[name] = value
    message["X-Intake-Mail"] = one_line(f"{row.ticket_id} {row.event}", 70)
    message.set_content(rendered.text)
    if rendered.html:
        message.add_alternative(rendered.html, subtype="html")
    return _threading(row, settings) + message.as_bytes()


def _address(address: str, name: str = "") -> Address:
    """Given in its two parts, because the library refuses a local part beyond ASCII when it reads one itself."""
    local, _, domain = address.partition("@")
    return Address(name, local, domain)


def _threading(row: Outbox, settings: ComposeSettings) -> bytes:
    """Message-ID, In-Reply-To, References and the loop mark, written by hand.

    The standard library turns a Message-ID that does not fit on 78 characters into an encoded word, which no
    mail program recognises; these values are checked to be printable ASCII and may stand on lines of up to 998.
    """
    if not is_message_id(row.message_id):
        raise ComposeError(f"outbox row {row.id}: {one_line(row.message_id, 80)!r} is not a Message-ID")
    answered = row.in_reply_to.strip()
    lines = [f"Message-ID: {row.message_id}"]
    if is_message_id(answered):
        lines.append(f"In-Reply-To: {answered}")
    if chain := references(row.references, answered):
        lines.append("References: " + "\r\n ".join(chain))
    if token := one_line(settings.loop_token(row.message_id), 500):
        lines.append(f"X-Intake-Loop: {token.encode('ascii', 'replace').decode()}")
    return "".join(line + "\r\n" for line in lines).encode("ascii")
