"""How much is lost: "three out of ten packets", "every other ping", "half of the calls", "12 percent", "all pings".

The share comes before what is counted, its end ("never arrives", "gets lost") behind it, in any order of words between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from parsers.impact.quantities import ALL, ARRIVE, EVERY, FILL, FRACTIONS, LOST, NOT, NUMBERS, OF, ORDINALS, PERCENT, THINGS

_REACH, _BEFORE, _FILLERS = 7, 3, 4
_COUNTED = 3


class Share(NamedTuple):
    """Words `first` to `last` (exclusive) tell that `lost` (0 to 1) of something does not get through."""

    first: int
    last: int
    lost: float


@lru_cache(maxsize=8192)
def _kind(word: str) -> str:
    """Whether a word names what is counted, its loss or its arrival."""
    if word.startswith(THINGS):
        return "thing"
    return "lost" if word.startswith(LOST) else "arrive" if word.startswith(ARRIVE) else ""


def shares(words: Sequence[str], clause: Sequence[int]) -> Iterator[Share]:
    """The shares that a sentence tells, left to right."""
    kinds = [_kind(w) for w in words]
    if "thing" not in kinds and not (("cent" in words or PERCENT.intersection(words)) and "lost" in kinds):
        return
    at = 0
    while at < len(words):
        found = _share(words, at)
        told = _told(words, kinds, clause, at, *found) if found else None
        if told:
            yield told
        at = told.last if told else at + 1


def _number(word: str) -> float | None:
    if word.isdigit() and len(word) <= _COUNTED + 1:
        return float(word)
    return NUMBERS.get(word)


def _share(words: Sequence[str], at: int) -> tuple[float, int, bool] | None:
    """A share that begins at a word: its size, the index behind it, and whether it is one of percent."""
    word = words[at]
    after = words[at + 1] if at + 1 < len(words) else ""
    if word in EVERY and (n := ORDINALS.get(after) or (_number(after) if word == "her" else None)):
        return 1 / n, at + 2, False
    number = _number(word)
    if number is not None:
        if after in PERCENT:
            return number / 100, at + 2, True
        if after in ("per", "por", "pour") and words[at + 2 : at + 3] in (["cent"], ["ciento"], ["cento"]):
            return number / 100, at + 3, True
        k = at + 1
        while (
            k < len(words)
            and k < at + _FILLERS
            and (words[k] in FILL or words[k] in OF or words[k] in EVERY or words[k].startswith(THINGS))
        ):
            k += 1
        total = _number(words[k]) if k > at + 1 and k < len(words) else None
        joined = any(w in OF for w in words[at + 1 : k])
        if total and joined and 0 < number <= total and total > 1:
            return number / total, k + 1, False
        fraction = FRACTIONS.get(after)
        return (min(1.0, number * fraction), at + 2, False) if fraction and number <= _COUNTED else None
    if word in OF and (whole := _number(after)) and whole > 1:
        return _of_whole(words, at, whole)
    if word in FRACTIONS:
        return FRACTIONS[word], at + 1, False
    return (1.0, at + 1, False) if word in ALL else None


def _of_whole(words: Sequence[str], at: int, whole: float) -> tuple[float, int, bool] | None:
    """ "Of ten pings six come back": what is counted stands behind the whole, the part behind that."""
    behind = words[at + 2 : at + 3 + _FILLERS + 2]
    if not behind or not behind[0].startswith(THINGS):
        return None
    found = next(((k, n) for k, w in enumerate(behind) if (n := _number(w)) is not None), None)
    return (found[1] / whole, at + 3 + found[0], False) if found and 0 < found[1] <= whole else None


def _told(
    words: Sequence[str], kinds: Sequence[str], clause: Sequence[int], at: int, size: float, after: int, percent: bool
) -> Share | None:
    """What becomes of the share, or None when it is not one of things that get lost."""
    k = after
    while k < len(words) and k < after + _FILLERS and kinds[k] != "thing" and (words[k] in FILL or words[k] in OF):
        k += 1
    thing = (
        k
        if k < len(words) and kinds[k] == "thing"
        else next((i for i in (*range(at, after), at - 1) if i >= 0 and kinds[i] == "thing"), -1)
    )
    before = range(max(0, at - _BEFORE), at)
    losing = any(kinds[i] == "lost" and clause[i] == clause[at] for i in before)
    if thing < 0:
        return Share(at, after, size) if percent and losing and (k == after or k >= len(words)) else None
    if losing:
        # What is counted may stand before the share.
        return Share(at, max(after, thing + 1), size)
    if any(words[i] in NOT for i in before):
        return None
    start = thing + 1
    refused = False
    for i in range(start, min(len(words), start + _REACH)):
        if clause[i] != clause[start - 1] and kinds[i] != "lost":
            return None
        refused = refused or words[i] in NOT or words[i].endswith(("n't", "miyor", "muyor"))
        word = words[i]
        if kinds[i] == "lost" or (word in ("time", "times") and words[i + 1 : i + 2] == ["out"]):
            return None if refused else Share(at, i + 1, size)
        if kinds[i] == "arrive" and not (word.startswith("answer") and refused is False and words[i - 1] in NOT):
            lost = size if refused or word.endswith(("miyor", "muyor")) else 1 - size
            return Share(at, i + 1, lost) if lost > 0 else None
    return None
