"""A desk for the tests of care, and what is said and done at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.reading import Reading, Zone
from models.tables_life import Rfo
from models.words import Impact, Intent, ZoneKind
from tests.unit.tickets.life import LifeDesk
from tests.unit.tickets.makers import reading
from tickets import telling
from tickets.mailing import Work
from tickets.plan import LifeCase

NIGHT = "2026-05-04T20:00:00+00:00"
HARMLESS = reading(impact=Impact.NON_SERVICE_AFFECTING)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[LifeDesk]:
    d = LifeDesk(f"sqlite:///{tmp_path}/t.db")
    yield d
    d.store.close()


def says(text: str, **given: Any) -> Reading:
    base: dict[str, Any] = {"intent": Intent.UPDATE, "service_ids": (), "description": "", "impact": None, "start_time": None}
    return reading(text=text, zones=(Zone(ZoneKind.PROSE, 0, len(text)),), **(base | given))


def report(case: LifeCase) -> Rfo:
    assert case.rfo
    return case.rfo


def resolve(work: Work, case: LifeCase) -> None:
    telling.resolve(work, case, "We replaced the optic.")
