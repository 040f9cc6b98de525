"""A small directory with another ID scheme than the corpus has."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.directory import Customer, Directory, Person, Service
from models.reading import Reading
from parsers import read_text


@pytest.fixture(scope="session")
def directory() -> Directory:
    return Directory(
        customers=(
            Customer("A1", "Northmill", ("northmill.example",), (Person("Ann", "ann@northmill.example"),), "Europe/London"),
            Customer("A2", "Kestrel", ("kestrel.example",), (), "Europe/Berlin"),
        ),
        services=(
            Service("LX-0040712", "A1", "line", "Leeds", ("77/KXGS/100233/NMTL",), ("198.51.100.0/28",)),
            Service("LX-0040713", "A1", "line", "York", ("NM-YRK-0002",), ("198.51.100.16/28",)),
            Service("CLOUD.88123", "A2", "cloud", "Bonn", (), ("2001:db8:9::/48",)),
        ),
    )


@pytest.fixture
def read(directory: Directory):
    def work(text: str, subject: str = "", sender: str = "ann@northmill.example") -> Reading:
        at = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
        return read_text(text, subject=subject, directory=directory, sender=sender, received_at=at)

    return work
