"""What a clause on impact is about, how far it goes and when: papers and persons, almost and limits, works over and to come."""

from __future__ import annotations

import pytest

from models.reading import Zone
from models.words import FindingStatus, ZoneKind
from parsers.impact import find_impact

CLASSES = {"SA": "service_affecting", "DG": "degradation", "NSA": "non_service_affecting", "-": None}


def _class(text: str) -> str | None:
    found = find_impact(text, [Zone(ZoneKind.PROSE, 0, len(text))])
    return next((f.value for f in found if f.status is FindingStatus.FILLED), None)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        # Papers and desks, where they are not what the clause is about.
        ("Since your last invoice came the line does not work.", "SA"),
        ("The line on your contract is dead.", "SA"),
        ("After your engineer left, nothing works any more.", "SA"),
        ("The tills cannot print invoices.", "SA"),
        ("Mails with attachments are slow.", "DG"),
        ("The engineer could not get in.", "-"),
        ("My colleague is unreachable.", "-"),
        ("My colleagues are offline.", "SA"),
        ("Ich kann die Bestellung nicht buchen.", "-"),
        ("Nie możemy zaksięgować zamówienia.", "-"),
        # Less than dead.
        ("The line is almost dead.", "DG"),
        ("Die Leitung ist fast tot.", "DG"),
        ("A ligação está quase parada.", "DG"),
        ("It does not get above 2 Mbit.", "DG"),
        ("Die Verbindung kommt nicht über 3 Mbit hinaus.", "DG"),
        # Acronyms and columns.
        ("The LAG moved everything over to the other link.", "NSA"),
        ("THE LAG IS TERRIBLE.", "DG"),
        ("Estado          continúa, sin recuperación a esta hora\nImpacto         afecta servicio", "SA"),
        # Works that are over, and works to come.
        ("Nothing works since your maintenance.", "SA"),
        ("We plan to take the router down for an hour.", "-"),
    ],
)
def test_scope(text: str, want: str) -> None:
    assert _class(text) == CLASSES[want]


def test_named_as_unaffected_is_another_service() -> None:
    assert _class('"impact": "degraded",\n"unaffected": ["EWL-CHI-NYC-10G-05"],') == "degradation"
