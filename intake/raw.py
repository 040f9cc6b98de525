"""A mail as bytes: what the envelope said, and a key that a redelivery keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

HEADER_BYTES = 256 * 1024
HEADER_LINES = 1000
SHORT = 998

_NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")
_BETWEEN_BRACKETS = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
_ADDRESS = re.compile(r"[^\s<>()\",;:]+@[^\s<>()\",;:]+")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

KEY_FIELDS = (b"message-id", b"from", b"date", b"subject")
# What servers on the way add, so a redelivery of the same mail may carry others.
TRACE_FIELDS = frozenset(
    b"received return-path delivered-to x-original-to envelope-to x-envelope-to x-envelope-from received-spf"
    b" dkim-signature domainkey-signature authentication-results arc-seal arc-message-signature"
    b" arc-authentication-results x-received x-spam-status x-spam-score x-spam-level x-spamd-result x-virus-scanned".split()
)


@dataclass(frozen=True)
class RawMail:
    """One mail as it came, unread.

    `defect` says why `raw` is not the whole mail; `key` names such a mail where its bytes cannot.
    """

    raw: bytes
    mailbox: str
    envelope_from: str
    envelope_to: tuple[str, ...]
    peer: str
    arrived_at: datetime
    defect: str = ""
    key: str = ""


@dataclass(frozen=True)
class Glance:
    """What a look at the bytes gives without reading the mail: short strings, and the key."""

    message_id: str
    from_address: str
    subject: str
    key: str


def dedupe_key(raw: bytes) -> str:
    """The same for every delivery of one mail, whatever trace headers it collected on its way."""
    return glance(raw).key


def glance(raw: bytes) -> Glance:
    """Looks at the header once, by bytes; never raises, whatever the bytes are."""
    fields, body_at = _scan(raw)
    values = {name: b"\x01".join(v for n, v in fields if n == name) for name in KEY_FIELDS}
    sender = _text(values[b"from"])
    address = _BETWEEN_BRACKETS.search(sender) or _ADDRESS.search(sender)
    return Glance(
        message_id=short(_first_id(_text(values[b"message-id"]))),
        from_address=short(address.group(address.lastindex or 0)).lower() if address else "",
        subject=short(_text(values[b"subject"])),
        key=_key(fields, values, raw[body_at:]),
    )


def header_fields(raw: bytes) -> list[tuple[str, str]]:
    """The header's fields in their order, names in small letters, values unfolded and undecoded; never raises."""
    return [(name.decode("latin-1"), _text(value)) for name, value in _scan(raw)[0]]


def short(text: str) -> str:
    """One line without control characters and lone surrogates, at most 998 characters long."""
    return _CONTROL.sub(" ", text.encode(errors="replace").decode()).strip()[:SHORT]


def _key(fields: list[tuple[bytes, bytes]], values: dict[bytes, bytes], body: bytes) -> str:
    parts = [values[name] for name in KEY_FIELDS]
    if not values[b"message-id"]:  # nothing names the mail: then everything in it does
        parts += [name + b":" + value for name, value in fields if name not in TRACE_FIELDS]
    parts.append(sha256(body.replace(b"\r\n", b"\n").rstrip(b"\n")).digest())
    digest = sha256()
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


def _scan(raw: bytes) -> tuple[list[tuple[bytes, bytes]], int]:
    """The header's fields, unfolded, names in small letters; and where the body begins."""
    fields: list[tuple[bytes, list[bytes]]] = []
    body_at = 0
    for start, end, line in _header_lines(raw):
        stripped = line.rstrip(b"\r\n")
        body_at = end
        if not stripped:
            break
        if stripped[:1] in b" \t" and fields:
            fields[-1][1].append(stripped)
        elif start == 0 and stripped.startswith(b"From "):
            continue
        elif found := _NAME.match(stripped.removeprefix(b"\xef\xbb\xbf") if start == 0 else stripped):
            fields.append((found.group(1).lower(), [found.string[found.end() :]]))
        else:  # not a header line: the body begins here, whatever is missing
            body_at = start
            break
    return [(name, b" ".join(b" ".join(value).split())) for name, value in fields], body_at


def _header_lines(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Lines with their offsets, up to the caps of a header."""
    start = 0
    for _ in range(HEADER_LINES):
        end = raw.find(b"\n", start, HEADER_BYTES) + 1 or (len(raw) if len(raw) <= HEADER_BYTES else 0)
        if not end or start >= len(raw):
            return
        yield start, end, raw[start:end]
        start = end


def _first_id(text: str) -> str:
    found = _MESSAGE_ID.search(text)
    return found.group() if found else text


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
