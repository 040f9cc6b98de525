"""Two machines whose clocks run at the same moment do together what one does alone: every timed deed once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from app.engine import Engine
from app.house import House
from app.settings import load_settings
from models.clock import iso
from models.directory_store import import_directory
from models.tables import Contact, Event, Outbox, Ticket
from models.tables_life import Escalation, EscalationNotice, WelcomeSent
from tests.servers import PostgresCluster
from tests.unit.tickets.life import LifeDesk
from tests.unit.tickets.makers import DIRECTORY, NOW, reading

CRITICAL = 12
# When the clocks strike, in minutes after the reports: reminders, levels by age, missed targets, updates, closing.
STRIKES = (1, 31, 250, 1600)
Deeds = dict[str, Counter[tuple[object, ...]]]


def _house(path: Path, url: str, now: Callable[[], object]) -> House:
    given = {"data_dir": path, "database_url": url, "mail_addresses": "noc@desk.example", "secret_key": "k" * 32}
    return House(load_settings(**given, queue_url=f"sqlite:///{path}/queue.db"), clock=now)  # type: ignore[arg-type]


def _fill(desk: LifeDesk) -> None:
    desk.matrix()
    services = tuple(replace(s, activated=NOW) for s in DIRECTORY.services)
    import_directory(desk.store, replace(DIRECTORY, services=services))
    desk.file(reading())
    desk.file(reading(service_ids=("LNK-1002",), impact=None))
    desk.file(reading(service_ids=("LNK-2001",)), from_address="x@meerblick.example", envelope_from="x@meerblick.example")
    with desk.store.write() as session:
        session.add_all(_critical(n) for n in range(CRITICAL))


def _critical(n: int) -> Ticket:
    """A ticket of a person that is due at once and rises with its age."""
    return Ticket(
        id=f"INC-2026-9{n:05}",
        requester=f"p{n}@ostwind.example",
        state="in_progress",
        priority="critical",
        impact="service_affecting",
        opened_at=NOW,
        last_contact_at=NOW,
        told_at=NOW,
        responded_at=NOW,
        accepted=True,
        state_log=[[iso(NOW), "in_progress"]],
        next_due_at=NOW,
    )


def _key(mail: Outbox, levels: dict[int | None, str]) -> str:
    """What the mail is about, without the number of an escalation: two clocks number them in an order of their own."""
    kind, _, rest = mail.dedupe_key.partition(":")
    number, _, more = rest.partition(":")
    return f"{kind}:{levels[int(number)]}:{more}" if kind == "notice" else mail.dedupe_key


def _played(path: Path, url: str, clocks: int) -> Deeds:
    """What stands in the database after all strikes with so many clocks."""
    desk = LifeDesk(url)
    _fill(desk)
    houses = [_house(path / str(n), url, lambda: desk.now) for n in range(clocks)]
    engines = [Engine(house) for house in houses]
    for minutes in STRIKES:
        desk.now = NOW + timedelta(minutes=minutes)
        _at_once([engine.clock for engine in engines])
        desk.settle()
    with desk.store.read() as session:
        levels = {e.id: f"{e.level} {e.cause}" for e in session.exec(select(Escalation))}
        found: Deeds = {
            "events": Counter((e.ticket_id, e.kind, e.why) for e in session.exec(select(Event))),
            "mails": Counter((o.ticket_id, o.event, o.to_address, _key(o, levels)) for o in session.exec(select(Outbox))),
            "levels": Counter((e.ticket_id, e.level, e.cause) for e in session.exec(select(Escalation))),
            "notices": Counter((n.ticket_id, n.person, n.way) for n in session.exec(select(EscalationNotice))),
            "welcomes": Counter((w.service_id,) for w in session.exec(select(WelcomeSent))),
            "contacts": Counter((c.id, c.state) for c in session.exec(select(Contact))),
        }
    for closing in (desk.store, *(house.store for house in houses)):
        closing.close()
    return found


def _at_once(jobs: list[Callable[[], None]]) -> None:
    start = threading.Barrier(len(jobs))

    def strike(job: Callable[[], None]) -> None:
        start.wait()
        job()

    threads = [threading.Thread(target=strike, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    if request.param == "sqlite":
        return lambda name: f"sqlite:///{tmp_path}/{name}.db"
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    return lambda _name: cluster.new_database()


def test_two_clocks_do_what_one_does(tmp_path: Path, new_url: Callable[[str], str]) -> None:
    alone = _played(tmp_path / "alone", new_url("alone"), 1)
    both = _played(tmp_path / "both", new_url("both"), 2)
    assert len(alone["levels"]) >= CRITICAL
    assert {event for _, event, *_ in alone["mails"]} >= {"reminder", "escalation-notice", "welcome"}
    assert {row for row, times in both["levels"].items() if times > 1} == set()
    for what in alone:
        assert both[what] == alone[what], what
