"""Folding that keeps every code point in place, so that spans of the folded text are spans of the original."""

from __future__ import annotations

import unicodedata

_SPECIAL = {
    "ı": "i", "İ": "i", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ß": "s", "ø": "o", "Ø": "o",
    "’": "'", "‘": "'", "ʼ": "'", "–": "-", "—": "-", "‑": "-", "−": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ",
    "：": ":", "\u200b": " ", "\ufeff": " ",
}  # fmt: skip


def _folded(char: str) -> str:
    base = unicodedata.normalize("NFKD", char)[0].lower()
    return base if len(base) == 1 else char


def _table() -> dict[int, str]:
    codes = (*range(0x41, 0x5B), *range(0xC0, 0x250), *range(0x400, 0x530))
    table = {code: _folded(chr(code)) for code in codes}
    table.update({ord(k): v for k, v in _SPECIAL.items()})
    return table


_TABLE = _table()


def fold(text: str) -> str:
    """Lower case without diacritics, plain hyphens, apostrophes and spaces; as long as `text`."""
    return text.translate(_TABLE)
