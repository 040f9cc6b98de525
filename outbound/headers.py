"""What may stand in a header or an SMTP command: one line, one address, well-formed Message-IDs."""

from __future__ import annotations

import re
import unicodedata

from models.errors import UserError

MAX_REFERENCES = 10
MAX_ID_CHARS = 250
_LINE_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Marks that turn the writing direction, and invisible ones: they make a line read other than it is.
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\uffdc-]+"
_LABEL = r"[A-Za-z0-9\u00a1-\uffdc](?:[A-Za-z0-9\u00a1-\uffdc-]{0,61}[A-Za-z0-9\u00a1-\uffdc])?"
_ADDRESS = re.compile(rf"{_LOCAL}(?:\.{_LOCAL})*@{_LABEL}(?:\.{_LABEL})*")


class AddressError(UserError):
    """This is not exactly one mail address."""


def one_line(text: str, limit: int = 998) -> str:
    """The text in NFC on one line: every control character and line separator a space, at most `limit` characters."""
    flat = _LINE_BREAKS.sub(" ", unicodedata.normalize("NFC", text))
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", flat)).strip()[:limit].rstrip()


def safe_address(text: str) -> str:
    """The text if it is exactly one bare address (at most 254 characters); raises AddressError for anything else.

    The standard library's address reader splits some single addresses in two (CVE-2023-27043), so it is not asked.
    """
    local = text.partition("@")[0]
    if len(text) > 254 or len(local) > 64 or not _ADDRESS.fullmatch(text) or one_line(text) != text:
        raise AddressError(f"{one_line(text, 80)!r} is not exactly one mail address")
    return text


def is_message_id(text: str) -> bool:
    """Whether the text can stand in a thread header: RFC 5322 form, printable ASCII, at most 250 characters."""
    return len(text) <= MAX_ID_CHARS and text.isascii() and text.isprintable() and bool(_MESSAGE_ID.fullmatch(text))


def references(text: str, in_reply_to: str = "") -> list[str]:
    """The last ten well-formed Message-IDs of a References value, the answered one last, none twice."""
    ids = [i for i in dict.fromkeys(text.split()) if is_message_id(i) and i != in_reply_to]
    if is_message_id(in_reply_to):
        ids.append(in_reply_to)
    return ids[-MAX_REFERENCES:]
