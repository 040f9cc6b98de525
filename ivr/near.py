"""Which services a caller may have meant: by the image of an ID on the keypad, or by letters that sound alike."""

from __future__ import annotations

from ivr.speech_symbols import runs
from ivr.speech_tokens import cut, parts
from models.directory import Directory, canonical

# Letters that recognizers and people mix up on the telephone (research by spelling studies: the e-set, a-set, and so on).
_ALIKE = ("BCDEGPTVZ", "AHJK", "FSX", "IY", "MN", "QU")
_GROUP = {letter: group[0] for group in _ALIKE for letter in group}
_KEYS = {c: k for k, letters in zip("23456789", "ABC DEF GHI JKL MNO PQRS TUV WXYZ".split(), strict=True) for c in letters}
MOST_CHOICES = 3


def keypad_image(identifier: str) -> str:
    """The keys that spell an ID: SVC-104233 is 782104233."""
    return "".join(_KEYS.get(c, c) for c in canonical(identifier))


def services_by_keys(digits: str, directory: Directory, *, prefer: str = "") -> tuple[str, ...]:
    """Every service whose digits, or whose ID as spelled on the keypad, are these; those of `prefer` (a customer) first."""
    by_digits = list(directory.services_by_digits.get(digits, ()))
    spelled = [s for s in directory.services if keypad_image(s.id) == digits] if not by_digits and len(digits) > 2 else []
    hits = sorted(dict.fromkeys((*by_digits, *spelled)), key=lambda s: (s.customer != prefer, s.id))
    return tuple(s.id for s in hits)


def services_by_sound(speech: str, directory: Directory) -> tuple[str, ...]:
    """Services whose ID is what was heard but for letters that sound alike; digits are never corrected."""
    chunks = frozenset[str]()
    said = {s for part in parts(cut(speech))[-1:] for run in runs(part, chunks) for s in run.readings}
    wanted = {_sound(s) for s in said if any(c.isalpha() for c in s) and sum(c.isdigit() for c in s) >= 3}
    return tuple(sorted(s.id for s in directory.services if wanted and _sound(canonical(s.id)) in wanted))


def _sound(symbols: str) -> str:
    return "".join(_GROUP.get(c, c) for c in symbols)
