"""The walk over the parts of a message: leaf texts, attachments, messages inside the message."""

from __future__ import annotations

import email
import email.header
import email.utils
import re
from dataclasses import dataclass
from email.message import Message
from typing import Any

from parsers.charset import clean, decode, printable, unbase64
from parsers.html_text import html_text

MAX_BYTES, MAX_HEAD, MAX_HEADERS, MAX_VALUE = 25_000_000, 262_144, 1000, 65_536
MAX_PARTS, MAX_BOUNDARIES, MAX_ATTACHED, MAX_DEPTH = 1000, 50, 65_536, 5
_TEXT_NAMES = (".txt", ".log", ".csv", ".out", ".md", ".eml", ".cfg")
_SKIPPED_TEXT = {"text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/rfc822-headers", "text/css"}
_LOST = {
    "application/ms-tnef": "winmail.dat (Outlook rich text)",
    "application/vnd.ms-tnef": "winmail.dat (Outlook rich text)",
    "application/pkcs7-mime": "encrypted or opaque S/MIME",
    "application/x-pkcs7-mime": "encrypted or opaque S/MIME",
    "multipart/encrypted": "encrypted PGP/MIME",
}


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content_type: str
    size: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A message inside the message, as text with its own head."""

    subject: str
    from_address: str
    text: str
    sent: str = ""


class Parts:
    """What the walk over the parts has collected."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.html: list[str] = []
        self.attachments: list[Attachment] = []
        self.forwarded: list[Forwarded] = []
        self.unreadable: list[str] = []
        self.defects: list[str] = []
        self.count = 0


def walk(message: Message, parts: Parts, level: int) -> None:
    """Collects what the message holds, at most 1,000 parts."""
    stack: list[tuple[Message, int]] = [(message, level)]
    while stack:
        part, level = stack.pop()
        parts.count += 1
        if parts.count > MAX_PARTS:
            parts.defects.append("more than 1,000 parts, the rest was left out")
            return
        parts.defects.extend(type(d).__name__ for d in part.defects)
        kind = part.get_content_type()
        if kind in _LOST:
            parts.unreadable.append(_LOST[kind])
        payload: Any = _payload(part)
        if kind == "message/rfc822":
            _inner(part, payload, parts, level)
        elif isinstance(payload, list):
            children = [p for p in payload if isinstance(p, Message)]
            stack.extend((p, level + 1) for p in reversed(children))
        elif kind.startswith("multipart/"):
            parts.defects.append("MultipartWithoutParts")
        else:
            _leaf(part, kind, parts)


def _inner(part: Message, payload: Any, parts: Parts, level: int) -> None:
    if level >= MAX_DEPTH or not isinstance(payload, list) or not payload:
        return
    inner = payload[0]
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        inner = email.message_from_bytes(unbase64(str(_payload(inner) or inner).encode("ascii", "replace")))
    below = Parts()
    below.count = parts.count
    walk(inner, below, level + 1)
    parts.count = below.count
    text = "\n\n".join(below.plain) or "\n\n".join(html_text(h) for h in below.html)
    sender = email.utils.parseaddr(header_text(inner.get("From", "")))[1]
    sent = one_line(header_text(inner.get("Date", "")))[:80]
    parts.forwarded.append(Forwarded(one_line(header_text(inner.get("Subject", ""))), sender, text, sent))
    parts.forwarded.extend(below.forwarded)
    parts.attachments.extend(below.attachments)


def _leaf(part: Message, kind: str, parts: Parts) -> None:
    data = _bytes_of(part)
    name = _file_name(part)
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    attached = disposition.startswith("attachment") or bool(name)
    if name.lower() == "winmail.dat" and kind not in _LOST:
        parts.unreadable.append(_LOST["application/ms-tnef"])
    texty = kind.startswith("text/") or (attached and name.lower().endswith(_TEXT_NAMES) and printable(data) > 0.9)
    if kind == "text/rfc822-headers":
        head = email.message_from_bytes(data[:MAX_HEAD])
        sender = email.utils.parseaddr(header_text(head.get("From", "")))[1]
        parts.forwarded.append(Forwarded(one_line(header_text(head.get("Subject", ""))), sender, ""))
    if not texty or kind in _SKIPPED_TEXT:
        if kind not in _SKIPPED_TEXT and (attached or not kind.startswith("message/")):
            parts.attachments.append(Attachment(name, kind, len(data)))
        return
    text, as_declared = decode(data[: MAX_ATTACHED if attached else MAX_BYTES], _charset(part))
    if not as_declared:
        parts.defects.append("charset was not as declared")
    text = clean(text)
    if attached:
        parts.attachments.append(Attachment(name, kind, len(data), html_text(text) if kind == "text/html" else text))
    elif kind == "text/html":
        parts.html.append(text)
    elif "-----BEGIN PGP MESSAGE-----" in text:
        parts.unreadable.append("encrypted PGP text")
    else:
        parts.plain.append(text)


def _payload(part: Message, *, decode: bool = False) -> Any:
    """The payload; a charset that Python cannot even name (a NUL in it) must not cost the text."""
    get: Any = part.get_payload
    try:
        return get(decode=decode)
    except ValueError:
        part.del_param("charset")
        return get(decode=decode)


def _bytes_of(part: Message) -> bytes:
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    try:
        if encoding == "base64":
            return unbase64(str(_payload(part)).encode("ascii", "surrogateescape"))
        data = _payload(part, decode=True)
    except Exception:
        data = str(_payload(part)).encode("utf-8", "surrogateescape")
    return data if isinstance(data, bytes) else str(data or "").encode("utf-8", "surrogateescape")


def _charset(part: Message) -> str | None:
    try:
        value = part.get_param("charset")
    except Exception:
        return None
    return value[2] if isinstance(value, tuple) else (str(value) if value else None)


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except Exception:
        name = "unnamed"
    return re.split(r"[/\\]", one_line(header_text(name)))[-1][:200]


def header_text(value: Any) -> str:
    """A header decoded, on one line, whatever its bytes are."""
    source = str(value)
    try:
        raw = source.encode("ascii", "surrogateescape")
        if any(b > 127 for b in raw):
            source = decode(raw, None)[0]
    except UnicodeError:
        pass
    source = re.sub(r"\r?\n[ \t]*", " ", source)
    if "=?" not in source:
        return clean(source)
    out = ""
    try:
        for chunk, charset in email.header.decode_header(source):
            out += decode(chunk, charset)[0] if isinstance(chunk, bytes) else chunk
    except Exception:
        return clean(source)
    return clean(out)


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
