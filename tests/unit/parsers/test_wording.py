"""Sentences in other wording than any corpus, eleven languages: impact, fault pattern and start of each.

The rows stand in `wording/*.txt`, with the customer's zone and the receipt in the first line of each file.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from models.directory import Customer, Directory, Person
from models.reading import Reading
from parsers import read_text

RECEIVED = datetime(2026, 5, 14, 13, 40, tzinfo=UTC)
CLASSES = {"SA": "service_affecting", "DG": "degradation", "NSA": "non_service_affecting", "I": "intermittent", "C": "constant"}
FILES = sorted((Path(__file__).parent / "wording").glob("*.txt"))


def _rows() -> list[tuple[str, str, str, str, str]]:
    out = []
    for file in FILES:
        head, *lines = file.read_text(encoding="utf-8").splitlines()
        zone = re.search(r"zone (\S+),", head)
        assert zone
        for line in lines:
            if line and not line.startswith("#"):
                impact, pattern, start, text = line.split("|", 3)
                out.append((zone[1], impact, pattern, start, text.replace("\\n", "\n")))
    return out


def _read(zone: str, text: str) -> Reading:
    directory = Directory((Customer("W1", "Wording", ("wording.example",), (Person("Wim", "wim@wording.example"),), zone),))
    return read_text(text, directory=directory, sender="wim@wording.example", received_at=RECEIVED)


def _bounds(text: str, zone: str) -> tuple[datetime, datetime]:
    """The accepted span of a start: "14 09:12", "14 09:00-10:00" or "13 20:00 14 08:00"."""
    found = re.findall(r"(?:(\d\d) )?(\d\d:\d\d)", text)
    days = [d or found[0][0] for d, _ in found]
    at = [
        datetime.fromisoformat(f"2026-05-{d}T{c}").replace(tzinfo=ZoneInfo(zone)) for d, (_, c) in zip(days, found, strict=True)
    ]
    return at[0].astimezone(UTC), at[-1].astimezone(UTC)


@pytest.mark.parametrize(("zone", "impact", "pattern", "start", "text"), _rows())
def test_sentence_is_read(zone: str, impact: str, pattern: str, start: str, text: str) -> None:
    reading = _read(zone, text)
    got = (reading.impact.value if reading.impact else None, reading.fault_pattern.value if reading.fault_pattern else None)
    want = tuple(got[i] if word == "." else CLASSES.get(word) for i, word in enumerate((impact, pattern)))
    assert got == want
    if start == "-":
        assert reading.start_time is None
    elif start != ".":
        low, high = _bounds(start, zone)
        assert reading.start_time
        assert low <= reading.start_time.replace(second=0) <= high
