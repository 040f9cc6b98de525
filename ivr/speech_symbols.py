"""Spoken letters and numbers -> the strings of symbols they can stand for.

A stretch of speech has several honest readings: "oh" is a letter or a zero, "three hundred one" is 301 or 300 1.
All of them are kept and the directory decides; nothing is ever matched by likeness.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from ivr.speech_words import (
    DIGITS,
    FILLERS,
    LETTERS,
    MARKS,
    OTHER_LETTERS,
    PROSE_END,
    PROSE_START,
    REPEATS,
    SCALES,
    TEENS,
    TENS,
)

MAX_READINGS = 400
_LINKS = (("as", "in"), ("for",), ("like",), ("as",))


@dataclass(frozen=True, slots=True)
class Run:
    """Symbols said in one go: `readings` holds every string they can stand for."""

    readings: frozenset[str]
    hard_gap: bool = False
    """Whether a word that is neither symbol nor filler stood before it."""


def runs(tokens: list[str], chunks: Set[str] = frozenset(), *, marks: bool = False) -> list[Run]:
    """The stretches of symbols in an utterance. `chunks` are letter groups that may be said as one word."""
    out: list[Run] = []
    current: list[str] = []
    gap = False
    for token in [*_with_spelling_words(tokens), ""]:
        if token and token.lower() in FILLERS and token.lower() not in chunks:
            continue
        if token and _is_symbol(token, chunks):
            current.append(token)
            continue
        if found := _readings_of_run(current, chunks, marks):
            out.append(Run(found, gap))
            gap = False
        gap, current = True, []
    return out


def _is_symbol(token: str, chunks: Set[str]) -> bool:
    low = token.lower()
    known = low in LETTERS or low in DIGITS or low in TEENS or low in TENS or low in SCALES or low in REPEATS or low in MARKS
    return known or token.isdigit() or low in chunks or _is_initials(token)


def _is_initials(token: str) -> bool:
    """Whether a word is letters read as such: no vowel in it, or written in capitals by the recognizer."""
    if not (2 <= len(token) <= 5 and token.isascii() and token.isalpha()):
        return False
    return token.isupper() or not set(token.lower()) & set("aeiouy")


def _with_spelling_words(tokens: list[str]) -> list[str]:
    """Takes "b as in boy" and "x ray" together; letter and word that disagree become an unknown word."""
    out: list[str] = []
    at = 0
    while at < len(tokens):
        letter, low = LETTERS.get(tokens[at].lower()), tokens[at].lower()
        taken = _spelling_word_length(tokens, at) if letter else 0
        if low == "x" and tokens[at + 1 : at + 2] == ["ray"]:
            taken = 1
            out.append(low)
        elif taken:
            out.append((letter or "") if tokens[at + taken][:1].upper() == letter else "?")
        else:
            out.append(tokens[at])
        at += 1 + taken
    return out


def _spelling_word_length(tokens: list[str], at: int) -> int:
    for link in _LINKS:
        word = at + 1 + len(link)
        if tuple(t.lower() for t in tokens[at + 1 : word]) != link or word >= len(tokens):
            continue
        low = tokens[word].lower()
        if len(low) > 2 and low.isalpha() and low not in DIGITS and low not in TEENS and low not in TENS and low not in REPEATS:
            return word - at
    return 0


def _readings_of_run(tokens: list[str], chunks: Set[str], marks: bool) -> frozenset[str]:
    """The readings of one run, also without plain words at its ends; empty when nothing is left."""
    low = [t.lower() for t in tokens]
    found: set[str] = set()
    start = 0
    while True:
        end = len(low)
        while end > start:
            found |= _spell(low[start:end], chunks, marks)
            if low[end - 1] not in PROSE_END:
                break
            end -= 1
        if start >= len(low) or low[start] not in PROSE_START:
            break
        start += 1
    if all(t in PROSE_START for t in low):
        found.add("")
    return frozenset(found) if found != {""} else frozenset()


def _spell(tokens: list[str], chunks: Set[str], marks: bool) -> set[str]:
    """All readings from the first token to the last."""
    ends: list[set[str]] = [set() for _ in range(len(tokens) + 1)]
    ends[0] = {""}
    for at in range(len(tokens)):
        for length, symbols in _steps(tokens, at, chunks, marks):
            room = MAX_READINGS - len(ends[at + length])
            ends[at + length] |= set(sorted(s + symbols for s in ends[at])[: max(room, 0)])
    return ends[-1]


def _steps(tokens: list[str], at: int, chunks: Set[str], marks: bool) -> Iterator[tuple[int, str]]:
    """What the token at `at` and those after it can stand for: number of tokens used, symbols."""
    token, following = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else ""
    if token in REPEATS:
        if REPEATS[token] == 2 and LETTERS.get(following) == "U":
            yield 2, "W"
        else:
            yield from ((2, s * REPEATS[token]) for s in _single(following, marks=marks))
        return
    yield from ((1, s) for s in _single(token, marks=marks))
    yield from ((length, str(value)) for length, value in _numbers(tokens, at))
    if token.isdigit():
        yield 1, token
    elif len(token) > 1 and (token in chunks or (token not in _SPOKEN and token.isalpha())):
        yield 1, token.upper()


_SPOKEN = frozenset(LETTERS) | frozenset(DIGITS) | frozenset(TEENS) | frozenset(TENS) | frozenset(SCALES) | frozenset(MARKS)


def _single(token: str, *, marks: bool) -> Iterator[str]:
    """The letter, the digit or the mark that a word names."""
    if token in LETTERS:
        yield LETTERS[token]
    if token in OTHER_LETTERS:
        yield OTHER_LETTERS[token]
    if token in DIGITS:
        yield DIGITS[token]
    if token in MARKS:
        yield MARKS[token] if marks else ""


def _numbers(tokens: list[str], at: int) -> Iterator[tuple[int, int]]:
    """Numbers of more than one digit that begin here: 24, 300, 7300, 118203; length in tokens and value."""
    for length, value in _below_hundred(tokens, at):
        if value > 9 and not tokens[at].isdigit():
            yield length, value
        yield from _scaled(tokens, at, length, value, 100)
        yield from _scaled(tokens, at, length, value, 1000)


def _scaled(tokens: list[str], at: int, length: int, value: int, scale: int) -> Iterator[tuple[int, int]]:
    """`value` times hundred or thousand with what may follow: "hundred", "hundred five", "hundred eighteen thousand ..."."""
    after = at + length
    if not value or after >= len(tokens) or SCALES.get(tokens[after]) != scale:
        return
    yield length + 1, value * scale
    for more, rest in _tail(tokens, after + 1, scale):
        yield length + 1 + more, value * scale + rest
        if scale == 100:
            yield from _scaled(tokens, at, length + 1 + more, value * scale + rest, 1000)
    if scale == 100:
        yield from _scaled(tokens, at, length + 1, value * scale, 1000)


def _tail(tokens: list[str], at: int, scale: int) -> Iterator[tuple[int, int]]:
    """What can be added to a hundred or a thousand: a smaller number, not zero."""
    for length, value in [*_below_hundred(tokens, at), *(_hundreds(tokens, at) if scale == 1000 else ())]:
        if 0 < value < scale:
            yield length, value


def _hundreds(tokens: list[str], at: int) -> Iterator[tuple[int, int]]:
    for length, value in _below_hundred(tokens, at):
        if value < 10:
            yield from _scaled(tokens, at, length, value, 100)


def _below_hundred(tokens: list[str], at: int) -> list[tuple[int, int]]:
    """0 to 99 in words, or a number in figures."""
    if at >= len(tokens):
        return []
    token = tokens[at]
    if token.isdigit() and len(token) < 4:
        return [(1, int(token))]
    if token in TENS:
        unit = int(DIGITS.get(tokens[at + 1], "0")) if at + 1 < len(tokens) else 0
        return [(2, TENS[token] + unit)] if unit else [(1, TENS[token])]
    if token in TEENS:
        return [(1, TEENS[token])]
    return [(1, int(DIGITS[token]))] if token in DIGITS else []
