"""A Dovecot for each test, and a house that fetches from it within this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dovecot import Dovecot, dovecot_missing
from tests.imap.fetching import Fetching


@pytest.fixture
def dovecot(tmp_path: Path) -> Iterator[Dovecot]:
    """A running server, or a skip that says what to install."""
    why = dovecot_missing()
    if why:
        pytest.skip(why)
    server = Dovecot(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def fetching(tmp_path: Path, database_url: str) -> Iterator[Fetching]:
    """The fetching part over an empty database of each kind."""
    house = Fetching(database_url)
    yield house
    house.close()
