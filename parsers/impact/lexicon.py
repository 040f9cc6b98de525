"""The lexicons of `lexicon.json`, compiled once to an index over first words.

A form is a row of words: `a/b` means either word, `stem*` any ending, `~` up to three words between.
Serbian forms are written in Latin and match Cyrillic too; accents and case never matter.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from parsers.impact.fold import Token, cyrillic, fold, tokens

_GAP = "~"
_GAP_WORDS = 3
_STEM_KEY = 3
PATTERN_CLASSES = frozenset({"int", "const", "still", "since"})
KEY_CLASSES = frozenset({"key_impact", "key_pattern", "key_other"})
_FUNCTION_WORDS = "words"
_ENOUGH_ENGLISH = 4
_SHARE = 3


class Mark(NamedTuple):
    """One hit of a lexicon entry: first and last token (exclusive), class, language, entry id."""

    first: int
    last: int
    cls: str
    lang: str
    entry: str


class Form(NamedTuple):
    parts: tuple[str, ...]
    cls: str
    lang: str
    entry: str


_NO_FORMS: list[Form] = []


class Index:
    """Forms by their first word (exact or first letters of a stem)."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._words: dict[str, list[Form]] = {}
        self._stems: dict[str, list[Form]] = {}
        for form in forms:
            head = form.parts[0]
            table, key = (self._stems, head[:_STEM_KEY]) if head.endswith("*") else (self._words, head)
            table.setdefault(key, []).append(form)

    def find(self, row: Sequence[Token], idle: frozenset[str] = frozenset()) -> list[Mark]:
        """The longest hits, left to right; hits of several classes over the same words are all kept."""
        words = [t.word for t in row]
        marks: list[Mark] = []
        at = 0
        while at < len(words):
            hits = self._at(words, at, idle)
            if not hits:
                at += 1
                continue
            best = max(m.last for m in hits)
            marks.extend({m.cls: m for m in reversed(hits) if m.last == best}.values())
            at = best
        return marks

    def _at(self, words: list[str], at: int, idle: frozenset[str]) -> list[Mark]:
        head = words[at]
        forms = self._words.get(head, _NO_FORMS)
        stems = self._stems.get(head[:_STEM_KEY], _NO_FORMS)
        out = []
        for form in forms + stems if stems else forms:
            parts = form.parts
            if form.lang in idle or (len(parts) > 1 and _differs(parts[1], words, at + 1)):
                continue
            end = _match(parts, 0, words, at)
            if end > 0:
                out.append(Mark(at, end, form.cls, form.lang, form.entry))
        return out


def _differs(piece: str, words: list[str], at: int) -> bool:
    """A quick no on the second word, which most forms fail on."""
    if piece == _GAP:
        return False
    return at >= len(words) or (piece != words[at] and not (piece[-1] == "*" and words[at].startswith(piece[:-1])))


def _match(parts: tuple[str, ...], part: int, words: list[str], at: int) -> int:
    """Where the form ends, or -1."""
    while part < len(parts):
        piece = parts[part]
        if piece == _GAP:
            ends = (_match(parts, part + 1, words, at + skip) for skip in range(_GAP_WORDS + 1))
            return next((e for e in ends if e >= 0), -1)
        if at >= len(words) or not _same(piece, words[at]):
            return -1
        part, at = part + 1, at + 1
    return at


def _same(piece: str, word: str) -> bool:
    return word.startswith(piece[:-1]) if piece.endswith("*") else word == piece


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """One compiled rule set: states, courses (patterns) and form labels are looked up apart."""

    version: str
    states: Index
    courses: Index
    keys: Index
    common: dict[str, tuple[str, ...]]

    def idle_languages(self, rows: Iterable[Sequence[Token]]) -> frozenset[str]:
        """Languages that a clearly English text is not in, by its function words; their entries are left out."""
        counts = Counter(lang for row in rows for t in row for lang in self.common.get(t.word, ()))
        english = counts["en"]
        if english < _ENOUGH_ENGLISH:
            return frozenset()
        every = {lang for langs in self.common.values() for lang in langs}
        return frozenset(lang for lang in every if counts[lang] * _SHARE < english * 2 and lang != "en")

    def is_portuguese(self, rows: Iterable[Sequence[Token]]) -> bool:
        """Portuguese "no" means "on the"."""
        counts = Counter(lang for row in rows for t in row for lang in self.common.get(t.word, ()))
        return counts["pt"] > counts["en"] and counts["pt"] >= counts["es"]


def _piece(text: str) -> tuple[str, ...]:
    if text == _GAP:
        return (_GAP,)
    words = [t.word for t in tokens(text)]
    if words and text.endswith("*"):
        words[-1] += "*"
    return tuple(words)


def _rows(form: str) -> Iterable[tuple[str, ...]]:
    choices = [[_piece(a) for a in word.split("/")] for word in form.split()]
    for combo in itertools.product(*choices):
        yield tuple(p for piece in combo for p in piece)


def _forms(entry: dict[str, Any]) -> Iterable[Form]:
    written = list(entry["forms"])
    if entry["lang"] == "sr":
        written += [cyrillic(f) for f in entry["forms"]] + [fold(f.replace("đ", "d")) for f in entry["forms"]]
    for form in written:
        for parts in _rows(form):
            yield Form(parts, entry["class"], entry["lang"], entry["id"])


def compile_lexicon(raw: str) -> Lexicon:
    """A lexicon from the text of its JSON file; the version holds a hash of the data."""
    data = json.loads(raw)
    forms = [f for entry in data["entries"] for f in _forms(entry)]
    words = [f for f in forms if f.cls == _FUNCTION_WORDS]
    common = {w: tuple({f.lang for f in words if f.parts[0] == w}) for w in {f.parts[0] for f in words}}
    aside = PATTERN_CLASSES | KEY_CLASSES | {_FUNCTION_WORDS}
    digest = hashlib.sha256(raw.encode()).hexdigest()[:8]
    return Lexicon(
        version=f"{data['version']}-{digest}",
        states=Index(f for f in forms if f.cls not in aside),
        courses=Index(f for f in forms if f.cls in PATTERN_CLASSES),
        keys=Index(f for f in forms if f.cls in KEY_CLASSES),
        common=common,
    )


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """The lexicon that ships with the package."""
    return compile_lexicon(Path(__file__).with_name("lexicon.json").read_text(encoding="utf-8"))
