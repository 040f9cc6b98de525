"""Which rules find something in a text, and which nearly do; and what each rule costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from models.reading import Reading, Span
from models.words import ZoneKind
from parsers.impact.fold import tokens
from parsers.impact.lexicon import index_of
from parsers.lexicons import COUNTS_FROM, OPTIONS, Where, compiled, re2, refusal
from parsers.rules import Rule, RuleSet
from parsers.times.fold import fold

Spans = Callable[[str], Iterator[Span]]
_MOST = 5
_NO_FLOOR = -2.0


@dataclass(frozen=True, slots=True)
class Fired:
    """One hit of one rule; `why` tells why it does not count ("" counts)."""

    rule: Rule
    start: int
    end: int
    text: str
    why: str


def fired_in(reading: Reading, rules: RuleSet) -> list[Fired]:
    """All hits of the word lists, phrases, patterns, families and vetoes of the set, those that do not count too."""
    out: list[Fired] = []
    where = Where(reading.text, 0, lambda at: _zone(reading, at), reading.language)
    for rule, spans in rules.derived("explain", _finders):
        floor = COUNTS_FROM if rule.kind == "lexicon" else _NO_FLOOR
        for start, end in islice(spans(reading.text), _MOST):
            out.append(Fired(rule, start, end, reading.text[start:end], refusal(rule, start, end, where, floor)[0]))
    return out


def _zone(reading: Reading, at: int) -> ZoneKind:
    return next((z.kind for z in reading.zones if z.start <= at < z.end), ZoneKind.PROSE)


def costs(texts: Sequence[str], rules: RuleSet) -> dict[str, float]:
    """Seconds of processor time that each rule takes for one text, on the average of these.

    The word lists of times and of the impact are looked up in one index, where a rule more costs nothing.
    """
    out: dict[str, float] = {}
    for rule, spans in rules.derived("explain", _finders):
        if rule.list_name.startswith(("impact.", "time.")):
            continue
        begun = time.process_time()
        for text in texts:
            for _ in spans(text):
                pass
        out[rule.id] = (time.process_time() - begun) / max(1, len(texts))
    return out


def silent(texts: Sequence[str], rules: RuleSet) -> list[str]:
    """The rules that find nothing in any of these texts."""
    finders = rules.derived("explain", _finders)
    return [rule.id for rule, spans in finders if not any(next(iter(spans(text)), None) for text in texts)]


def _finders(rules: RuleSet) -> list[tuple[Rule, Spans]]:
    kinds = ("lexicon", "phrase", "veto", "pattern", "family")
    return [(r, _finder(r)) for r in rules.of_kind(*kinds)]


def _finder(rule: Rule) -> Spans:
    if rule.kind in ("pattern", "family"):
        return _by([re2.compile(v, OPTIONS) for v in rule.values], 0)
    if rule.kind == "lexicon" and rule.list_name.startswith("impact."):
        return _by_index(rule)
    if rule.kind == "lexicon" and rule.list_name.startswith("time."):
        plain = _by([compiled(tuple(fold(v) for v in rule.values))], 1)
        return lambda text: plain(fold(text))
    return _by([compiled(rule.values)], 1)


def _by(patterns: Iterable[Any], group: int) -> Spans:
    kept = tuple(patterns)
    return lambda text: (m.span(group) for p in kept for m in p.finditer(text))


def _by_index(rule: Rule) -> Spans:
    index = index_of([rule])

    def spans(text: str) -> Iterator[Span]:
        row = tokens(text)
        for mark in index.find(row):
            yield row[mark.first].start, row[mark.last - 1].end

    return spans
