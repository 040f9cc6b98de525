"""A rendered mail to bytes: every header on one line, the thread kept, marked as automatic where it is."""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256

from models.errors import UserError
from models.tables import Outbox
from models.tables_life import OutboxFile
from outbound.headers import is_message_id, one_line, references, safe_address
from outbound.render import Rendered

# RFC 3834 section 5; the second is Exchange's (MS-OXCMAIL), the third what Pigeonhole sends.
AUTOMATIC = (("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"), ("Precedence", "bulk"))

MAX_LINE = 78
# A subject that stands on one line as it is: the library takes long to find that out.
_SUBJECT_CHARS = MAX_LINE - len("Subject: ")
_NOTHING_TO_ENCODE = re.compile(r"[A-Za-z0-9()\[\]#:;,./+'-]+(?: [A-Za-z0-9()\[\]#:;,./+'-]+)*")


def _no_token(_message_id: str) -> str:
    return ""


def _unsigned(raw: bytes) -> bytes:
    return raw


def _no_links(_row: Outbox) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class ComposeSettings:
    """Who writes; `loop_token` gives the X-Intake-Loop value for a Message-ID (empty: no such header), `sign` a signed mail.

    `links` gives the signed pages of a mail by their names in the templates.
    """

    mail_from: str
    provider_name: str
    loop_token: Callable[[str], str] = _no_token
    sign: Callable[[bytes], bytes] = _unsigned
    links: Callable[[Outbox], Mapping[str, str]] = _no_links


class ComposeError(UserError):
    """The mail cannot be written as it stands in the outbox."""


def compose(
    row: Outbox, settings: ComposeSettings, rendered: Rendered, *, date: datetime, files: Sequence[OutboxFile] = ()
) -> bytes:
    """The mail as it goes out, CRLF line ends, 7-bit body; raises AddressError or ComposeError (both UserError)."""
    to, sender = safe_address(row.to_address), safe_address(settings.mail_from)
    plain = (to + sender).isascii()
    head = (
        _address_line("From", sender, one_line(settings.provider_name, 100), plain)
        + _address_line("To", to, "", plain)
        + _subject_line(one_line(rendered.subject, 250), plain)
        + b"Date: "
        + format_datetime(date.astimezone(UTC)).encode()
        + b"\r\n"
    )
    marks = (
        *(AUTOMATIC if row.automatic else ()),
        ("X-Intake-Mail", one_line(f"{row.ticket_id or ''} {row.event}".strip(), 70)),
    )
    lines = "".join(f"{name}: {value}\r\n" for name, value in marks).encode("ascii", "replace")
    return settings.sign(_threading(row, settings) + head + lines + _content(rendered, files))


def _content(rendered: Rendered, files: Sequence[OutboxFile]) -> bytes:
    """The words, and the files beside them where there are some (RFC 2046 section 5.1.3)."""
    words = _words_of(rendered)
    if not files:
        return b"MIME-Version: 1.0\r\n" + words
    parts = [words, *map(_file, files)]
    boundary = b"=-" + sha256(b"".join(parts)).hexdigest()[:32].encode()
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary="' + boundary + b'"\r\n\r\n'
    return head + b"".join(b"--" + boundary + b"\r\n" + p + b"\r\n" for p in parts) + b"--" + boundary + b"--\r\n"


def _file(file: OutboxFile) -> bytes:
    """One file in base64, its name as RFC 2231 has it."""
    kind, _, subtype = file.media_type.partition("/")
    part = EmailMessage(policy=SMTP)
    part.set_content(file.data, maintype=kind, subtype=subtype, disposition="attachment", filename=one_line(file.name, 100))
    del part["MIME-Version"]
    return part.as_bytes()


def _words_of(rendered: Rendered) -> bytes:
    """The MIME headers and the body: plain text, or text and HTML that say the same (RFC 2046 section 5.1.4).

    Written by hand, because the standard library parses each of these fixed headers anew for every mail; what people
    wrote stands in the encoded parts only.
    """
    text = _part(rendered.text, "plain")
    if not rendered.html:
        return text
    html = _part(rendered.html, "html")
    boundary = b"=_" + sha256(text + html).hexdigest()[:32].encode()
    head = b'Content-Type: multipart/alternative;\r\n boundary="' + boundary + b'"\r\n\r\n'
    return head + b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in (text, html)) + b"--" + boundary + b"--\r\n"


def _part(words: str, subtype: str) -> bytes:
    """One body part: as it stands where it is ASCII in short lines, else quoted-printable."""
    lines = words.splitlines()
    data = "".join(line + "\r\n" for line in lines).encode("utf-8", "replace")
    plain = data.isascii() and max(map(len, lines), default=0) <= MAX_LINE and b"\0" not in data
    encoding, body = (b"7bit", data) if plain else (b"quoted-printable", b2a_qp(data))
    head = b"Content-Type: text/" + subtype.encode() + b'; charset="utf-8"\r\nContent-Transfer-Encoding: '
    return head + encoding + b"\r\n\r\n" + body


@lru_cache(1000)
def _address_line(header: str, address: str, name: str, plain: bool) -> bytes:
    """One header of an address, given in its two parts, because the library refuses a local part beyond ASCII when it reads
    one itself. Kept, because it takes long over it, and the sender is always the same."""
    local, _, domain = address.partition("@")
    return _line(header, Address(name, local, domain), plain)


def _subject_line(subject: str, plain: bool) -> bytes:
    if len(subject) <= _SUBJECT_CHARS and _NOTHING_TO_ENCODE.fullmatch(subject):
        return f"Subject: {subject}\r\n".encode("ascii")
    return _line("Subject", subject, plain)


def _line(header: str, value: Address | str, plain: bool) -> bytes:
    message = EmailMessage(policy=SMTP if plain else SMTPUTF8)
    message[header] = value
    return message.as_bytes().removesuffix(b"\r\n")


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
