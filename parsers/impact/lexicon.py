"""The word lists of impact and fault pattern, compiled from a rule set to an index over first words.

A form is a row of words: `a|b` means either word, `stem*` any ending, `~` up to three words between.
Serbian forms are written in Latin and match Cyrillic too; accents and case never matter.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from parsers.impact.fold import Token, cyrillic, fold, tokens
from parsers.rule_file import Rule
from parsers.rules import RuleSet

_LISTS = "impact."
# "Three times as long" tells of poor service like the other words for it, but says nothing on when it began.
_READ_AS = {"longer": "soft"}
_GAP = "~"
_GAP_WORDS = 3
_STEM_KEY = 3
PATTERN_CLASSES = frozenset({"int", "const", "still", "since"})
KEY_CLASSES = frozenset({"key_impact", "key_pattern", "key_other"})
_FUNCTION_WORDS = "words"
_WORKS = "works"
_ENOUGH_ENGLISH, _ENOUGH = 4, 3
_SHARE = 3


class Mark(NamedTuple):
    """One hit of a lexicon entry: first and last token (exclusive), class, language, entry id."""

    first: int
    last: int
    cls: str
    lang: str
    entry: str


class Piece(NamedTuple):
    """One place of a form: the words that may stand there, and the beginnings of such words; neither is a gap."""

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()


class Form(NamedTuple):
    parts: tuple[Piece, ...]
    cls: str
    lang: str
    entry: str


_NOWHERE = Piece()
_NO_FORMS: list[Form] = []
_NO_MARKS: list[Mark] = []


class Index:
    """Forms by their first word (exact or first letters of a stem)."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._words: dict[str, list[Form]] = {}
        self._pairs: dict[tuple[str, str], list[Form]] = {}
        self._stems: dict[str, list[Form]] = {}
        for form in forms:
            head, second = form.parts[0], form.parts[1] if len(form.parts) > 1 else _NOWHERE
            for word in head.words:
                if second.words and not second.stems:
                    for after in second.words:
                        self._pairs.setdefault((word, after), []).append(form)
                else:
                    self._words.setdefault(word, []).append(form)
            for stem in {s[:_STEM_KEY] for s in head.stems}:
                self._stems.setdefault(stem, []).append(form)

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

    def found(self, text: str) -> bool:
        """Whether any form stands in the text."""
        return bool(self.find(tokens(text)))

    def _at(self, words: list[str], at: int, idle: frozenset[str]) -> list[Mark]:
        head = words[at]
        forms = self._words.get(head, _NO_FORMS)
        stems = self._stems.get(head[:_STEM_KEY], _NO_FORMS)
        pairs = self._pairs.get((head, words[at + 1]), _NO_FORMS) if at + 1 < len(words) else _NO_FORMS
        if not forms and not stems and not pairs:
            return _NO_MARKS
        out = []
        for form in forms + stems + pairs if stems or pairs else forms:
            parts = form.parts
            if form.lang in idle or (len(parts) > 1 and _differs(parts[1], words, at + 1)):
                continue
            end = _match(parts, 0, words, at)
            if end > 0:
                out.append(Mark(at, end, form.cls, form.lang, form.entry))
        return out


def _differs(piece: Piece, words: list[str], at: int) -> bool:
    """A quick no on the second word, which most forms fail on."""
    return piece != _NOWHERE and (at >= len(words) or not _same(piece, words[at]))


def _match(parts: tuple[Piece, ...], part: int, words: list[str], at: int) -> int:
    """Where the form ends, or -1."""
    while part < len(parts):
        piece = parts[part]
        if piece == _NOWHERE:
            for skip in range(_GAP_WORDS + 1):
                end = _match(parts, part + 1, words, at + skip)
                if end >= 0:
                    return end
            return -1
        if at >= len(words) or not _same(piece, words[at]):
            return -1
        part, at = part + 1, at + 1
    return at


def _same(piece: Piece, word: str) -> bool:
    return word in piece.words or (piece.stems != () and word.startswith(piece.stems))


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """One compiled rule set: states, courses (patterns), form labels and words of plain health are looked up apart.

    The rules in `capitals` are written in capital letters and meant so: "LOS" is no Spanish article.
    """

    version: str
    states: Index
    courses: Index
    keys: Index
    works: Index
    common: dict[str, tuple[str, ...]]
    conditional: Mapping[str, Rule]
    capitals: frozenset[str]

    def idle_languages(self, rows: Iterable[Sequence[Token]]) -> frozenset[str]:
        """Languages that the text is clearly not in, by its function words; their entries are left out, English ones never."""
        counts = Counter(lang for row in rows for t in row for lang in self.common.get(t.word, ()))
        main, most = max(counts.items(), key=lambda row: row[1], default=("", 0))
        if most < (_ENOUGH_ENGLISH if main == "en" else _ENOUGH):
            return frozenset()
        every = {lang for langs in self.common.values() for lang in langs}
        return frozenset(lang for lang in every if counts[lang] * _SHARE < most * 2 and lang not in ("en", main))

    def is_portuguese(self, rows: Iterable[Sequence[Token]]) -> bool:
        """Portuguese "no" means "on the"."""
        counts = Counter(lang for row in rows for t in row for lang in self.common.get(t.word, ()))
        return counts["pt"] > counts["en"] and counts["pt"] >= counts["es"]


def _piece(text: str) -> tuple[Piece, ...]:
    """The places of one alternative: mostly one, two for "e-mail"."""
    words = [t.word for t in tokens(text)]
    places = [Piece(frozenset((w,))) for w in words]
    if words and text.endswith("*"):
        places[-1] = Piece(stems=(words[-1],))
    return tuple(places)


def _choices(word: str) -> list[tuple[Piece, ...]]:
    """The alternatives at one place, those of one word each together."""
    if word == _GAP:
        return [(_NOWHERE,)]
    read = [_piece(a) for a in word.split("|")]
    single = [r[0] for r in read if len(r) == 1]
    together = Piece(frozenset(w for p in single for w in p.words), tuple(s for p in single for s in p.stems))
    return [*([(together,)] if single else []), *(r for r in read if len(r) != 1)]


def _rows(form: str) -> Iterable[tuple[Piece, ...]]:
    for combo in itertools.product(*(_choices(word) for word in form.split())):
        yield tuple(p for place in combo for p in place)


def _forms(rule: Rule) -> Iterable[Form]:
    language = rule.languages[0]
    written = list(rule.values)
    if language == "sr":
        written += [cyrillic(f) for f in rule.values] + [fold(f.replace("đ", "d")) for f in rule.values]
    for form in written:
        for parts in _rows(form):
            if parts:
                name = rule.list_name.removeprefix(_LISTS)
                yield Form(parts, _READ_AS.get(name, name), language, rule.id)


def index_of(rules: Iterable[Rule]) -> Index:
    """The forms of these rules alone."""
    return Index(f for rule in rules for f in _forms(rule))


def compile_lexicon(rules: RuleSet) -> Lexicon:
    """The word lists of a rule set."""
    entries = rules.in_lists(_LISTS)
    forms = [f for rule in entries for f in _forms(rule)]
    words = [f for f in forms if f.cls == _FUNCTION_WORDS]
    common: dict[str, tuple[str, ...]] = {}
    for lang, word in sorted({(f.lang, w) for f in words for w in f.parts[0].words}):
        common[word] = (*common.get(word, ()), lang)
    aside = PATTERN_CLASSES | KEY_CLASSES | {_FUNCTION_WORDS, _WORKS}
    return Lexicon(
        version=rules.version,
        states=Index(f for f in forms if f.cls not in aside),
        courses=Index(f for f in forms if f.cls in PATTERN_CLASSES),
        keys=Index(f for f in forms if f.cls in KEY_CLASSES),
        works=Index(f for f in forms if f.cls == _WORKS),
        common=common,
        # The language is asked by `idle_languages`; only what else a rule demands is asked at each hit.
        conditional={r.id: r for r in entries if not r.model_copy(update={"languages": ()}).plain},
        capitals=frozenset(r.id for r in entries if all(v.isupper() for v in r.values)),
    )


def lexicon_of(rules: RuleSet) -> Lexicon:
    """The compiled word lists of a rule set, made once per set."""
    return rules.derived("impact", compile_lexicon)
