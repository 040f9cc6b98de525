"""Fixtures for all tests: a real PostgreSQL on loopback, a running house, free ports."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import Running
from tests.servers import PostgresCluster, postgres_missing


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """A PostgreSQL server of our own, or a skip that says what to install."""
    why = postgres_missing()
    if why:
        pytest.skip(why)
    # Not below pytest's own folder: each run that begins closes that one to all other users, the server's among them.
    with tempfile.TemporaryDirectory(prefix="intake-pg-") as folder:
        cluster = PostgresCluster(Path(folder) / "pg")
        cluster.path.parent.mkdir()
        cluster.start()
        yield cluster
        cluster.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/intake.db"
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    return cluster.new_database()


@pytest.fixture
def running(tmp_path: Path, database_url: str) -> Iterator[Running]:
    """`intake serve` as a process of its own over an empty database with the open corpus' directory."""
    house = Running(tmp_path, database_url)
    house.import_directory()
    house.start()
    yield house
    house.stop()
