"""A host whose clock is wrong: named by every other, and what it takes too early is still filed once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from app.checks import readiness
from app.house import House
from app.meter import Pulse
from app.settings import load_settings
from models.clock import utc_now
from models.errors import LeaseLost
from models.tables import Contact, Outbox, Ticket
from tests.servers import PostgresCluster
from tests.unit.tickets.life import FILING, LifeDesk
from tests.unit.tickets.makers import DIRECTORY, NOW, facts, reading
from tickets.filing import file_contact
from tickets.work import LEASE, lease_contact


@pytest.fixture
def houses(tmp_path: Path, postgres: PostgresCluster) -> Iterator[list[House]]:
    """A house whose clock is right, and one of the same installation that is ahead by 20 s."""
    url = postgres.new_database()
    given = {"data_dir": tmp_path, "database_url": url, "mail_addresses": "noc@desk.example"}
    made = [House(load_settings(**given)), House(load_settings(**given), clock=lambda: utc_now() + timedelta(seconds=20))]
    yield made
    for house in made:
        house.store.close()


def test_a_host_whose_clock_differs_from_the_databases_is_named_by_whoever_is_asked(houses: list[House]) -> None:
    right, fast = houses
    good = Pulse(right.store, right.clock, right.meter, ("workers", "clock"))
    good.tell()
    assert readiness(right, None)["processes"]()[0]
    bad = Pulse(fast.store, fast.clock, fast.meter, ("workers",))
    bad.tell()
    for house in houses:
        well, says = readiness(house, None)["processes"]()
        assert not well
        # The pulses of this test are of one process: the later one has spoken last.
        assert "is +20." in says
        assert "off the database's clock" in says


def test_what_a_fast_clock_takes_from_another_too_early_is_filed_and_answered_once(database_url: str) -> None:
    desk = LifeDesk(database_url)
    with desk.store.write() as session:
        session.add(Contact(id=1, mailbox="noc", dedupe_key="1", raw=b"", arrived_at=NOW))
    assert lease_contact(desk.store, 1, owner="slow", now=NOW)
    assert lease_contact(desk.store, 1, owner="fast", now=NOW + LEASE - timedelta(seconds=1)) is None, "not ahead enough"
    assert lease_contact(desk.store, 1, owner="fast", now=NOW + LEASE + timedelta(seconds=1))
    _file(desk, "fast", NOW + LEASE + timedelta(seconds=1))
    with pytest.raises(LeaseLost):
        _file(desk, "slow", NOW + timedelta(seconds=1))
    with desk.store.read() as session:
        assert len(session.exec(select(Ticket)).all()) == len(session.exec(select(Outbox)).all()) == 1
    desk.store.close()


def _file(desk: LifeDesk, owner: str, now: datetime) -> None:
    file_contact(
        desk.store, 1, owner=owner, facts=facts(), reading=reading(), directory=DIRECTORY, clock=lambda: now, settings=FILING
    )  # fmt: skip
