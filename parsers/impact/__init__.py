"""Reads impact and fault pattern from a text: states x subject x negation x mood x scope, over lexicons of ten languages.

Nothing here raises on any text. `rules` may be a compiled `parsers.impact.lexicon.Lexicon` instead of the one that ships.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.reading import Finding, Zone
from models.words import Impact, Pattern, ZoneKind
from parsers.impact import decide, pattern
from parsers.impact.answers import impact_of, pattern_of
from parsers.impact.numbers import numbers
from parsers.impact.scan import Scan, scan
from parsers.impact.states import Statement, Tier, statements

__all__ = ["find_impact", "find_pattern", "parse_answer", "parse_pattern_answer"]


def _labelled(found: Scan) -> list[Statement]:
    out = []
    for label in found.labels:
        value = impact_of(label.value, label.key) if label.topic == "impact" else None
        if value is not None:
            out.append(Statement(value, Tier.LABEL, "impact.label", label.span, ZoneKind.FORM))
    return out


def _impact_rows(text: str, zones: Sequence[Zone], found: Scan) -> list[Statement]:
    rows = _labelled(found)
    for line in found.lines:
        rows.extend(statements(line))
    rows.extend(numbers(text, zones))
    return rows


def find_impact(text: str, zones: Sequence[Zone], *, rules: object | None = None) -> list[Finding]:
    """Candidates for the impact; at most one is FILLED, and it comes first."""
    found = scan(text, zones, rules)
    return decide.findings(text, _impact_rows(text, zones, found), found.version, found.over)


def find_pattern(text: str, zones: Sequence[Zone], *, rules: object | None = None) -> list[Finding]:
    """Candidates for the fault pattern; at most one is FILLED, and it comes first."""
    found = scan(text, zones, rules)
    named = [label for label in found.labels if label.topic == "pattern"]
    courses = [c for label in named for c in pattern.labelled(label, pattern_of(label.value))]
    rows: list[Statement] = []
    for line in found.lines:
        spoken = list(statements(line))
        rows.extend(spoken)
        courses.extend(pattern.said(line))
        courses.extend(pattern.lasting(line, spoken))
    courses.extend(pattern.apart(text, found, rows))
    return pattern.findings(text, courses, found.version)


def parse_answer(text: str) -> Impact | None:
    """The class that a bare answer names; digits name none."""
    return impact_of(text)


def parse_pattern_answer(text: str) -> Pattern | None:
    """The pattern that a bare answer names; digits name none."""
    return pattern_of(text)
