"""The time words of a rule set, compiled to one table of phrases with their meanings."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from parsers.impact.fold import cyrillic
from parsers.rule_file import Rule
from parsers.rules import RuleSet, default_rules
from parsers.times import zones
from parsers.times.fold import fold

_LISTS = "time."
# These lists name form labels; the others tell what a word means in running text.
_LABEL_LISTS = ("label_start", "label_end", "label_header")
_SETS = (*_LABEL_LISTS, "again")
# What the impact reads as a fault tells that a time beside it is the start of one.
_LOOSE_ENDS = frozenset("at on to in of for by from since with the a an up down".split())
_GAP, _MOST_CHOICES, _SHORTEST = "~", 12, 3
_FAULTS = ("impact.hard", "impact.hard_event", "impact.soft")
_PARTS = (
    *("morning", "small hours", "dawn", "opening", "lunch", "noon", "afternoon", "late afternoon", "closing"),
    *("evening", "night", "weekend"),
)
# Parts that narrow a wider one named beside them ("the early hours of this morning").
NARROW = frozenset(["small hours", "dawn", "opening", "closing", "late afternoon"])
# Units that say by their ending that it still lasts.
LASTING_UNITS = frozenset("saniyedir dakikadir saattir gundur haftadir aydir".split())


@dataclass(frozen=True, slots=True)
class ClockLit:
    """A clock time; `half` am, pm or None, `weak` when it may be something else, `two` when written with two hour digits."""

    hour: int
    minute: int
    second: int | None = None
    half: str | None = None
    weak: bool = False
    two: bool = False
    zone: str | None = None


@dataclass(frozen=True, eq=False)
class TimeWords:
    """`phrases` maps a folded phrase to its possible meanings, `longest` a first word to its longest phrase in words.

    `part_hours` bounds a part of the day, `part_clocks` the clock times that are meant when the part is named too;
    a night runs into the next day. `conditional` holds the rules that do not count everywhere.
    """

    phrases: Mapping[str, dict[str, object]]
    longest: Mapping[str, int]
    months: Mapping[str, int]
    sets: Mapping[str, frozenset[str]]
    part_hours: Mapping[str, tuple[float, float]]
    part_clocks: Mapping[str, tuple[float, float]]
    conditional: Mapping[tuple[str, str], Rule]
    version: str


def _key(phrase: str) -> str:
    return " ".join(part for part in fold(phrase).split() if part)


def _label(words: str) -> str:
    return re.sub(r"[^\w']+", " ", fold(words)).strip()


def _meaning(rule: Rule, kind: str) -> object:
    """What a word of the rule stands for in the grammar."""
    given = rule.meaning
    if isinstance(given, float) and given == int(given):
        given = int(given)
    if kind == "clock" and isinstance(given, int):
        return ClockLit(given, 0, two=True)
    if kind == "partday" and isinstance(given, str):
        part, day = given.rsplit(maxsplit=1)
        return part, int(day)
    return True if given is None else given


def compile_words(rules: RuleSet) -> TimeWords:
    """The time words of a rule set."""
    phrases: dict[str, dict[str, object]] = {}
    conditional: dict[tuple[str, str], Rule] = {}
    entries = rules.in_lists(_LISTS)
    for rule in entries:
        kind = rule.list_name.removeprefix(_LISTS)
        for value in rule.values if kind not in _LABEL_LISTS else ():
            phrases.setdefault(_key(value), {}).setdefault(kind, _meaning(rule, kind))
            if not rule.plain:
                conditional.setdefault((_key(value), kind), rule)
    for phrase in _fault_phrases(rules, phrases):
        phrases.setdefault(phrase, {}).setdefault("failed", True)
    for word in (*zones.OFFSETS, *zones.REGIONS, *zones.AMBIGUOUS):
        phrases.setdefault(word, {}).setdefault("zone", word)
    longest: dict[str, int] = {}
    for phrase in phrases:
        words = phrase.split()
        longest[words[0]] = max(longest.get(words[0], 1), len(words))
    return TimeWords(
        phrases=phrases,
        longest=longest,
        months={k: v for k, tags in phrases.items() if isinstance(v := tags.get("month"), int)},
        sets={n: frozenset(_label(v) for r in entries if r.list_name == _LISTS + n for v in r.values) for n in _SETS},
        part_hours={p: _bounds(rules, f"threshold.hours.{p.replace(' ', '-')}") for p in _PARTS},
        part_clocks={p: _bounds(rules, f"threshold.clocks.{p.replace(' ', '-')}") for p in _PARTS},
        conditional=conditional,
        version=rules.version,
    )


def _fault_phrases(rules: RuleSet, known: Mapping[str, dict[str, object]]) -> list[str]:
    """The fault words of the impact as plain phrases; those that end in a word of time or a preposition are left out."""
    found: list[str] = []
    for rule in (r for name in _FAULTS for r in rules.in_lists(name)):
        for value in rule.values:
            if "*" in value or _GAP in value or value.count("|") > _MOST_CHOICES:
                continue
            for words in itertools.product(*(part.split("|") for part in value.split())):
                phrase = _key(" ".join(words))
                last = phrase.rpartition(" ")[2]
                if len(phrase) > _SHORTEST and last not in known and last not in _LOOSE_ENDS:
                    found.append(phrase)
                    found += [_key(cyrillic(phrase))] if rule.languages == ("sr",) else []
    return found


def _bounds(rules: RuleSet, name: str) -> tuple[float, float]:
    return rules.number(name, 0), rules.number(name, 1)


def words_of(rules: RuleSet) -> TimeWords:
    """The compiled time words of a rule set, made once per set."""
    return rules.derived("times", compile_words)


def default_words() -> TimeWords:
    """The time words that ship with the package."""
    return words_of(default_rules())
