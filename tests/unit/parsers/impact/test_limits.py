"""What bounds a hard word, whose state it is and what a label merely lists, in words that no corpus has."""

from __future__ import annotations

import pytest

from models.reading import Finding, Zone
from models.words import Field, FindingStatus, ZoneKind
from parsers.impact import find_impact, find_pattern

SA, DG, NSA = "service_affecting", "degradation", "non_service_affecting"


def _filled(found: list[Finding], field: Field) -> str | None:
    return next((f.value for f in found if f.field is field and f.status is FindingStatus.FILLED), None)


def _impact(text: str, kind: ZoneKind = ZoneKind.PROSE) -> str | None:
    return _filled(find_impact(text, [Zone(kind, 0, len(text))]), Field.IMPACT)


def _pattern(text: str) -> str | None:
    return _filled(find_pattern(text, [Zone(ZoneKind.PROSE, 0, len(text))]), Field.FAULT_PATTERN)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        # Almost dead is not dead; the word must be of the language of the state.
        ("Our uplink is almost dead.", DG),
        ("Der Upload ist fast tot.", DG),
        ("Le débit montant est presque mort.", DG),
        ("El enlace está casi muerto.", DG),
        ("O link está quase parado.", DG),
        ("Il collegamento è quasi fermo.", DG),
        ("Канал почти мертв.", DG),
        ("The link is dead.", SA),
        # A figure behind the verb bounds it.
        ("The download does not go beyond 5 Mbit.", DG),
        ("Throughput does not exceed 12 percent.", DG),
        ("Der Download kommt nicht über 5 Mbit.", DG),
        ("Le débit ne dépasse pas 3 Mbit/s.", DG),
        ("La bajada no supera 2 mega.", DG),
        ("A subida não passa de 1 mega.", DG),
        ("Скорость не превышает 4 Мбит.", DG),
        ("The invoice does not exceed the offer.", None),
        ("Nothing goes beyond the router.", SA),
        ("The download does not go beyond 5 GB files.", None),
        # What a person cannot do is no state of the line.
        ("I am on a train and unable to check anything.", None),
        ("Ich bin unterwegs und kann nichts prüfen.", None),
        ("Je suis en déplacement, je ne peux rien vérifier.", None),
        # Nothing of a kind gets across.
        ("Not a frame has got across since eight.", SA),
        ("Kein einziges Paket kommt an.", SA),
        ("Ni una sola llamada entra.", SA),
        ("Our Rx went to nothing.", SA),
        ("L'atelier ne reçoit plus aucune page.", SA),
        ("We have not received any page of the contract.", None),
        # What takes longer.
        ("Every booking takes three times as long.", DG),
        ("Jede Buchung dauert dreimal so lange.", DG),
        ("Každa porudžbina traje duplo duže.", DG),
        ("Three frames in every thousand do not arrive, file copies stutter.", DG),
        # Who carries, and who sees a difference.
        ("Main path dead, riding on the satellite standby.", NSA),
        ("The ring is cut, the crew see no difference.", NSA),
        ("Der Ring ist offen, die Schicht merkt keinen Unterschied.", NSA),
        # Names in capitals.
        ("The LAG moved everything over to the second wave, users are untouched.", NSA),
        ("THE LAG IS AWFUL ON THIS LINE", DG),
        ("Die Kasse steht nicht still, es geht nur langsam.", DG),
    ],
)
def test_impact(text: str, want: str | None) -> None:
    assert _impact(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("impact: degraded\nunaffected: WAV-77120-B\n", DG),
        ("impact: degraded\nnot affected: WAV-77120-B\n", DG),
        (
            "Servicio        77120\nEstado          continúa, sin recuperación a esta hora\nImpacto         afecta servicio\n",
            SA,
        ),
        ("Impact      degradation\nUsers       slow pages\n", DG),
    ],
)
def test_forms(text: str, want: str | None) -> None:
    assert _impact(text, ZoneKind.FORM) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("It happens maybe ten times a day.", "intermittent"),
        ("Maybe it comes and goes, I do not know.", None),
        ("The delay jumps to 600 ms, stays there for some minutes and then it is 9 again.", None),
        ("It stays there.", "constant"),
        ("La lentitud no afloja en ningún momento.", "constant"),
        ("Der Shop ist mal da, mal weg.", "intermittent"),
        ("Le site, tantôt ça passe, tantôt non.", "intermittent"),
        ("gone dark 0714 ct, no light at either end", "constant"),
    ],
)
def test_pattern(text: str, want: str | None) -> None:
    assert _pattern(text) == want
