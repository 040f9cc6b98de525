"""Keeps mailboxes fetched: a thread for each, and one that watches over these threads."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event, Thread

import structlog

from intake.imap import Link, LinkDead, LoginRefused
from intake.imap_book import Book
from intake.imap_fetch import Fetcher
from intake.imap_settings import Mailbox
from intake.imap_tokens import TokenRefused, Tokens, TokenUnavailable, fingerprint
from intake.keep import Keeper
from intake.own import OwnAddresses
from models.clock import Clock, monotonic
from models.errors import LeaseLost, OwnError
from models.mailboxes import AlarmKind, MailboxState
from models.store import Store

log = structlog.get_logger("intake.imap")


@dataclass(frozen=True)
class Pace:
    """Times in seconds."""

    first_idle: float = 2.0  # what comes in one packet with the server's "+" is heard only at the end of a slice
    longest_idle: float = 240.0  # far below the 29 minutes of RFC 2177
    whole_scan_every: float = 600.0
    renew_every: float = 30.0
    ask_lease_every: float = 5.0
    first_wait: float = 1.0
    longest_wait: float = 300.0
    refused_wait: float = 900.0
    down_alarm_after: float = 300.0
    stuck_after: float = 900.0
    read_timeout: float = 60.0


@dataclass(frozen=True)
class Surroundings:
    """What all mailboxes of a process share."""

    store: Store
    keeper: Keeper
    own: OwnAddresses
    clock: Clock
    pace: Pace
    # Under which name of this process mailboxes are leased.
    process: str = f"{socket.gethostname()}:{os.getpid()}"


class MailboxThread:
    """Fetches one mailbox until it is stopped, as long as this process has its lease."""

    def __init__(self, mailbox: Mailbox, around: Surroundings) -> None:
        self.mailbox = mailbox
        self.progress_at = monotonic()
        self._around, self._pace = around, around.pace
        owner = f"{around.process}/{random.getrandbits(32):08x}"
        self._book = Book(around.store, mailbox.name, owner, around.clock)
        self._tokens = Tokens(mailbox.token, around.clock) if mailbox.token else None
        self._stop = Event()
        self._link: Link | None = None
        self._fails = 0
        self._well_at = monotonic()
        self._whole_at = self._renewed_at = -1e9
        self._careful = False
        self._thread = Thread(target=self._run, name=f"imap {mailbox.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        self._stop.set()

    def join(self, seconds: float) -> None:
        """Waits for the end of what it does; cuts its connection when that takes too long."""
        self._thread.join(seconds)
        if self._thread.is_alive():
            self.cut()
            self._thread.join(seconds)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def cut(self) -> None:
        link = self._link
        if link is not None:
            link.cut()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._turn()
            except LeaseLost:
                log.info("mailbox_lease_lost", mailbox=self.mailbox.name)
            except Exception as e:  # the thread's loop: note it, wait, go on
                log.exception("mailbox_failed", mailbox=self.mailbox.name)
                self._failed(f"{type(e).__name__}: {e}")
        self._quietly_release()

    def _turn(self) -> None:
        if not self._book.lease():
            self._touch()
            self._stop.wait(self._pace.ask_lease_every)
            return
        try:
            self._session()
        except (LoginRefused, TokenRefused) as e:
            self._refused(str(e))
        except LeaseLost:
            raise
        except OwnError as e:  # LinkDead, TokenUnavailable, CommandRefused, a store that refuses
            self._failed(str(e) or type(e).__name__, log_it=not isinstance(e, LinkDead | TokenUnavailable))

    def _session(self) -> None:
        self._touch()
        self._book.state(MailboxState.CONNECTING)
        link = Link(self.mailbox, self._tokens, read_s=self._pace.read_timeout)
        self._link = link
        try:
            link.open()
            around = self._around
            fetcher = Fetcher(self.mailbox, link, self._book, around.keeper, around.own, around.clock)
            fetcher.careful = self._careful
            try:
                self._fetch_and_watch(link, fetcher)
            finally:
                self._careful = fetcher.careful
        finally:
            self._link = None
            link.close()

    def _fetch_and_watch(self, link: Link, fetcher: Fetcher) -> None:
        idle = self._pace.first_idle
        self._whole_at = -1e9
        while not self._stop.is_set() and not (self._tokens and self._tokens.is_ending):
            whole = monotonic() - self._whole_at >= self._pace.whole_scan_every
            self._book.state(MailboxState.FETCHING)
            fetcher.scan(whole=whole, go_on=self._go_on)
            if whole:
                self._whole_at = monotonic()
            self._well()
            self._book.state(MailboxState.WATCHING, "by IDLE" if link.can_idle else f"every {self.mailbox.poll_s:g} s")
            changed = self._watch(link, idle)
            idle = self._pace.first_idle if changed else min(2 * idle, self._pace.longest_idle)

    def _watch(self, link: Link, seconds: float) -> bool:
        """Waits for news; True when there is some. Without IDLE every turn may bring some."""
        if link.can_idle:
            changed = link.wait(seconds, self._go_on)
        else:
            end = monotonic() + self.mailbox.poll_s
            while self._go_on() and (left := end - monotonic()) > 0:
                self._stop.wait(min(1.0, left))
            changed = False
        if not changed:
            link.ask()
        return changed

    def _go_on(self) -> bool:
        """Called about once a second and between batches: shows that it lives, and holds the lease."""
        self._touch()
        if monotonic() - self._renewed_at > self._pace.renew_every:
            self._book.renew()
            self._renewed_at = monotonic()
        return not self._stop.is_set()

    def _touch(self) -> None:
        self.progress_at = monotonic()

    def _well(self) -> None:
        if self._fails:
            log.info("mailbox_well", mailbox=self.mailbox.name, after=self._fails)
        self._fails, self._well_at = 0, monotonic()
        self._book.clear(AlarmKind.DOWN, AlarmKind.REFUSED, AlarmKind.STUCK)

    def _failed(self, why: str, *, log_it: bool = True) -> None:
        """Lets go of the lease, so that another host may have more luck, and waits."""
        if self._stop.is_set():
            return
        self._fails += 1
        base = min(self._pace.first_wait * 2 ** min(self._fails - 1, 20), self._pace.longest_wait)
        wait = base * random.uniform(0.5, 1.0)
        (log.warning if log_it or self._fails == 1 else log.info)(
            "mailbox_down", mailbox=self.mailbox.name, error=why, again_in_s=round(wait, 1), times=self._fails
        )
        try:
            self._book.state(MailboxState.DOWN, why)
            if monotonic() - self._well_at >= self._pace.down_alarm_after and self._book.alarm(AlarmKind.DOWN, why):
                log.error("mailbox_dead", mailbox=self.mailbox.name, error=why)
            self._book.release()
        except Exception:  # the database may be what is in trouble
            log.warning("mailbox_state_not_noted", mailbox=self.mailbox.name)
        self._touch()
        self._stop.wait(wait)

    def _refused(self, why: str) -> None:
        """No storm of tries: one in a quarter of an hour, or at once when the secret was changed; the lease is kept."""
        self._book.state(MailboxState.REFUSED, why)
        if self._book.alarm(AlarmKind.REFUSED, why):
            log.error("mailbox_dead", mailbox=self.mailbox.name, error=why)
        self._fails += 1
        before, end = self._secrets(), monotonic() + self._pace.refused_wait
        while monotonic() < end and self._secrets() == before and self._go_on():
            self._stop.wait(min(5.0, max(0.05, end - monotonic())))

    def _secrets(self) -> str:
        token = self.mailbox.token
        return fingerprint(self.mailbox.password, *((token.client_secret, token.refresh_token, token.key) if token else ()))

    def _quietly_release(self) -> None:
        try:
            self._book.state(MailboxState.STOPPED)
            self._book.release()
        except Exception:  # at the end; the lease runs out by itself
            log.info("mailbox_not_released", mailbox=self.mailbox.name)


class Mailboxes:
    """All mailboxes of this process, supervised: one that died is started again, one that hangs is cut and named."""

    def __init__(self, mailboxes: Sequence[Mailbox], around: Surroundings) -> None:
        self._around = around
        self._threads = [MailboxThread(m, around) for m in mailboxes]
        self._stop = Event()
        self._watch = Thread(target=self._watching, name="imap supervisor", daemon=True)

    def start(self) -> None:
        for t in self._threads:
            t.start()
        self._watch.start()

    def stop(self, grace: float = 10.0) -> None:
        """Lets each finish its batch."""
        self._stop.set()
        for t in self._threads:
            t.ask_to_stop()
        for t in self._threads:
            t.join(grace)
        self._watch.join()

    def _watching(self) -> None:
        while not self._stop.wait(1.0):
            for i, thread in enumerate(self._threads):
                if not thread.is_alive:
                    log.error("mailbox_thread_died", mailbox=thread.mailbox.name)
                    self._threads[i] = MailboxThread(thread.mailbox, self._around)
                    self._threads[i].start()
                elif monotonic() - thread.progress_at > self._around.pace.stuck_after:
                    log.error("mailbox_stuck", mailbox=thread.mailbox.name)
                    thread.progress_at = monotonic()
                    thread.cut()
