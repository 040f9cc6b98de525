"""A year of 2,000 tickets with two workers that crash: every promise is kept exactly once."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, select

from models.clock import iso
from models.errors import RefusedError
from models.store import Store
from models.tables import Event, Ticket
from models.tables_life import Deferral, Escalation, Rfo
from models.words import TicketEvent
from tests.unit.tickets.life import LIFE, LifeDesk
from tickets import deferral, rfo
from tickets.clock_pass import clock_pass, load_case
from tickets.mailing import Work
from tickets.plan import LifeCase, level_ages
from tickets.states import begin, transition

# The whole number where it is cheap; fewer over the network, where the concurrency is what counts.
TICKETS = {True: 2000, False: 400}
STEP = timedelta(hours=8)
START = datetime(2026, 1, 1, tzinfo=UTC)
IMPACT = {"critical": "service_affecting", "major": "service_affecting", "minor": "degradation", "low": "non_service_affecting"}
LIVES_H = {"critical": 8, "major": 20, "minor": 60, "low": 150}


class Crash(BaseException):
    """The power goes off in the middle of a transaction."""


class Failing(Store):
    """A store whose writer dies before its commit in one of seven transactions, and after it in one of nine."""

    dice = random.Random(3)
    armed = False

    @contextmanager
    def write(self) -> Iterator[Session]:
        with super().write() as session:
            yield session
            if self.armed and self.dice.random() < 1 / 7:
                raise Crash
        if self.armed and self.dice.random() < 1 / 9:
            raise Crash


def work(store: Store, now: datetime) -> None:
    """A worker that is started again whenever it dies, until nothing is due."""
    for _ in range(200):
        try:
            clock_pass(store, LIFE, now=now)
            return
        except Crash:
            continue
    raise AssertionError("it never got through")


class Year:
    def __init__(self, url: str) -> None:
        self.desk, self.dice = LifeDesk(url), random.Random(7)
        self.desk.now = START
        self.desk.matrix()
        self.desk.policy("care", {"update_every": {"low": "10d"}, "notice_every": dict.fromkeys(IMPACT, "3d")})
        self.stores = [Failing(url), Failing(url)]
        self.acts: list[tuple[datetime, str, Callable[[Work, LifeCase], object]]] = []

    def open(self, n: int, at: datetime) -> None:
        priority = self.dice.choices(list(IMPACT), (2, 3, 3, 4))[0]
        ticket = Ticket(
            id=f"INC-2026-{n:06d}", customer_id="K1", requester="ada@ostwind.example", priority=priority,
            impact=IMPACT[priority], opened_at=at, last_contact_at=at, accepted=True,
        )  # fmt: skip
        with self.desk.store.write() as session:
            session.add(ticket)
            session.flush()
            begin(session, ticket, now=at, actor="intake")
        life = timedelta(hours=self.dice.uniform(0.3, 1.6) * LIVES_H[priority])
        self.acts.append((at + life, ticket.id, self._resolve))
        if priority == "low":
            self.acts.append((at + STEP, ticket.id, lambda w, c: deferral.customer_agrees(w, c, "reply")))
        if priority in ("critical", "major") and self.dice.random() < 0.2:
            self.acts.append(
                (at + life + timedelta(hours=1), ticket.id, lambda w, c: rfo.request(w, c, by="ada", channel="email"))
            )

    @staticmethod
    def _resolve(w: Work, c: LifeCase) -> None:
        transition(w.session, c.ticket, TicketEvent.RESOLVE, now=w.now, actor="ana", why="repaired")

    def run(self) -> None:
        count = TICKETS[self.desk.store.is_sqlite]
        arrivals = sorted(START + timedelta(days=350) * self.dice.random() for _ in range(count))
        now, n = START, 0
        while now < START + timedelta(days=365):
            now += STEP
            while n < count and arrivals[n] <= now:
                n += 1
                self.open(n, arrivals[n - 1])
            for at, ticket, do in sorted((a for a in self.acts if a[0] <= now), key=lambda a: a[:2]):
                self.desk.now = max(at, now - STEP)
                self._try(ticket, do)
            self.acts = [a for a in self.acts if a[0] > now]
            self._tick(now)

    def _try(self, ticket_id: str, do: Callable[[Work, LifeCase], object]) -> None:
        try:
            self.desk.act(ticket_id, do)
        except RefusedError:  # the offer is over, or the ticket done: as for a customer who answers late
            return

    def _tick(self, now: datetime) -> None:
        for s in self.stores:
            s.armed = True
        threads = [threading.Thread(target=work, args=(s, now)) for s in self.stores]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        with self.desk.store.read() as session:
            asleep = session.exec(select(Deferral).where(Deferral.state == "agreed", Deferral.until <= now)).all()
        assert not asleep, "a deferred ticket sleeps past its time"


def test_a_year_with_two_workers_and_crashes(database_url: str) -> None:
    year = Year(database_url)
    year.run()
    with year.desk.store.read() as session:
        count = len(session.exec(select(Ticket.id)).all())
        _every_level_once(session, at_least=count // 2)
        _every_rfo_announced(session, at_least=count // 40)
        assert len(session.exec(select(Deferral).where(Deferral.state == "ended")).all()) > count // 40
        marks = Counter(
            (e.ticket_id, e.kind, e.why) for e in session.exec(select(Event)).all() if e.kind in ("breach", "target")
        )
    assert max(marks.values()) == 1
    for s in (*year.stores, year.desk.store):
        s.close()


def _every_level_once(session: Session, *, at_least: int) -> None:
    seen = Counter((e.ticket_id, e.cycle, e.level) for e in session.exec(select(Escalation)).all())
    events = Counter((e.ticket_id, e.data["level"]) for e in session.exec(select(Event).where(Event.kind == "escalated")).all())
    assert max(seen.values()) == max(events.values()) == 1
    assert sum(seen.values()) == sum(events.values()) > at_least
    for ticket in session.exec(select(Ticket)).all():
        case = load_case(session, ticket)
        end = datetime.fromisoformat(next(at for at, state in ticket.state_log if state == "resolved"))
        due = [level for level, _, at in level_ages(case) if at and at <= end - STEP]
        reached = sorted(e.level for e in case.escalations)
        assert reached[: len(due)] == due, (ticket.id, iso(end))
        assert reached == list(range(1, len(reached) + 1)), "no level is left out"


def _every_rfo_announced(session: Session, *, at_least: int) -> None:
    rows = session.exec(select(Rfo)).all()
    assert len(rows) > at_least
    said = Counter(
        (e.ticket_id, "overdue" if "overdue" in e.why else e.why.split(":")[0])
        for e in session.exec(select(Event).where(Event.kind == "rfo")).all()
    )
    for row in rows:
        if row.due_at < START + timedelta(days=364):
            assert said[row.ticket_id, "reminder 1"] == said[row.ticket_id, "reminder 2"] == 1
            assert said[row.ticket_id, "overdue"] == 1
