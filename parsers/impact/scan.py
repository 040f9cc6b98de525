"""One pass over a text that the impact and the pattern both read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.reading import Zone
from models.words import ZoneKind
from parsers.impact.clauses import Sentence, sentences
from parsers.impact.labels import Label, labels
from parsers.impact.lexicon import Lexicon, Mark, lexicon_of
from parsers.lexicons import Where, refusal
from parsers.rules import RuleSet, default_rules

READ = frozenset({ZoneKind.SUBJECT, ZoneKind.PROSE, ZoneKind.FORM, ZoneKind.FORWARDED})
_BESIDE = 3
_LAMP_REACH = 8
_OFF = (
    "off",
    "out",
    "dark",
    "eteint",
    "aus",
    "apagad",
    "spent",
    "uit",
    "ugas",
    "zgas",
    "wylacz",
    "погас",
    "выключ",
    "sonuk",
    "угаш",
)
_SWALLOWED = frozenset({"hard", "hard_event", "good_verb", "good_noun", "alive"})
REFUSED = frozenset({ZoneKind.QUOTED, ZoneKind.SIGNATURE, ZoneKind.DISCLAIMER})


# "Ma" is "but" in Italian and "has" in Polish: a wall between clauses holds among related languages only.
_FAMILIES = (frozenset({"en", "de", "nl"}), frozenset({"fr", "es", "pt", "it"}), frozenset({"sr", "pl", "ru"}))


def _kin(one: str, other: str) -> bool:
    return one == other or any(one in f and other in f for f in _FAMILIES)


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

    def aside(self, mark: Mark, other: Mark) -> bool:
        """Whether one of the two stands in brackets and the other does not."""
        number = self.sentence.clause
        return (number[mark.first] < 0) is not (number[other.first] < 0)

    def clause_of(self, mark: Mark) -> tuple[int, int]:
        """First and last word (exclusive) of the clause of a mark; "but" and the like end a clause too."""
        number = self.sentence.clause
        first = mark.first
        walls = {m.last - 1 for m in self.states if m.cls == "but" and _kin(m.lang, mark.lang)}
        own, end = number[mark.first], number[mark.last - 1]
        while first and (number[first - 1] == own or number[first - 1] < 0 < own) and first - 1 not in walls:
            first -= 1
        last = mark.last
        while last < len(number) and (number[last] == end or number[last] < 0 < end) and last not in walls:
            last += 1
        return first, last


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """What was found in a text; one scan equals itself only, so that what follows from it is worked out once."""

    lines: tuple[Line, ...]
    labels: tuple[Label, ...]
    version: str

    @property
    def over(self) -> bool:
        """Whether the writer's own words say that service is back, and nothing in them is still wrong."""
        own = [line for line in self.lines if line.sentence.kind in READ and line.sentence.kind is not ZoneKind.SUBJECT]
        return any(line.has("restored") for line in own)


def _admitted(marks: list[Mark], row: Sentence, text: str, lexicon: Lexicon) -> list[Mark]:
    """The marks whose rules count here, by capital letters, zone, context words and vetoes."""
    if lexicon.capitals:
        marks = [m for m in marks if m.entry not in lexicon.capitals or _in_capitals(m, row, text)]
        # "LAG" is the name of a bundle, unless all is written so.
        shouted = text[row.start : row.end].isupper()
        marks = [m for m in marks if not (shouted and m.cls == "mute" and m.entry in lexicon.capitals)]
    muted = {m.first for m in marks if m.cls == "mute"}
    marks = [m for m in marks if m.first not in muted] if muted else marks
    if not lexicon.conditional:
        return marks
    where = Where(text, 0, lambda _: row.kind)
    spans = ((m, row.words[m.first].start, row.words[m.last - 1].end) for m in marks)
    return [
        m
        for m, a, b in spans
        if m.entry not in lexicon.conditional or not refusal(lexicon.conditional[m.entry], a, b, where)[0]
    ]


def _in_capitals(mark: Mark, row: Sentence, text: str) -> bool:
    return text[row.words[mark.first].start : row.words[mark.last - 1].end].isupper()


def _masked(marks: list[Mark], sentence: Sentence, masks: Sequence[tuple[int, int]]) -> tuple[Mark, ...]:
    words = sentence.words
    return tuple(m for m in marks if not any(a <= words[m.first].start < b for a, b in masks))


Marks = tuple[Mark, ...]


def _lamps(states: Marks, lexicon: Lexicon, row: Sentence) -> Marks:
    """Without "LOS" as the name of a lamp, and without the state of a lamp that is off."""
    lamps = [m for m in states if m.cls == "weak"]
    states = tuple(m for m in states if not (m.cls == "hard" and _is_lamp_off(m, lamps, row)))
    named = (m for m in states if m.entry in lexicon.capitals)
    gone = {m for m in named if any(abs(m.first - x.last) < _BESIDE or abs(x.first - m.last) < _BESIDE for x in lamps)}
    return tuple(m for m in states if m not in gone)


def _is_lamp_off(mark: Mark, lamps: list[Mark], row: Sentence) -> bool:
    """ "The lamp is amber, it is off as a rule": the word for off is about the lamp."""
    words = [t.word for t in row.words[mark.first : mark.last]]
    return any(w.startswith(_OFF) for w in words) and any(x.last <= mark.first < x.last + _LAMP_REACH for x in lamps)


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
        courses = _masked(_admitted(lexicon.courses.find(row.words, idle), row, text, lexicon), row, masks)
        states = _masked(_admitted(lexicon.states.find(row.words, idle), row, text, lexicon), row, masks)
        lines.append(Line(row, _lamps(_apart(states, courses, row, portuguese), lexicon, row), courses))
    return Scan(tuple(lines), tuple(found), lexicon.version)


def scan(text: str, zones: Sequence[Zone], rules: RuleSet | None = None) -> Scan:
    """The scan of a text by a rule set, the shipped one if none is given."""
    return _scan(text, tuple(zones), lexicon_of(rules or default_rules()))


def scan_plain(text: str, rules: RuleSet | None = None) -> Scan:
    """The scan of a bare answer, which has no zones."""
    return scan(text, (Zone(ZoneKind.PROSE, 0, len(text)),), rules)
