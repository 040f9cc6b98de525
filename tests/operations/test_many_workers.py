"""Workers on several hosts over one PostgreSQL: one is killed, each is restarted, the listener has more than they can do."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from app.engine import SWEEP_EVERY_S
from models.beats import living
from models.clock import utc_now
from models.store import schema_state
from models.tables import Contact
from models.words import ContactState
from outbound import outbox
from tests.flows.smarthost_helpers import FakeSmarthost
from tests.flows.test_kill import of_a_customer_of_its_own
from tests.operations.hosts import Customers, Host, missing, once_each, site_over
from tests.running import Running
from tests.servers import PostgresCluster
from tests.soak import either
from tickets import work

MAILS = either(120, 1500)
TAKEN_OVER_WITHIN = timedelta(seconds=30)
named_hosts = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture
def smarthost() -> Iterator[FakeSmarthost]:
    server = FakeSmarthost()
    yield server
    server.close()


@pytest.fixture
def site(tmp_path: Path, postgres: PostgresCluster, smarthost: FakeSmarthost) -> Running:
    made = site_over(tmp_path, postgres.new_database(), INTAKE_SMARTHOST_URL=smarthost.url)
    customers = [{"id": f"K{n}", "name": f"Firm {n}", "domains": [f"firm{n}.example"]} for n in range(MAILS)]
    services = [{"id": f"IPT-{700000 + n}", "customer": f"K{n}"} for n in range(MAILS)]
    (tmp_path / "directory.json").write_text(json.dumps({"customers": customers, "services": services}))
    made.command("directory", "import", str(tmp_path / "directory.json"))
    return made


@pytest.fixture
def hosts(site: Running) -> Iterator[dict[str, Host]]:
    made = {"front": Host("front", site, parts="smtp"), "one": Host("one", site), "two": Host("two", site)}
    yield made
    for host in made.values():
        host.end()


def test_what_a_dead_host_held_is_free_in_time_for_the_sweep_that_takes_it_over() -> None:
    sweep = timedelta(seconds=SWEEP_EVERY_S)
    assert work.LEASE + sweep < TAKEN_OVER_WITHIN
    assert outbox.LEASE + sweep < TAKEN_OVER_WITHIN


@named_hosts
def test_a_killed_hosts_contacts_are_filed_and_answered_by_the_other(
    site: Running, hosts: dict[str, Host], smarthost: FakeSmarthost
) -> None:
    mails = [of_a_customer_of_its_own(n) for n in range(MAILS)]
    _started(site, hosts)
    customers = Customers(site.smtp, mails, pause=0.01)
    customers.start()
    held = _stopped_at_work(site, hosts["one"])
    hosts["one"].kill()
    site.until(lambda: customers.acknowledged == MAILS)
    assert site.settled(MAILS)
    site.until(lambda: all(o["state"] == "sent" for o in site.rows("outbox")))
    once_each(site, mails, smarthost.accepted)
    with site.store() as store, store.read() as session:
        taken = session.exec(select(Contact).where(col(Contact.id).in_(held))).all()
    assert {c.lease_owner.partition("~")[0] for c in taken} <= {"", "two"}, "none of them was filed by the dead"
    assert all(c.tries > 1 for c in taken), "the other host took them a second time"


@named_hosts
def test_a_rolling_upgrade_loses_and_doubles_nothing(site: Running, hosts: dict[str, Host], smarthost: FakeSmarthost) -> None:
    mails = [of_a_customer_of_its_own(n) for n in range(MAILS)]
    _started(site, hosts)
    # The schema is taken on while all hosts run; those who start again find one that is newer than they are.
    customers = Customers(site.smtp, mails, pause=0.1)
    customers.start()
    for n, name in enumerate(("one", "two", "front") * either(1, 10)):
        if n == 1:
            _expand(site)
        site.until(lambda: _speak(site) == set(hosts))
        assert hosts[name].stop() == 0, hosts[name].log()
        assert name not in _speak(site), "it said that it goes"
        hosts[name].start()
    customers.pause = 0
    site.until(lambda: customers.acknowledged == MAILS)
    site.settled(MAILS)
    with site.store() as store:
        assert schema_state(store) == "newer"
    once_each(site, mails, smarthost.accepted)


def _expand(site: Running) -> None:
    """What a migration of the next version may do: more columns, more tables, and its number."""
    with site.store() as store, store.write() as session:
        for statement in (
            "ALTER TABLE contact ADD COLUMN mood VARCHAR NOT NULL DEFAULT ''",
            "ALTER TABLE outbox ADD COLUMN mood VARCHAR",
            "CREATE TABLE mood (id INTEGER NOT NULL)",
            "UPDATE alembic_version SET version_num = '9999'",
        ):
            session.connection().execute(text(statement))


def _started(site: Running, hosts: dict[str, Host]) -> None:
    for host in hosts.values():
        host.start()
    site.until(lambda: _speak(site) == set(hosts))


def _speak(site: Running) -> set[str]:
    """The hosts whose processes have said lately that they live."""
    with site.store() as store, store.read() as session:
        return {row.host.rpartition(":")[0] for row in living(session, utc_now())}


def _stopped_at_work(site: Running, host: Host) -> list[int]:
    """Stops the host's processes at a moment at which they hold contacts; gives those."""
    waiting = select(Contact.id).where(Contact.state == ContactState.RECEIVED.value)
    mine = waiting.where(col(Contact.lease_owner).startswith(host.name))
    with site.store() as store:
        while True:
            host.signal(signal.SIGSTOP)
            with store.read() as session:
                held = [i for i in session.exec(mine) if i is not None]
            if held:
                return held
            host.signal(signal.SIGCONT)
            assert sum(c["state"] == "filed" for c in site.rows("contacts")) < MAILS, (
                f"{host.name} was never at work\n{host.log()}"
            )
            time.sleep(0.02)
