"""Spoken numbers of an answer as digits: "oh four thirty zulu", "fourteen oh five", "three p m"."""

from __future__ import annotations

import re

_ONES = {w: i for i, w in enumerate("zero one two three four five six seven eight nine".split())} | {"oh": 0, "niner": 9}
_TEENS = {
    w: i for i, w in enumerate("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), 10)
}
_TENS = {w: i * 10 for i, w in enumerate("twenty thirty forty fifty".split(), 2)}
_ORDINALS = {
    w: i
    for i, w in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth "
        "seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
} | {"thirtieth": 30}
_LETTERS = (
    (r"\bp\.?\s?m\b\.?", "pm"),
    (r"\ba\.?\s?m\b\.?", "am"),
    (r"\bu\s?t\s?c\b", "utc"),
    (r"\bg\s?m\s?t\b", "gmt"),
    (r"\bo\s?'?\s?clock\b", "o'clock"),
)
_CORRECTION = re.compile(
    r"\b(?:no,? make (?:that|it)|make that|no wait|no,? sorry|sorry,?|i mean|or rather|correction|"
    r"scratch that|no,? actually)\b,?"
)
_PAIR = re.compile(r"\b(\d{1,2}) (\d{2})\b(?!\s*(?:min|hour|hrs|sec|day|week|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))")
_NUMBER = re.compile(r"\b\d+\b")


def _spoken(words: list[str]) -> list[str]:
    out: list[str] = []
    i = 0
    while i < len(words):
        word, nxt = words[i], words[i + 1] if i + 1 < len(words) else ""
        if word in ("oh", "zero") and nxt in _ONES:
            out.append(f"0{_ONES[nxt]}")
            i += 2
        elif word in _TENS and nxt in _ONES and nxt not in ("oh", "zero"):
            out.append(str(_TENS[word] + _ONES[nxt]))
            i += 2
        elif word in _TENS and _ORDINALS.get(nxt, 99) < 10:
            out.append(f"{_TENS[word] + _ORDINALS[nxt]}th")
            i += 2
        else:
            out.append(_single(word))
            i += 1
    return out


def _single(word: str) -> str:
    if word in _ORDINALS and word != "second":
        return f"{_ORDINALS[word]}th"
    for table in (_ONES, _TEENS, _TENS):
        if word in table and word not in ("oh",):
            return str(table[word])
    return "00" if word == "hundred" else word


def spoken_digits(text: str) -> str:
    """`text` in lower case with spoken numbers and letters written out."""
    out = text.lower().replace("-", " - ") if not re.search(r"\d", text) else text
    for pattern, letters in _LETTERS:
        out = re.sub(pattern, letters, out, flags=re.I)
    if re.search(r"\d[-:./]\d", out):
        return out
    out = " ".join(_spoken(re.sub(r"(?<=[a-z]) - (?=[a-z])", " ", out).split()))
    return _PAIR.sub(lambda m: f"{m[1]}:{m[2]}" if int(m[1]) < 24 and int(m[2]) < 60 else m[0], out)


def corrected(text: str) -> str:
    """The words behind the last correction; a lone number replaces the number before it."""
    parts = [part.strip() for part in _CORRECTION.split(text) if part.strip()]
    if len(parts) < 2:
        return parts[0] if parts else text
    last = parts[-1]
    if re.fullmatch(r"(?:about |around )?\d+", last):
        return _NUMBER.sub(last.split()[-1], parts[-2], count=1)
    return last
