"""A receiver on loopback, and an installation on both databases or on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.hook_desk import Desk, Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    r = Receiver()
    yield r
    r.stop()


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    d = Desk(tmp_path, database_url)
    yield d
    d.stop()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Desk]:
    d = Desk(tmp_path, f"sqlite:///{tmp_path}/w.db")
    yield d
    d.stop()
