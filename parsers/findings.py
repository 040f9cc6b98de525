"""Small makers of findings, so that every component scores in steps and in the same way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from models.reading import Finding, Span, Step
from models.words import Field, FindingStatus
from parsers.rules import RuleSet

# The fields whose values are filled by probability; an intent is always one of the set.
DECIDED = frozenset(Field) - {Field.INTENT, Field.OTHER_REF}
_PROPOSED = (FindingStatus.FILLED,)
ALL_OPEN = (FindingStatus.FILLED, FindingStatus.OPEN)


def finding(
    field: Field,
    value: str,
    raw: str,
    span: Span,
    rule: str,
    version: str,
    steps: Iterable[Step],
    status: FindingStatus = FindingStatus.OPEN,
    detail: str = "",
) -> Finding:
    """A candidate whose score is the sum of its steps, held between 0 and 1."""
    kept = tuple(steps)
    score = max(0.0, min(1.0, sum(s.delta for s in kept)))
    return Finding(field, value, raw, (span,), rule, version, score, kept, status, detail=detail)


def refused(f: Finding, why: str) -> Finding:
    """The same candidate, refused with the reason."""
    return replace(f, status=FindingStatus.REFUSED, detail=why)


def decided(candidates: Iterable[Finding], rules: RuleSet, judged: Sequence[FindingStatus] = _PROPOSED) -> list[Finding]:
    """Candidates with their probability; those judged are filled, filled to be confirmed, or refused with the reason.

    A recognizer proposes a value by filling it; that stands only if its probability allows it.
    """
    return [_decided(f, rules, judged) for f in candidates]


def _decided(f: Finding, rules: RuleSet, judged: Sequence[FindingStatus]) -> Finding:
    field = f.field.value
    p = round(rules.curve(field).at(f.score), 4)
    f = replace(f, probability=p, version=rules.version)
    if f.status not in judged or f.field not in DECIDED:
        return f
    fill, confirm = rules.number(f"fill.{field}", 0), rules.number(f"fill.{field}", 1)
    if p >= fill:
        return replace(f, status=FindingStatus.FILLED)
    why = f"probability {p:.2f} is below {fill:.2f}"
    if p >= confirm:
        return replace(f, status=FindingStatus.CONFIRM, detail=f.detail or f"to be confirmed: {why}")
    return replace(f, status=FindingStatus.REFUSED, detail=f.detail or f"left open: {why}")


def filled_values(findings: Iterable[Finding], field: Field) -> tuple[str, ...]:
    """The values of the filled findings of a field, each once, in order of the text."""
    rows = [f for f in findings if f.field is field and f.status is FindingStatus.FILLED]
    rows.sort(key=lambda f: f.spans[0] if f.spans else (0, 0))
    return tuple(dict.fromkeys(f.value for f in rows))
