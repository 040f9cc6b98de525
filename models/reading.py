"""What the parser hands over: a reading with its evidence, all of it frozen and plain JSON."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from models.clock import iso
from models.words import Action, Field, FindingStatus, Impact, Intent, Pattern, ZoneKind

Span = tuple[int, int]
"""Start and end in code points of the canonical text, end exclusive."""


@dataclass(frozen=True, slots=True)
class Zone:
    kind: ZoneKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Step:
    """One score step: `cause` in words, `delta` added to the score (a base step begins at 0)."""

    cause: str
    delta: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One candidate for one field. `value` is canonical, `raw` as written.

    For start_time, `value` is the middle of the interval as ISO UTC, and `earliest`/`latest` bound it.
    `detail` explains a refusal or an ambiguity in words an agent understands. `subject` names the service
    (canonical ID) that the value belongs to when the text ties it to one of several. `probability` is the calibrated score.
    """

    field: Field
    value: str
    raw: str
    spans: tuple[Span, ...]
    rule: str
    version: str
    score: float
    steps: tuple[Step, ...] = ()
    status: FindingStatus = FindingStatus.OPEN
    earliest: str | None = None
    latest: str | None = None
    subject: str | None = None
    detail: str = ""
    probability: float | None = None


# Printed in the order of the class, all but the field itself, under which the finding stands.
_PLAIN = tuple(f.name for f in fields(Finding) if f.name != "field")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one contact says. `findings` holds every candidate, the refused ones too."""

    text: str
    zones: tuple[Zone, ...]
    findings: tuple[Finding, ...]
    rule_set: str
    language: str
    intent: Intent
    received_at: datetime
    service_ids: tuple[str, ...] = ()
    circuit_ids: tuple[str, ...] = ()
    ip_addresses: tuple[str, ...] = ()
    impact: Impact | None = None
    start_time: datetime | None = None
    fault_pattern: Pattern | None = None
    has_test_results: bool = False
    test_results: str = ""
    ticket_ref: str | None = None
    description: str = ""
    missing: tuple[Field, ...] = ()
    action: Action = Action.NONE
    unreadable: tuple[str, ...] = ()
    says_new: bool = False
    notes: tuple[str, ...] = field(default=())

    def evidence(self) -> dict[str, list[dict[str, Any]]]:
        """Findings by field, as `intake read` prints them (docs/formats.md)."""
        out: dict[str, list[dict[str, Any]]] = {}
        for f in self.findings:
            row = {name: getattr(f, name) for name in _PLAIN}
            row["spans"] = [list(s) for s in f.spans]
            row["steps"] = [[s.cause, round(s.delta, 3)] for s in f.steps]
            row["score"] = round(f.score, 3)
            row["status"] = f.status.value
            out.setdefault(f.field.value, []).append(row)
        return out

    def as_row(self) -> dict[str, Any]:
        """The line of `intake read` without its `id` (docs/formats.md)."""
        return {
            "received_at": iso(self.received_at),
            "intent": self.intent.value,
            "service_ids": list(self.service_ids),
            "circuit_ids": list(self.circuit_ids),
            "ip_addresses": list(self.ip_addresses),
            "impact": self.impact.value if self.impact else None,
            "start_time": iso(self.start_time) if self.start_time else None,
            "fault_pattern": self.fault_pattern.value if self.fault_pattern else None,
            "has_test_results": self.has_test_results,
            "ticket_ref": self.ticket_ref,
            "description": self.description or None,
            "missing": [m.value for m in self.missing],
            "action": self.action.value,
            "language": self.language,
            "text": self.text,
            "evidence": self.evidence(),
        }
