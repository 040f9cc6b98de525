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


class _Parts:
    """What the walk over the parts has collected."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.html: list[str] = []
        self.attachments: list[Attachment] = []
        self.forwarded: list[Forwarded] = []
        self.unreadable: list[str] = []
        self.defects: list[str] = []
        self.count = 0


def open_mail(raw: bytes) -> OpenedMail:
    """Reads any bytes as a mail; what cannot be read is named in `unreadable` and `defects`."""
    parts = _Parts()
    raw = _trimmed(raw, parts)
    message = email.message_from_bytes(raw)
    headers = tuple((n, _header_text(v)) for n, v in list(message.raw_items())[:MAX_HEADERS])
    _walk(message, parts, 0)
    if not (parts.plain or parts.html) or any("Boundary" in d or "Multipart" in d for d in parts.defects):
        _second_reader(raw, parts)
    if not headers and not parts.plain and not parts.html:
        parts.plain.append(clean(decode(raw[:MAX_HEAD], None)[0]))
    has_text = any(t.strip() for t in (*parts.plain, *parts.html)) or any(f.text.strip() for f in parts.forwarded)
    if not has_text and not any(a.text for a in parts.attachments) and not parts.unreadable:
        parts.unreadable.append("no text in the mail")
    return _opened(message, headers, parts)


def _trimmed(raw: bytes, parts: _Parts) -> bytes:
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


def _walk(message: Message, parts: _Parts, level: int) -> None:
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
        payload: Any = part.get_payload()
        if kind == "message/rfc822":
            _inner(part, payload, parts, level)
        elif isinstance(payload, list):
            children = [p for p in payload if isinstance(p, Message)]
            stack.extend((p, level + 1) for p in reversed(children))
        elif kind.startswith("multipart/"):
            parts.defects.append("MultipartWithoutParts")
        else:
            _leaf(part, kind, parts)


def _inner(part: Message, payload: Any, parts: _Parts, level: int) -> None:
    if level >= MAX_DEPTH or not isinstance(payload, list) or not payload:
        return
    inner = payload[0]
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        inner = email.message_from_bytes(unbase64(str(inner.get_payload() or inner).encode("ascii", "replace")))
    below = _Parts()
    below.count = parts.count
    _walk(inner, below, level + 1)
    parts.count = below.count
    text = "\n\n".join(below.plain) or "\n\n".join(html_text(h) for h in below.html)
    sender = email.utils.parseaddr(_header_text(inner.get("From", "")))[1]
    parts.forwarded.append(Forwarded(_one_line(_header_text(inner.get("Subject", ""))), sender, text))
    parts.forwarded.extend(below.forwarded)
    parts.attachments.extend(below.attachments)


def _leaf(part: Message, kind: str, parts: _Parts) -> None:
    data = _bytes_of(part)
    name = _file_name(part)
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    attached = disposition.startswith("attachment") or bool(name)
    if name.lower() == "winmail.dat" and kind not in _LOST:
        parts.unreadable.append(_LOST["application/ms-tnef"])
    texty = kind.startswith("text/") or (attached and name.lower().endswith(_TEXT_NAMES) and printable(data) > 0.9)
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


def _bytes_of(part: Message) -> bytes:
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    try:
        if encoding == "base64":
            return unbase64(str(part.get_payload()).encode("ascii", "surrogateescape"))
        data = part.get_payload(decode=True)
    except Exception:
        data = str(part.get_payload()).encode("utf-8", "surrogateescape")
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
    return re.split(r"[/\\]", _one_line(_header_text(name)))[-1][:200]


def _header_text(value: Any) -> str:
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


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _second_reader(raw: bytes, parts: _Parts) -> None:
    try:
        import mailparser

        other = mailparser.parse_from_bytes(raw)
        texts = [clean(t) for t in (other.text_plain or []) if isinstance(t, str) and t.strip()]
        pages = [clean(t) for t in (other.text_html or []) if isinstance(t, str) and t.strip()]
        parts.defects.extend(str(x) for x in (other.defects_categories or ()))
        rest = "" if texts or pages else str(other.body or "")
    except Exception as e:
        parts.defects.append(f"second reader failed: {type(e).__name__}")
        texts, pages, rest = [], [], ""
    if parts.plain or parts.html:
        return
    parts.html.extend(pages)
    parts.plain.extend(_without_boundaries(t) for t in texts)
    if not texts and not pages:
        body = rest.strip() or _raw_body(raw)
        if body.strip() and not parts.unreadable and not parts.attachments and not parts.forwarded:
            parts.plain.append(_without_boundaries(clean(body)))


def _raw_body(raw: bytes) -> str:
    body = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)
    return decode(body[1][:MAX_HEAD], None)[0] if len(body) == 2 else ""


def _without_boundaries(text: str) -> str:
    """Text of a broken multipart without its part heads; an HTML alternative is dropped."""
    if not re.search(r"(?im)^content-type:", text):
        return text
    blocks = re.split(r"(?m)^--[^\s].*$", text)
    kept: list[str] = []
    for block in blocks:
        head, _, body = block.strip("\n").partition("\n\n")
        if not re.search(r"(?im)^content-", head):
            kept.append(block.strip("\n"))
        elif "text/html" not in head.lower():
            encoded = re.search(r"(?im)^content-transfer-encoding:\s*([\w-]+)", head)
            kept.append(_decoded(body, encoded.group(1).lower() if encoded else ""))
    return "\n".join(k for k in kept if k.strip())


def _decoded(body: str, encoding: str) -> str:
    import quopri

    data = body.encode("utf-8", "surrogateescape")
    if encoding == "base64":
        return clean(decode(unbase64(data), None)[0])
    return clean(decode(quopri.decodestring(data), None)[0]) if encoding == "quoted-printable" else body


def _addresses(message: Message, name: str) -> tuple[tuple[str, str], ...]:
    values = [_header_text(v) for v in message.get_all(name, [])][:50]
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


def _opened(message: Message, headers: tuple[tuple[str, str], ...], parts: _Parts) -> OpenedMail:
    def first(name: str) -> str:
        return next((_one_line(v) for n, v in headers if n.lower() == name), "")

    def address(name: str) -> tuple[str, str]:
        return next(iter(_addresses(message, name)), ("", ""))

    date = _when(first("date"))
    ids = tuple(re.findall(r"<[^<>\s]+>", first("references")))
    return OpenedMail(
        headers=headers,
        subject=first("subject"),
        from_address=address("From")[1],
        from_name=_one_line(address("From")[0]),
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
