"""Reads impact and fault pattern from a text: states x subject x negation x mood x scope, over the word lists of a rule set.

Nothing here raises on any text. Without `rules` the shipped set is used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from models.reading import Finding, Span, Zone
from models.words import Impact, Pattern, ZoneKind
from parsers.impact import decide, pattern
from parsers.impact.answers import impact_of, pattern_of
from parsers.impact.lexicon import lexicon_of
from parsers.impact.negation import negator
from parsers.impact.numbers import numbers
from parsers.impact.scan import Scan, scan
from parsers.impact.states import Statement, Tier, statements
from parsers.rules import RuleSet, default_rules

# A word with letters and three digits or more, as IDs have them.
_THING = re.compile(r"(?<![\w./-])(?:(?=[\w./-]*[A-Za-z])(?=(?:[\w./-]*?\d){3})[\w./-]{5,}|\d{5,}(?![\w./-]))")
_NEXT = re.compile(r"(?i)[,;]\s|\s(?:and|so|und|et|y|e|en|i|и|ve)\s")
_WEAK = frozenset({Tier.NUMBER})
_OWN = frozenset({ZoneKind.PROSE, ZoneKind.FORM})
_TOLD = frozenset({"", "past", "comes and goes"})
__all__ = ["find_impact", "find_pattern", "parse_answer", "parse_pattern_answer", "troubles"]


def _labelled(found: Scan) -> list[Statement]:
    out = []
    for label in found.labels:
        value = impact_of(label.value, label.key) if label.topic == "impact" else None
        if value is not None:
            out.append(Statement(value, Tier.LABEL, "impact.label", label.span, ZoneKind.FORM))
    return out


def _answered(text: str, answers: Sequence[Span]) -> list[Statement]:
    read = ((span, impact_of(text[span[0] : span[1]])) for span in answers)
    return [Statement(value, Tier.LABEL, "impact.answer", span, ZoneKind.FORM) for span, value in read if value]


@lru_cache(maxsize=8)
def _spoken(found: Scan) -> tuple[tuple[Statement, ...], ...]:
    """What each line says, for the impact and for the pattern."""
    return tuple(tuple(statements(line)) for line in found.lines)


def _impact_rows(text: str, zones: Sequence[Zone], found: Scan, rules: RuleSet) -> list[Statement]:
    rows = _labelled(found)
    for line, spoken in zip(found.lines, _spoken(found), strict=True):
        things = list(_THING.finditer(text, line.sentence.start, line.sentence.end)) if spoken else []
        rows.extend(_with_thing(text, s, things) for s in spoken)
    rows = [s for row in rows if (s := _weighed(row, rules))]
    rows.extend(numbers(text, zones, rules))
    if any(line.has("unknown") for line in found.lines if line.sentence.kind in _OWN):
        rows = [replace(s, reason=s.reason or "unknown") if s.tier is Tier.SCOPE else s for s in rows]
    return [*rows, *_works_between(found, rows), *_only_alarm(found, rows, rules)]


def _with_thing(text: str, s: Statement, things: Sequence[re.Match[str]]) -> Statement:
    """The statement with the ID that it is about; "X took over and nobody noticed" is about the users."""
    users = s.rule == "impact.scope.unaffected"
    near = [t for t in things if t.start() <= s.span[0]] if users else things[:1]
    thing = near[-1] if near else next(iter(things), None)
    if thing is None or (users and _NEXT.search(text, min(thing.end(), s.span[1]), max(thing.start(), s.span[0]))):
        return s
    return replace(s, about=thing.group())


def _weighed(row: Statement, rules: RuleSet) -> Statement | None:
    """A share that is lost, by the thresholds of the set."""
    if row.share < 0:
        return row
    if 100 * row.share < rules.number("threshold.loss.some"):
        return None
    total = 100 * row.share >= rules.number("threshold.loss.total")
    return replace(row, value=Impact.SERVICE_AFFECTING if total else Impact.DEGRADATION)


def _works_between(found: Scan, rows: Sequence[Statement]) -> list[Statement]:
    """ "It keeps dropping, in between we can work": with nothing else said, a service that is poor."""
    if any(s for s in rows if not s.reason and s.tier not in _WEAK):
        return []
    flaps = any(c.cls == "int" for line in found.lines if line.sentence.kind in _OWN for c in line.courses)
    works = next((s for s in rows if s.alive and not s.reason and s.kind in _OWN), None)
    if not flaps or works is None:
        return []
    return [Statement(Impact.DEGRADATION, Tier.STATE, "impact.works_between", works.span, works.kind)]


def _only_alarm(found: Scan, rows: Sequence[Statement], rules: RuleSet) -> list[Statement]:
    """ "A lamp is amber. The internet is working": with nothing else said, nobody is touched."""
    own = [line for line in found.lines if line.sentence.kind in _OWN]
    if any(s for s in rows if not s.reason and s.tier not in _WEAK) or not any(line.has("weak") for line in own):
        return []
    index = lexicon_of(rules).works
    for line in own:
        if line.has("hedge") or line.has("unknown"):
            # "I do not know either whether something works less well".
            continue
        for m in index.find(line.sentence.words):
            if negator(line, m) is None:
                return [
                    Statement(Impact.NON_SERVICE_AFFECTING, Tier.SCOPE, "impact.scope.alarm_only", line.span(m), ZoneKind.PROSE)
                ]
    return []


def find_impact(
    text: str, zones: Sequence[Zone], *, rules: RuleSet | None = None, answers: Sequence[Span] = ()
) -> list[Finding]:
    """Candidates for the impact; at most one is FILLED, and it comes first. `answers` are spans below our question."""
    rules = rules or default_rules()
    found = scan(text, zones, rules)
    rows = [*_answered(text, answers), *_impact_rows(text, zones, found, rules)]
    return decide.findings(text, rows, rules, found.over)


def find_pattern(text: str, zones: Sequence[Zone], *, rules: RuleSet | None = None) -> list[Finding]:
    """Candidates for the fault pattern; at most one is FILLED, and it comes first."""
    found = scan(text, zones, rules)
    named = [label for label in found.labels if label.topic == "pattern"]
    courses = [c for label in named for c in pattern.labelled(label, pattern_of(label.value))]
    rows: list[Statement] = []
    for line, spoken in zip(found.lines, _spoken(found), strict=True):
        rows.extend(spoken)
        if not (found.over and line.sentence.kind is ZoneKind.SUBJECT):
            courses.extend(pattern.said(line))
        courses.extend(pattern.lasting(line, spoken))
    courses.extend(pattern.apart(text, found, rows))
    choice = decide.choose(rows, rules or default_rules(), found.over)
    if choice is not None and choice.steps[0].cause == decide.WORKS_BADLY:
        courses = [c for c in courses if c.rule != "pattern.lasting"]
    return pattern.findings(text, courses, found.version)


def troubles(text: str, zones: Sequence[Zone], rules: RuleSet) -> tuple[Span, ...]:
    """Where the text tells of something down, poor or unsteady, now or before; what is denied or supposed is left out."""
    return _told(scan(text, zones, rules))


@lru_cache(maxsize=8)
def _told(found: Scan) -> tuple[Span, ...]:
    bad = [
        s.span for spoken in _spoken(found) for s in spoken if s.value is not Impact.NON_SERVICE_AFFECTING and s.reason in _TOLD
    ]
    return (*bad, *(line.span(c) for line in found.lines for c in line.courses if c.cls == "int"))


def parse_answer(text: str) -> Impact | None:
    """The class that a bare answer names; digits name none."""
    return impact_of(text)


def parse_pattern_answer(text: str) -> Pattern | None:
    """The pattern that a bare answer names; digits name none."""
    return pattern_of(text)
