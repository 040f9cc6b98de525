"""Words of a text with their offsets, folded for look-up (case, accents, apostrophes)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r"[A-Za-z]+n['’]t\b|[^\W_](?:[^\W_]|[\u0300-\u036f])*|%")
_PLAIN = str.maketrans({"ß": "ss", "ł": "l", "ı": "i", "ø": "o", "đ": "dj", "’": "'"})
_CYRILLIC = str.maketrans(dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш", strict=True)))


class Token(NamedTuple):
    word: str
    start: int
    end: int


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """The look-up form of one word."""
    if word.isascii():
        return word.lower()
    low = word.casefold().translate(_PLAIN)
    return "".join(c for c in unicodedata.normalize("NFD", low) if not unicodedata.combining(c))


def tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The words of a stretch of text, in order."""
    stop = len(text) if end is None else end
    return [Token(fold(m.group()), m.start(), m.end()) for m in _TOKEN.finditer(text, start, stop)]


def cyrillic(latin: str) -> str:
    """A Serbian Latin form in Cyrillic."""
    out = latin.replace("lj", "љ").replace("nj", "њ").replace("dž", "џ")
    return out.translate(_CYRILLIC)
