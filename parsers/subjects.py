"""Ties impact, start and pattern to one of several services, where the text speaks of them apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from models.reading import Finding
from models.words import Field, FindingStatus, ZoneKind
from parsers.case import Case

_TIED = frozenset({Field.IMPACT, Field.START_TIME, Field.FAULT_PATTERN})
Group = tuple[int, int, frozenset[str]]
_LIST = re.compile(r"(?i)[\s,/&+;]*(?:and|und|et|y|e|en|i|и|ve|or|oder|as well as)?\s*")
_ROW = re.compile(r"\t|\||\s{3,}")


def with_subjects(case: Case, found: Sequence[Finding]) -> list[Finding]:
    """The findings, each with the one service that its row, clause, sentence or section names."""
    services = [f for f in found if f.field is Field.SERVICE_ID and f.status is FindingStatus.FILLED and f.spans]
    if len({f.value for f in services}) < 2:
        return list(found)
    groups = _groups(case.text, sorted(services, key=lambda s: s.spans[0]))
    return [_tied(case, f, groups) if f.field in _TIED and f.spans else f for f in found]


def _groups(text: str, services: Sequence[Finding]) -> list[Group]:
    """Services named in one breath ("A and B are down") as one."""
    out: list[Group] = []
    for s in services:
        start, end = s.spans[0]
        if out and _LIST.fullmatch(text, out[-1][1], max(start, out[-1][1])):
            out[-1] = (out[-1][0], end, out[-1][2] | {s.value})
        else:
            out.append((start, end, frozenset({s.value})))
    return out


def _tied(case: Case, f: Finding, groups: Sequence[Group]) -> Finding:
    for a, b in _around(case, *f.spans[0]):
        named = {value for start, end, values in groups if start < b and end > a for value in values}
        if named:
            return replace(f, subject=next(iter(named))) if len(named) == 1 else f
    return f


def _around(case: Case, start: int, end: int) -> list[tuple[int, int]]:
    """Where the service of a value may stand, nearest first."""
    line = case.line(start)
    if case.zone(start) is ZoneKind.SUBJECT:
        return []
    rows = _ROW.search(case.text[slice(*line)]) or case.zone(start) is ZoneKind.FORM
    return (
        [line, _section(case, start)] if rows else [case.clause(start, end), case.sentence(start, end), _section(case, start)]
    )


def _section(case: Case, start: int) -> tuple[int, int]:
    """The paragraph up to the value."""
    head = case.text.rfind("\n\n", 0, start)
    return (head + 2 if head >= 0 else 0), start
