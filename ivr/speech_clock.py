"""Spoken numbers in an expression of time -> figures: "nine oh five p m" becomes "9:05 pm", "half an hour" "30 minutes"."""

from __future__ import annotations

import re

from ivr.speech_words import DIGITS, TEENS, TENS

_NOT_UNITS = frozenset("to too for o oh won ate free tree fore".split())
_UNITS = {w: int(d) for w, d in DIGITS.items() if w not in _NOT_UNITS}
_ZERO = frozenset(("oh", "o", "zero", "nought"))
_ORDINALS = {
    w: n
    for n, w in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
        "sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        start=1,
    )
} | {"thirtieth": 30}
_MONTHS = frozenset("january february march april may june july august september october november december".split())
_LENGTHS = re.compile(r"(?:second|minute|min|hour|hr|day|week)s?")
_PAST, _TO = frozenset(("past", "after", "gone")), frozenset(("to", "before", "till", "of"))
_HALF_DAYS = {"am": "am", "pm": "pm"}
_TOKEN = re.compile(r"\d{1,2}[:.]\d\d|\d+(?:st|nd|rd|th)\b|[+-]?\d+|[^\W\d_]+(?:'[^\W\d_]+)*")
_PHRASES = (
    (r"\b([ap])[. ]+m\b\.?", r"\1m"),
    (r"\bu ?t ?c\b|\bcoordinated universal time\b|\bzulu(?: time)?\b", "utc"),
    (r"\bg m t\b|\bgreenwich mean time\b", "gmt"),
    (r"\bc e (s?) ?t\b", r"ce\1t"),
    (r"\b(eastern|central|pacific|mountain)(?: (?:standard|daylight|summer))?(?: time)?\b", r"\1"),
    (r"\bin the morning\b", "am"),
    (r"\bat night\b|\bin the (?:evening|afternoon)\b", "pm"),
    (r"\b(?:an|one|1) hours? and a half\b", "90 minutes"),
    (r"\b(?:a )?half (?:an |a )?hour\b", "30 minutes"),
    (r"\bthree quarters of an hour\b", "45 minutes"),
    (r"\b(?:a )?quarter of an hour\b", "15 minutes"),
    (r"\b(?:a )?couple (?:of )?(?=hours|minutes|days)", "two "),
    (r"\ban? (?=(?:hour|minute|day|week)\b)", "one "),
    (r"\bo'? ?clock\b", "oclock"),
    (r"\bmidday\b", "noon"),
)
_SUMS = re.compile(r"\b(\d+) hours?(?: and)? (\d+) minutes?\b|\b(\d+) and a half hours\b|\b(\d+) hours and a half\b")


def figures(text: str) -> str:
    """The same expression with numbers, clock times and halves of the day in figures, in lower case."""
    text = text.lower().replace("’", "'")
    for what, by in _PHRASES:
        text = re.sub(what, by, text)
    tokens = _TOKEN.findall(text)
    out: list[str] = []
    at = 0
    while at < len(tokens):
        taken, word = _clock(tokens, at, out) or _ordinal(tokens, at) or _plain_number(tokens, at) or (1, tokens[at])
        out.append(word)
        at += taken
    return _SUMS.sub(_as_minutes, " ".join(out))


def _as_minutes(match: re.Match[str]) -> str:
    hours, minutes, whole, whole_after = match.groups()
    total = int(hours) * 60 + int(minutes) if hours else int(whole or whole_after) * 60 + 30
    return f"{total} minutes"


def _number(tokens: list[str], at: int) -> tuple[int, int] | None:
    """A number from 0 to 99: tokens used and value."""
    if at >= len(tokens):
        return None
    token = tokens[at]
    if token.isdigit() and len(token) <= 2:
        return 1, int(token)
    if token in TENS:
        unit = _UNITS.get(tokens[at + 1], 0) if at + 1 < len(tokens) else 0
        return (2, TENS[token] + unit) if unit else (1, TENS[token])
    if token in TEENS:
        return 1, TEENS[token]
    return (1, _UNITS[token]) if token in _UNITS else None


def _plain_number(tokens: list[str], at: int) -> tuple[int, str] | None:
    found = _number(tokens, at)
    return (found[0], str(found[1])) if found else None


def _ordinal(tokens: list[str], at: int) -> tuple[int, str] | None:
    """ "twenty first of april": the day of a month, its "of" dropped."""
    tens = TENS.get(tokens[at], 0)
    word = tokens[at + 1] if tens and at + 1 < len(tokens) else tokens[at]
    value = _ORDINALS.get(word) or (int(word[:-2]) if re.fullmatch(r"\d+(?:st|nd|rd|th)", word) else 0)
    if not value or (tens and value > 9):
        return None
    used = 2 if tens else 1
    of = at + used + 1 < len(tokens) and tokens[at + used] == "of" and tokens[at + used + 1] in _MONTHS
    return used + of, str(tens + value)


def _clock(tokens: list[str], at: int, out: list[str]) -> tuple[int, str] | None:
    """A clock time that begins here, or None. A number right after the name of a month is its day."""
    if out and out[-1] in _MONTHS and tokens[at] not in _ZERO:
        return None
    return _relative_clock(tokens, at) or _figure_clock(tokens, at) or _spoken_clock(tokens, at)


def _written(hour: int, minute: int) -> str | None:
    return f"{hour}:{minute:02d}" if 0 <= hour <= 24 and 0 <= minute < 60 else None


def _relative_clock(tokens: list[str], at: int) -> tuple[int, str] | None:
    """ "half past nine", "half nine", "quarter to six", "ten (minutes) past three"."""
    start = at + 1 if tokens[at] == "a" else at
    word = tokens[start] if start < len(tokens) else ""
    amount = {"half": (1, 30), "quarter": (1, 15)}.get(word) or _number(tokens, start)
    if not amount:
        return None
    link = start + amount[0]
    link += link < len(tokens) and tokens[link] in ("minutes", "minute")
    sign = (
        1 if tokens[link : link + 1] and tokens[link] in _PAST else -1 if tokens[link : link + 1] and tokens[link] in _TO else 0
    )
    hour = _number(tokens, link + 1) if sign else _number(tokens, link) if word == "half" else None
    if not hour or not 1 <= hour[1] <= 24 or (word != "half" and not sign):
        return None
    end = link + bool(sign) + hour[0]
    if end < len(tokens) and _LENGTHS.fullmatch(tokens[end]):
        return None
    total = hour[1] * 60 + (amount[1] if sign >= 0 else -amount[1])
    written = _written(total // 60, total % 60)
    return (end - at, written) if written else None


def _figure_clock(tokens: list[str], at: int) -> tuple[int, str] | None:
    """ "7:30", "730", "1405" as the recognizer writes them."""
    token = tokens[at]
    match = re.fullmatch(r"(\d{1,2})[:.]?(\d\d)", token)
    if (
        not match
        or len(token) < 3
        or (at + 1 < len(tokens) and _LENGTHS.fullmatch(tokens[at + 1]) and tokens[at + 1] not in ("hours", "hrs"))
    ):
        return None
    written = _written(int(match[1]), int(match[2]))
    return (1 + (tokens[at + 1 : at + 2] == ["hours"]), written) if written else None


def _spoken_clock(tokens: list[str], at: int) -> tuple[int, str] | None:
    """ "oh four thirty", "fourteen oh five", "seven thirty", "nine hundred", "nine o'clock"."""
    zero = tokens[at] in _ZERO
    hour = _number(tokens, at + 1) if zero else _number(tokens, at)
    if not hour or hour[1] > 24 or (zero and hour[1] > 9):
        return None
    next_at = at + zero + hour[0]
    following = tokens[next_at] if next_at < len(tokens) else ""
    if following in ("hundred", "oclock"):
        more = tokens[next_at + 1 : next_at + 2] in (["hours"], ["hrs"])
        return next_at + 1 + more - at, f"{hour[1]}:00"
    minute = _minutes(tokens, next_at)
    if not minute:
        return None
    end = next_at + minute[0]
    if end < len(tokens) and _LENGTHS.fullmatch(tokens[end]) and tokens[end] not in ("hours", "hrs"):
        return None
    return end - at, f"{hour[1]}:{minute[1]:02d}"


def _minutes(tokens: list[str], at: int) -> tuple[int, int] | None:
    if at < len(tokens) and tokens[at] in _ZERO:
        unit = _number(tokens, at + 1)
        return (
            (2, unit[1]) if unit and unit[1] < 10 else (2, 0) if tokens[at + 1 : at + 2] and tokens[at + 1] in _ZERO else None
        )
    found = _number(tokens, at)
    if found and found[1] == 0 and tokens[at] == "00":
        return found
    return found if found and 10 <= found[1] < 60 else None
