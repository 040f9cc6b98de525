"""One pass over a text that the impact and the pattern both read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.reading import Zone
from models.words import ZoneKind
from parsers.impact.clauses import Sentence, sentences
from parsers.impact.labels import Label, labels
from parsers.impact.lexicon import Lexicon, Mark, default_lexicon

READ = frozenset({ZoneKind.SUBJECT, ZoneKind.PROSE, ZoneKind.FORM, ZoneKind.FORWARDED})
_SWALLOWED = frozenset({"hard", "hard_event", "good_verb", "good_noun", "alive"})
REFUSED = frozenset({ZoneKind.QUOTED, ZoneKind.SIGNATURE, ZoneKind.DISCLAIMER})


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence with what the lexicon found in it."""

    sentence: Sentence
    states: tuple[Mark, ...]
    courses: tuple[Mark, ...]

    def span(self, mark: Mark) -> tuple[int, int]:
        words = self.sentence.words
        return words[mark.first].start, words[mark.last - 1].end

    def has(self, cls: str, first: int = 0, last: int = 1 << 30) -> bool:
        """Whether a state mark of the class begins among these words."""
        return any(m.cls == cls and first <= m.first < last for m in self.states)

    def clause_of(self, mark: Mark) -> tuple[int, int]:
        """First and last word (exclusive) of the clause of a mark; "but" and the like end a clause too."""
        number = self.sentence.clause
        first = mark.first
        walls = {m.last - 1 for m in self.states if m.cls == "but"}
        while first and number[first - 1] == number[mark.first] and first - 1 not in walls:
            first -= 1
        last = mark.last
        while last < len(number) and number[last] == number[mark.last - 1] and last not in walls:
            last += 1
        return first, last


@dataclass(frozen=True, slots=True)
class Scan:
    lines: tuple[Line, ...]
    labels: tuple[Label, ...]
    version: str

    @property
    def over(self) -> bool:
        """Whether the writer's own words say that service is back, and nothing in them is still wrong."""
        own = [line for line in self.lines if line.sentence.kind in READ and line.sentence.kind is not ZoneKind.SUBJECT]
        return any(line.has("restored") for line in own)


def _masked(marks: list[Mark], sentence: Sentence, masks: Sequence[tuple[int, int]]) -> tuple[Mark, ...]:
    words = sentence.words
    return tuple(m for m in marks if not any(a <= words[m.first].start < b for a, b in masks))


Marks = tuple[Mark, ...]


def _apart(states: Marks, courses: Marks, row: Sentence, portuguese: bool) -> Marks:
    """States without the words of "goes up and down" and the like, and without Portuguese "no" (on the)."""
    inside = {i for c in courses if c.cls == "int" and c.last - c.first > 1 for i in range(c.first, c.last)}
    kept = (m for m in states if m.first not in inside or m.cls not in _SWALLOWED)
    return tuple(m for m in kept if not (portuguese and m.cls == "neg" and row.words[m.first].word == "no"))


@lru_cache(maxsize=8)
def _scan(text: str, zones: tuple[Zone, ...], lexicon: Lexicon) -> Scan:
    found = labels(text, [z for z in zones if z.kind in READ], lexicon)
    masks = [m for label in found for m in label.masks]
    rows = sentences(text, [z for z in zones if z.kind in READ or z.kind in REFUSED])
    idle = lexicon.idle_languages(r.words for r in rows)
    portuguese = lexicon.is_portuguese(r.words for r in rows)
    lines = []
    for row in rows:
        courses = _masked(lexicon.courses.find(row.words, idle), row, masks)
        states = _masked(lexicon.states.find(row.words, idle), row, masks)
        lines.append(Line(row, _apart(states, courses, row, portuguese), courses))
    return Scan(tuple(lines), tuple(found), lexicon.version)


def scan(text: str, zones: Sequence[Zone], rules: object | None = None) -> Scan:
    """The scan of a text; `rules` may be another compiled `Lexicon`."""
    return _scan(text, tuple(zones), rules if isinstance(rules, Lexicon) else default_lexicon())


def scan_plain(text: str, rules: object | None = None) -> Scan:
    """The scan of a bare answer, which has no zones."""
    return scan(text, (Zone(ZoneKind.PROSE, 0, len(text)),), rules)
