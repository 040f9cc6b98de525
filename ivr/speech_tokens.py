"""Words of an utterance: cut into tokens and parted where the caller corrects himself."""

from __future__ import annotations

import re

from ivr.speech_words import CORRECTIONS

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[-/_]")
_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_MARKS = tuple(sorted((tuple(c.split()) for c in CORRECTIONS), key=len, reverse=True))


def cut(text: str) -> list[str]:
    """The words, numbers and marks of an utterance as heard; "I.P.T." becomes three letters."""
    text = text.replace("’", "'")
    text = _INITIALS.sub(lambda m: m.group().replace(".", " "), text)
    return _TOKEN.findall(text)


def words(text: str) -> list[str]:
    """Like `cut`, in lower case and without marks."""
    return [t.lower() for t in cut(text) if t not in "-/_"]


def plain(text: str) -> str:
    """The words of an utterance in lower case with one blank between them."""
    return " ".join(words(text))


def parts(tokens: list[str]) -> list[list[str]]:
    """The tokens parted at each correction; the last part is what the caller wants to have said."""
    out: list[list[str]] = [[]]
    at = 0
    while at < len(tokens):
        length = _mark_length(tokens, at)
        if length:
            out.append([])
        else:
            out[-1].append(tokens[at])
        at += length or 1
    return [p for p in out if p]


def _mark_length(tokens: list[str], at: int) -> int:
    for mark in _MARKS:
        if tuple(t.lower() for t in tokens[at : at + len(mark)]) == mark:
            return len(mark)
    return 0
