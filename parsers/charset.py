"""Bytes of a mail part into text: a ladder of charsets, and base64 that is broken or was never base64."""

from __future__ import annotations

import base64
import binascii
import codecs
import re

_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_NEVER = {"idna", "undefined", "unicode_escape", "raw_unicode_escape", "punycode"}
_BLANKS = re.compile("[\u00a0\u2007\u202f]")


def decode(data: bytes, declared: str | None) -> tuple[str, bool]:
    """Text of the bytes and whether the declared charset (or ASCII/UTF-8 without one) could be used."""
    for name in (declared, "utf-8"):
        codec = usable(name)
        if codec is None:
            continue
        try:
            return data.decode(codec), name == declared or declared is None
        except (UnicodeError, LookupError, ValueError):
            continue
    try:
        return data.decode("cp1252"), False
    except UnicodeError:
        return data.decode("latin-1"), False


def usable(name: str | None) -> str | None:
    """The codec's name when it is a text encoding that may be tried."""
    if not name:
        return None
    try:
        info = codecs.lookup(name.strip().strip("'\""))
    except (LookupError, ValueError, UnicodeError):
        return None
    return info.name if getattr(info, "_is_text_encoding", False) and info.name not in _NEVER else None


def clean(text: str) -> str:
    """One line ending, plain blanks, and no control or direction marks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSAFE.sub("", _BLANKS.sub(" ", text))


def printable(data: bytes) -> float:
    """The share of bytes that a text would have."""
    sample = data[:4096]
    if not sample:
        return 1.0
    return sum(b >= 32 or b in (9, 10, 13) for b in sample) / len(sample)


def unbase64(data: bytes) -> bytes:
    """Decodes base64 block by block; text that only claims to be base64 comes back as it is."""
    squeezed = re.sub(rb"[^A-Za-z0-9+/=]", b"", data)
    if not squeezed or (b" " in data.strip() and len(squeezed) < 0.9 * len(re.sub(rb"\s", b"", data))):
        return data
    out = b""
    for block in re.findall(rb"[A-Za-z0-9+/]+={0,2}", squeezed):
        core = block.rstrip(b"=")
        core = core[: len(core) - 1] if len(core) % 4 == 1 else core
        try:
            out += base64.b64decode(core + b"=" * (-len(core) % 4))
        except (binascii.Error, ValueError):
            return data
    return data if data.strip().count(b" ") > 2 and not _is_text(out) else out


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeError:
        return False
    return printable(data) >= 0.7
