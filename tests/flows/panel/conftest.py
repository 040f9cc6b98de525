"""One installation with customers' pages: on both databases, or on SQLite for what does not depend on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.panel_helpers import (
    Site,
)


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Site]:
    s = Site(tmp_path, database_url)
    s.start()
    yield s
    s.stop()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Site]:
    """For what does not depend on the database."""
    s = Site(tmp_path, f"sqlite:///{tmp_path}/p.db")
    s.start()
    yield s
    s.stop()
