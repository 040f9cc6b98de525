"""The fetching part of the house with its store, at a quick pace, and mails to fetch."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from sqlmodel import select

from intake.imap_settings import parse_mailboxes
from intake.imap_watch import Mailboxes, Pace, Surroundings
from intake.keep import Keeper
from intake.own import OwnAddresses
from models.clock import Clock, utc_now
from models.mailboxes import MailboxLine, mailbox_lines, open_alarms, past_alarms
from models.store import Store, ensure_schema
from models.tables import Contact
from models.tables_imap import ImapMessage

OWN = OwnAddresses(("support@isp.example", "noc@isp.example"), "bounce@isp.example")
QUICK = Pace(
    first_idle=1.0,
    longest_idle=2.0,
    whole_scan_every=1.0,
    renew_every=0.5,
    first_wait=0.05,
    longest_wait=0.2,
    refused_wait=30.0,
    down_alarm_after=0.5,
    read_timeout=3.0,
)


def mail(number: int, *, size: int = 0, to: str = "support@isp.example", extra: str = "") -> bytes:
    """A mail of its own; the number is in its Message-ID and text."""
    head = f"Message-ID: <m{number}@kunde.example>\r\nFrom: Anna <anna@kunde.example>\r\nTo: {to}\r\n{extra}"
    head += f"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nSubject: LNK {number} down\r\n\r\nThe line {number} is down.\r\n"
    return head.encode() + (b"x" * 76 + b"\r\n") * (size // 78)


class Fetching:
    """Store, keeper and the threads of the mailboxes."""

    def __init__(self, database_url: str, pace: Pace = QUICK, clock: Clock = utc_now) -> None:
        self.store = Store(database_url)
        ensure_schema(self.store)
        self.told: list[int] = []
        self.keeper = Keeper(self.store, clock, self.told.append)
        self.around = Surroundings(self.store, self.keeper, OWN, clock, pace)
        self._running: list[Mailboxes] = []

    def start(self, *urls: str) -> Mailboxes:
        started = Mailboxes(parse_mailboxes(" ".join(urls)), self.around)
        started.start()
        self._running.append(started)
        return started

    def stop(self) -> None:
        for started in self._running:
            started.stop()
        self._running.clear()

    def close(self) -> None:
        self.stop()
        self.keeper.stop()
        self.store.close()

    def contacts(self) -> list[Contact]:
        with self.store.read() as session:
            return list(session.exec(select(Contact).order_by("id")))

    def states(self) -> Counter[str]:
        with self.store.read() as session:
            return Counter(session.exec(select(ImapMessage.state)))

    def lines(self) -> list[MailboxLine]:
        with self.store.read() as session:
            return mailbox_lines(session)

    def alarms(self) -> set[str]:
        with self.store.read() as session:
            return {a.kind for a in open_alarms(session)}

    def past(self) -> set[str]:
        with self.store.read() as session:
            return {a.kind for a in past_alarms(session, 50)}

    def until(self, condition: Callable[[], bool]) -> None:
        """Polls; the bound only ends a test that hangs."""
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, f"never came true; {self.states()}, {self.lines()}, {self.alarms()}"
            time.sleep(0.05)

    def until_states(self, **states: int) -> None:
        self.until(lambda: self.states() == Counter(states))
