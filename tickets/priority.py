"""Incident priority from impact and urgency, each step explained (docs/domain.md section 2)."""

from __future__ import annotations

from dataclasses import dataclass

from models.words import Impact, Priority, Urgency

MATRIX: dict[tuple[Impact, Urgency], Priority] = {
    (Impact.SERVICE_AFFECTING, Urgency.HIGH): Priority.CRITICAL,
    (Impact.SERVICE_AFFECTING, Urgency.MEDIUM): Priority.MAJOR,
    (Impact.SERVICE_AFFECTING, Urgency.LOW): Priority.MAJOR,
    (Impact.DEGRADATION, Urgency.HIGH): Priority.MAJOR,
    (Impact.DEGRADATION, Urgency.MEDIUM): Priority.MINOR,
    (Impact.DEGRADATION, Urgency.LOW): Priority.MINOR,
    (Impact.NON_SERVICE_AFFECTING, Urgency.HIGH): Priority.MINOR,
    (Impact.NON_SERVICE_AFFECTING, Urgency.MEDIUM): Priority.LOW,
    (Impact.NON_SERVICE_AFFECTING, Urgency.LOW): Priority.LOW,
}
SEVERITY: tuple[Impact, ...] = (Impact.NON_SERVICE_AFFECTING, Impact.DEGRADATION, Impact.SERVICE_AFFECTING)


@dataclass(frozen=True, slots=True)
class Ranked:
    urgency: Urgency
    priority: Priority
    provisional: bool
    steps: tuple[str, ...]


def rank(impact: Impact | None, *, redundant: tuple[bool, ...]) -> Ranked:
    """The priority of a ticket; `redundant` has one entry for each of its services that the directory knows."""
    steps: list[str] = []
    urgency = Urgency.MEDIUM
    if len(redundant) > 1:
        urgency = Urgency.HIGH
        steps.append(f"urgency high: {len(redundant)} services of the customer")
    elif redundant and not redundant[0]:
        urgency = Urgency.HIGH
        steps.append("urgency high: the service is not redundant")
    else:
        steps.append("urgency medium: nothing says otherwise")
    routed = impact or Impact.SERVICE_AFFECTING
    if impact is None:
        steps.append("impact unknown: provisionally routed as service affecting")
    priority = MATRIX[routed, urgency]
    steps.append(f"{routed.value} x {urgency.value} = {priority.value}")
    return Ranked(urgency, priority, impact is None, tuple(steps))


def worse(a: Impact | None, b: Impact | None) -> Impact | None:
    """The worse of two impacts; None counts as not known."""
    known = [x for x in (a, b) if x is not None]
    return max(known, key=SEVERITY.index) if known else None
