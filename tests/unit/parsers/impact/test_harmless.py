"""Sentences as they stand in any mail, with words of fault that say nothing of a service, and others that do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.directory import Customer, Directory, Person
from models.reading import Zone
from models.words import FindingStatus, Impact, ZoneKind
from parsers import read_text
from parsers.impact import find_impact

# Sentences of another author, each with its class ("-" for none), of which 193 of 240 were right when they were read first.
SENTENCES = [row.split("|", 1) for row in Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8").splitlines()]
CLASSES = {"SA": Impact.SERVICE_AFFECTING, "DG": Impact.DEGRADATION, "NSA": Impact.NON_SERVICE_AFFECTING, "-": None}
HARMLESS = [x for x in Path(__file__).with_name("harmless.txt").read_text(encoding="utf-8").splitlines() if x]


DIRECTORY = Directory((Customer("C1", "Alder", ("alder.example",), (Person("Pia", "pia@alder.example"),), "Europe/London"),))


def impact(text: str) -> Impact | None:
    at = datetime(2026, 5, 14, 13, 40, tzinfo=UTC)
    return read_text(text, directory=DIRECTORY, sender="pia@alder.example", received_at=at).impact


@pytest.mark.parametrize("text", HARMLESS)
def test_nothing_is_told_of_a_service(text: str) -> None:
    assert impact(text) in (None, Impact.NON_SERVICE_AFFECTING)


@pytest.mark.parametrize(
    "text",
    [
        "Our internet is down and your hotline does not answer.",
        "The line is dead, and my colleague cannot print either.",
        "Since 9 nothing works at the office, your technician did not come.",
        "Die Leitung ist tot und Ihre Hotline ist nicht erreichbar.",
        "La ligne est coupée et votre hotline ne répond pas.",
        "La línea está caída y su técnico no vino.",
        "The lift company says its emergency phone line is dead since our line went.",
        "We cannot print invoices.",
        "Customers cannot reach our hotline.",
        "Unsere Hotline ist nicht erreichbar.",
        "Our website is unreachable from outside.",
        "Since 6:30 all passengers are checked in by hand, nothing opens.",
    ],
)
def test_a_service_that_is_dead_is_told_as_such_beside_them(text: str) -> None:
    assert impact(text) is Impact.SERVICE_AFFECTING


@pytest.mark.parametrize(("want", "text"), SENTENCES)
def test_a_sentence_tells_its_class(want: str, text: str) -> None:
    found = find_impact(text, [Zone(ZoneKind.PROSE, 0, len(text))])
    told = next((Impact(f.value) for f in found if f.status is FindingStatus.FILLED), None)
    assert told is CLASSES[want]
