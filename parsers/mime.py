"""Opens a raw mail: plain reading with own decoding first, mail-parser beside it where the structure is broken."""

from __future__ import annotations

import email
import email.header
import email.utils
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message

from parsers.charset import clean, decode
from parsers.html_text import html_text
from parsers.mime_parts import (
    MAX_BOUNDARIES,
    MAX_BYTES,
    MAX_HEAD,
    MAX_HEADERS,
    MAX_VALUE,
    Attachment,
    Forwarded,
    Parts,
    header_text,
    one_line,
    walk,
)
from parsers.second_reader import second_reader


@dataclass(frozen=True, slots=True)
class OpenedMail:
    headers: tuple[tuple[str, str], ...] = ()
    subject: str = ""
    from_address: str = ""
    from_name: str = ""
    reply_to: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    date: datetime | None = None
    received_at: datetime | None = None
    plain: tuple[str, ...] = ()
    html: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    forwarded: tuple[Forwarded, ...] = ()
    auth_results: tuple[str, ...] = ()
    content_type: str = ""
    unreadable: tuple[str, ...] = ()
    defects: tuple[str, ...] = field(default=())

    def header(self, name: str) -> str:
        """The first header of that name, or nothing."""
        name = name.lower()
        return next((v for n, v in self.headers if n.lower() == name), "")

    @property
    def body(self) -> str:
        """All plain parts in order, else the HTML as text."""
        text = "\n\n".join(t.strip("\n") for t in self.plain if t.strip())
        return text or "\n\n".join(html_text(t) for t in self.html)


def open_mail(raw: bytes) -> OpenedMail:
    """Reads any bytes as a mail; what cannot be read is named in `unreadable` and `defects`."""
    parts = Parts()
    raw = _trimmed(raw, parts)
    message = email.message_from_bytes(raw)
    headers = tuple((n, header_text(v)) for n, v in list(message.raw_items())[:MAX_HEADERS])
    walk(message, parts, 0)
    if not (parts.plain or parts.html) or any("Boundary" in d or "Multipart" in d for d in parts.defects):
        second_reader(raw, parts)
    if not headers and not parts.plain and not parts.html:
        parts.plain.append(clean(decode(raw[:MAX_HEAD], None)[0]))
    has_text = any(t.strip() for t in (*parts.plain, *parts.html)) or any(f.text.strip() for f in parts.forwarded)
    if not has_text and not any(a.text for a in parts.attachments) and not parts.unreadable:
        parts.unreadable.append("no text in the mail")
    return _opened(message, headers, parts)


def _trimmed(raw: bytes, parts: Parts) -> bytes:
    raw = raw.lstrip(b"\xef\xbb\xbf")
    if raw.startswith(b"From ") and b"\n" in raw:
        raw = raw[raw.index(b"\n") + 1 :]
    if len(raw) > MAX_BYTES:
        parts.defects.append("larger than 25 MB, cut")
        raw = raw[:MAX_BYTES]
    end = re.search(rb"\r?\n\r?\n", raw[: MAX_HEAD + 4])
    head_end = end.start() if end else min(len(raw), MAX_HEAD)
    head, rest = raw[:head_end], raw[head_end:]
    lines = head.split(b"\n")
    if len(lines) > MAX_HEADERS or any(len(x) > MAX_VALUE for x in lines):
        parts.defects.append("header block cut")
        lines = [x[:MAX_VALUE] for x in lines[:MAX_HEADERS]]
    lines = [_short_parameters(x) for x in lines]
    if raw.count(b"boundary=") > MAX_BOUNDARIES:
        parts.defects.append("more than 50 multiparts, read as text")
        kept = [x for x in lines if not x.lower().startswith((b"content-", b" ", b"\t"))]
        return b"\n".join(kept) + rest[:MAX_HEAD]
    return b"\n".join(lines) + rest


def _short_parameters(line: bytes) -> bytes:
    return line[:2000] if line.lower().startswith((b"content-", b"\t", b" ")) and line.count(b";") > 100 else line


def _addresses(message: Message, name: str) -> tuple[tuple[str, str], ...]:
    values = [header_text(v) for v in message.get_all(name, [])][:50]
    try:
        return tuple((n, a.lower()) for n, a in email.utils.getaddresses([v[:4000] for v in values]) if "@" in a)
    except Exception:
        return tuple(("", a.lower()) for v in values for a in re.findall(r"[\w.+-]+@[\w.-]+", v[:4000]))


def _when(text: str) -> datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _received(headers: tuple[tuple[str, str], ...]) -> Iterator[datetime]:
    for name, value in headers:
        if name.lower() == "received" and ";" in value:
            found = _when(re.sub(r"\([^)]*\)\s*$", "", value.rpartition(";")[2]))
            if found:
                yield found.astimezone(UTC)


def _opened(message: Message, headers: tuple[tuple[str, str], ...], parts: Parts) -> OpenedMail:
    def first(name: str) -> str:
        return next((one_line(v) for n, v in headers if n.lower() == name), "")

    def address(name: str) -> tuple[str, str]:
        return next(iter(_addresses(message, name)), ("", ""))

    date = _when(first("date"))
    ids = tuple(re.findall(r"<[^<>\s]+>", first("references")))
    return OpenedMail(
        headers=headers,
        subject=first("subject"),
        from_address=address("From")[1],
        from_name=one_line(address("From")[0]),
        reply_to=address("Reply-To")[1],
        sender=address("Sender")[1],
        to=tuple(a for _, a in _addresses(message, "To")),
        cc=tuple(a for _, a in _addresses(message, "Cc")),
        message_id=first("message-id"),
        in_reply_to=first("in-reply-to"),
        references=ids,
        date=date,
        received_at=next(_received(headers), None) or (date.astimezone(UTC) if date else None),
        plain=tuple(parts.plain),
        html=tuple(parts.html),
        attachments=tuple(parts.attachments),
        forwarded=tuple(parts.forwarded),
        auth_results=tuple(v for n, v in headers if n.lower() == "authentication-results"),
        content_type=message.get_content_type(),
        unreadable=tuple(dict.fromkeys(parts.unreadable)),
        defects=tuple(dict.fromkeys(parts.defects)),
    )
