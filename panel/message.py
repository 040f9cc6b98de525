"""A form as a message (RFC 5322): what is kept as its raw form, and what the parser reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from outbound.headers import one_line
from panel.files import Upload
from panel.report import Given, in_words
from tickets.report import LABELS


def as_message(address: str, name: str, subject: str, body: str, files: Sequence[Upload], at: datetime) -> bytes:
    """Headers of our own, the words as plain text, each file as an attachment."""
    message = EmailMessage(policy=policy.SMTP if address.isascii() else policy.SMTPUTF8)
    local, _, domain = address.partition("@")
    message["From"] = Address(one_line(name, 100), local, domain)
    message["Subject"] = one_line(subject, 200)
    message["Date"] = format_datetime(at.astimezone(UTC))
    # Lone surrogates cannot be sent, and no keyboard makes them.
    message.set_content(body.encode("utf-8", "replace").decode(), cte="base64" if not body.isascii() else None)
    for f in files:
        kind, _, subtype = f.media_type.partition("/")
        message.add_attachment(f.data, maintype=kind, subtype=subtype, filename=f.name)
    return message.as_bytes()


def whole_body(given: Given, extra: Sequence[tuple[str, str]] = ()) -> str:
    """All that was sent, as lines that a person, and the parser of another day, can read."""
    rows = [*((LABELS[f], in_words(f, v)) for f, v in given.lines()), *((k, v) for k, v in extra if v)]
    head = "\n".join(f"{label}: {value}" for label, value in rows)
    parts = [head, f"Description:\n{given.description}" if given.description else "", given.logs]
    return "\n\n".join(p for p in parts if p.strip())


def words_of(given: Given) -> str:
    """What was written freely: the words, then the pasted lines."""
    return "\n\n".join(p for p in (given.description, given.logs) if p.strip())


def files_of(raw: bytes) -> list[Upload]:
    """The attachments of a kept message of ours."""
    message = message_from_bytes(raw, policy=policy.default)
    found = []
    for part in message.iter_attachments() if isinstance(message, EmailMessage) else ():
        data = part.get_payload(decode=True)
        found.append(Upload(part.get_filename() or "file", part.get_content_type(), data if isinstance(data, bytes) else b""))
    return found
