"""What one contact brings along for every component: text, zones, labels, directory, sender and rules."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from models.directory import Customer, Directory
from models.reading import Zone
from models.words import ZoneKind
from parsers.labels import Labelled, find_labelled
from parsers.language import language_of
from parsers.lexicons import Hit, Where, refusal
from parsers.mime import OpenedMail
from parsers.rules import RuleSet
from parsers.zones import NEW, READ, masked

_ABBREVIATION = re.compile(
    r"(?i)(?:\b(?:ca|nr|no|tel|approx|i\.e|e\.g|z\.b|bzw|hr|mr|mrs|ms|dr|st|str|ref|vs|ext|resp|inkl|u\.a|d\.h|max|min|br"
    r"|ul|ok|núm|sr|sra|tj|np|г|т\.е|ул|leitungsnr|\w*nr|usw|etc)\.|\b\w\.)$"
)
_SENTENCE = re.compile(
    r"(?<=[.!?…])[\"”’)]*\s+(?=[^\Wa-z_]|[\"“(\[]|\d)|\n\s*\n|\n(?=\s*[-*•]\s)|(?<=[!?])\s+|;\s|(?<=[^\W\d_]{3}[.])\s+"
    r"|(?<=\.\.)\s+"
)
_CLAUSE = re.compile(
    r"[,;:!?]\s|\.\s|\n\s*\n|\s[-–—]\s|\s(?:but|and|aber|und|mais|et|pero|ma|maar|en|mas|ali|i|ale|но|а|so|while|because"
    r"|though)\s"
)

# The weight of a label is a step of a score, however small, and below zero for a label of something else.
_NO_FLOOR = -2.0


@dataclass(frozen=True)
class Case:
    text: str
    zones: tuple[Zone, ...]
    rules: RuleSet
    directory: Directory
    customer: Customer | None
    received_at: datetime
    mail: OpenedMail = field(default_factory=OpenedMail)
    own_addresses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pointed: bool = False
    answers: tuple[Labelled, ...] = ()
    """What stands below the questions of our last mail."""
    asked: tuple[str, ...] = ()

    @cached_property
    def _starts(self) -> list[int]:
        return [z.start for z in self.zones]

    def zone(self, offset: int) -> ZoneKind:
        """The kind of the zone at the offset."""
        i = bisect_right(self._starts, offset) - 1
        return self.zones[i].kind if i >= 0 else ZoneKind.PROSE

    @cached_property
    def new_text(self) -> str:
        """Same offsets; only what the writer has written now."""
        return masked(self.text, self.zones, NEW)

    @cached_property
    def words_text(self) -> str:
        """Same offsets; words of people only: no logs, no quotes, no signatures."""
        return masked(self.text, self.zones, (ZoneKind.SUBJECT, ZoneKind.PROSE, ZoneKind.FORM))

    @cached_property
    def read_text(self) -> str:
        """Same offsets; all that counts, with forwarded text."""
        return masked(self.text, self.zones, READ)

    @cached_property
    def labelled(self) -> tuple[Labelled, ...]:
        """The labelled stretches whose labels count where they stand."""
        where = self.where()
        found = find_labelled(self.text, self.zones, self.rules)
        judged = ((x, refusal(x.rule, x.start, x.start, where, _NO_FLOOR)) for x in found if x.rule is not None)
        return (*self.answers, *(replace(x, weight=strength) for x, (why, strength) in judged if not why))

    def answers_to(self, field: str) -> tuple[tuple[int, int], ...]:
        """The spans of the customer's answers to our question for a field."""
        return tuple((x.start, x.end) for x in self.answers if x.field == field)

    @cached_property
    def language(self) -> str:
        """The language of the writer's own words, or "unknown"."""
        try:
            return language_of(self.words_text)
        except Exception:  # a guess that fails must not cost the reading
            return "unknown"

    def where(self, at: int = 0) -> Where:
        """The surroundings of the stretch that begins at this offset, as the rules ask for them."""
        return Where(self.text, at, self.zone, self.language)

    def hits(self, words: str, text: str, at: int = 0) -> list[Hit]:
        """The hits of a word list in a stretch of the text that begins at `at`."""
        return self.rules.lexicon(words).hits(text, self.where(at))

    def says(self, words: str, text: str, at: int = 0) -> bool:
        """Whether a word list is found in a stretch of the text that begins at `at`."""
        return self.rules.lexicon(words).found(text, self.where(at))

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The bounds of the sentence around a span."""
        return _bounds(_SENTENCE, self.text, start, end, 600)

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """The bounds of the clause around a span; a table row is one clause."""
        return _bounds(_CLAUSE, self.text, start, end, 240)

    def line(self, offset: int) -> tuple[int, int]:
        left = self.text.rfind("\n", 0, offset) + 1
        right = self.text.find("\n", offset)
        return left, len(self.text) if right < 0 else right


def _bounds(pattern: re.Pattern[str], text: str, start: int, end: int, reach: int) -> tuple[int, int]:
    left, right = max(0, start - reach), min(len(text), end + reach)
    # One sign more, since a break looks at what follows it.
    before = [m.end() for m in pattern.finditer(text, left, start + 1) if m.end() <= start]
    after = pattern.search(text, end, right)
    return (before[-1] if before else left), (after.start() if after else right)


def sentences(text: str, start: int, end: int) -> Sequence[tuple[int, int]]:
    """The sentences of a stretch of text, blank ones left out."""
    out: list[tuple[int, int]] = []
    at = start
    for m in _SENTENCE.finditer(text, start, end):
        if _ABBREVIATION.search(text[max(start, m.start() - 14) : m.start()]) and "\n\n" not in m.group():
            continue
        out.append((at, m.start()))
        at = m.end()
    out.append((at, end))
    return [(a, b) for a, b in out if text[a:b].strip()]
