"""A host that is cut off in the midst of a transaction: what it holds is free for the others long before anybody would ask."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from models.store import Store, ensure_schema
from models.tables import Contact
from tests.operations.network import BRIDGE, Network, missing
from tests.running import ROOT
from tests.servers import PostgresCluster, postgres_missing

_WHY_NOT = missing() or postgres_missing()
pytestmark = pytest.mark.skipif(bool(_WHY_NOT), reason=_WHY_NOT)
_PATIENCE_S = 300.0
HOLD = """
import time
from sqlmodel import select
from models.store import Store
from models.tables import Contact
with Store({url!r}).write() as session:
    session.exec(select(Contact).with_for_update()).one()
    time.sleep(3600)
"""


@pytest.fixture
def net() -> Iterator[Network]:
    made = Network()
    yield made
    made.close()


@pytest.fixture
def url(net: Network) -> Iterator[str]:
    """A database that hosts of the network reach."""
    with tempfile.TemporaryDirectory(prefix="intake-pg-") as folder:
        cluster = PostgresCluster(Path(folder) / "pg")
        cluster.path.parent.mkdir()
        cluster.start(also_at=BRIDGE)
        yield cluster.new_database().replace("127.0.0.1", BRIDGE)
        cluster.stop()


def _held_by_another(store: Store) -> bool:
    try:
        with store.write() as session:
            session.exec(select(Contact).with_for_update(nowait=True)).one()
        return False
    except OperationalError:
        return True


def _until(store: Store, held: bool, log: Path) -> None:
    end = time.monotonic() + _PATIENCE_S
    while _held_by_another(store) is not held:
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.2)


def test_the_locks_of_a_host_that_was_cut_off_are_free_while_it_is_still_away(net: Network, url: str, tmp_path: Path) -> None:
    store = Store(url)
    ensure_schema(store)
    with store.write() as session:
        session.add(Contact(mailbox="a", dedupe_key="k", raw=b"x", arrived_at=datetime(2026, 5, 1, tzinfo=UTC)))
    host, log = net.host(), tmp_path / "host.log"
    worker = net.run(host, [sys.executable, "-c", HOLD.format(url=url)], env={"PYTHONPATH": str(ROOT)}, log=log)
    try:
        _until(store, held=True, log=log)
        net.cut(host)
        _until(store, held=False, log=log)
        assert worker.poll() is None, "the host itself knows of nothing"
    finally:
        worker.kill()
        worker.wait()
        store.close()
