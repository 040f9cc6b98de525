"""Small makers of findings, so that every component scores in steps and in the same way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from models.reading import Finding, Span, Step
from models.words import Field, FindingStatus


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


def decided(candidates: Iterable[Finding], threshold: float) -> list[Finding]:
    """Fills what reaches the threshold, asks to confirm what comes near, leaves the rest open."""
    out: list[Finding] = []
    for f in candidates:
        if f.status is not FindingStatus.OPEN:
            out.append(f)
        elif f.score >= threshold:
            out.append(replace(f, status=FindingStatus.FILLED))
        else:
            near = f.score >= threshold - 0.15
            out.append(
                replace(
                    f, status=FindingStatus.CONFIRM if near else FindingStatus.REFUSED, detail=f.detail or "too little evidence"
                )
            )
    return out


def filled_values(findings: Iterable[Finding], field: Field) -> tuple[str, ...]:
    """The values of the filled findings of a field, each once, in order of the text."""
    rows = [f for f in findings if f.field is field and f.status is FindingStatus.FILLED]
    rows.sort(key=lambda f: f.spans[0] if f.spans else (0, 0))
    return tuple(dict.fromkeys(f.value for f in rows))
