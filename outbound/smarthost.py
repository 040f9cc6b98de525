"""Delivery over SMTP: a pool of smarthosts in order of preference, each with connections kept open for the next mail."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock

from models.clock import Clock
from models.errors import DeliveryDeferred, DeliveryRefused, NoSmarthost, SettingError
from outbound.headers import safe_address
from outbound.replies import Meaning, SmtpTrouble, Stage, meaning, speaks_of_the_host
from outbound.smarthost_url import SmarthostUrl
from outbound.smtp_session import Patience, SmtpSession

# Common limits of receivers are 100 mails in one session and 60 s without a word; ours stay below both.
MAILS_PER_CONNECTION = 100
IDLE = timedelta(seconds=20)
# How long a smarthost that did not answer is left alone: after the first failure, the second, and so on.
REST = tuple(timedelta(seconds=s) for s in (2, 5, 15, 30, 60))


class SmarthostPool:
    """Sends through the first smarthost that takes the mail; safe to share between threads.

    A mail that a smarthost refuses for good is not offered to the next one. `send` raises as `Sender` promises, and
    NoSmarthost where none was even asked because all have just failed.
    """

    def __init__(
        self,
        urls: Sequence[SmarthostUrl],
        *,
        clock: Clock,
        ca_file: str = "",
        patience: Patience | None = None,
        helo: str = "",
    ) -> None:
        tls = tls_context(ca_file)
        self._clock = clock
        self._hosts = tuple(_Host(url, tls, patience or Patience(), helo) for url in urls)

    def send(self, envelope_from: str, to: str, raw: bytes) -> None:
        safe_address(envelope_from), safe_address(to)
        ready = [host for host in self._hosts if host.rests_until <= self._clock()]
        if not ready:
            raise NoSmarthost(self._all_rest(), min(h.rests_until for h in self._hosts) - self._clock())
        said = []
        for host in ready:
            try:
                return host.send(envelope_from, to, raw, self._clock)
            except SmtpTrouble as e:
                said.append(f"{host.url.host}: {e}" if len(self._hosts) > 1 else str(e))
                match meaning(e):
                    case Meaning.BAD_ADDRESS | Meaning.REFUSED as what:
                        raise DeliveryRefused(str(e), bad_address=what is Meaning.BAD_ADDRESS) from e
                    case Meaning.LATER:
                        break
        raise DeliveryDeferred("; ".join(said))

    def idle(self) -> None:
        """Closes the connections that have had nothing to do for a while."""
        for host in self._hosts:
            host.close(self._clock() - IDLE)

    def close(self) -> None:
        """Says QUIT on all connections that are open."""
        for host in self._hosts:
            host.close(None)

    def check(self) -> list[tuple[str, str]]:
        """Opens, makes private and signs in once at each smarthost: its name, and what was wrong (empty: nothing)."""
        return [(str(host.url), host.check()) for host in self._hosts]

    def _all_rest(self) -> str:
        return "no smarthost answers: " + "; ".join(f"{h.url.host}: {h.why}" for h in self._hosts)


class _Host:
    """One smarthost: its open connections, the last used first, and whether it is left alone for now."""

    def __init__(self, url: SmarthostUrl, tls: ssl.SSLContext, patience: Patience, helo: str) -> None:
        self.url = url
        self.rests_until = datetime.min.replace(tzinfo=UTC)
        self.why = ""
        self._tls, self._patience, self._helo = tls, patience, helo
        self._idle: list[tuple[datetime, SmtpSession]] = []
        self._failed = 0
        self._lock = Lock()

    def send(self, envelope_from: str, to: str, raw: bytes, clock: Clock) -> None:
        session, used = self._take(clock())
        try:
            try:
                session = session or self._open()
                session.send(envelope_from, to, raw)
            except SmtpTrouble as e:
                # A kept connection may have been closed at the other end meanwhile; that says nothing about the host.
                if not (used and e.stage is Stage.MAIL and e.code in (0, 421)):
                    raise
                session = self._open()
                session.send(envelope_from, to, raw)
        except SmtpTrouble as e:
            if speaks_of_the_host(e):
                self._rest(clock(), str(e))
            raise
        finally:
            self._give_back(session, clock())
        self._failed = 0

    def close(self, idle_since: datetime | None) -> None:
        with self._lock:
            old = [(at, s) for at, s in self._idle if idle_since is None or at <= idle_since]
            self._idle = [item for item in self._idle if item not in old]
        for _, session in old:
            session.quit()

    def check(self) -> str:
        try:
            self._open().quit()
        except SmtpTrouble as e:
            return f"{e.stage.value}: {e}"
        return ""

    def _open(self) -> SmtpSession:
        return SmtpSession(self.url, self._tls, self._patience, self._helo)

    def _take(self, now: datetime) -> tuple[SmtpSession | None, bool]:
        self.close(now - IDLE)
        with self._lock:
            return (self._idle.pop()[1], True) if self._idle else (None, False)

    def _give_back(self, session: SmtpSession | None, now: datetime) -> None:
        if session is None or session.closed:
            return
        if session.sent >= MAILS_PER_CONNECTION:
            session.quit()
            return
        with self._lock:
            self._idle.append((now, session))

    def _rest(self, now: datetime, why: str) -> None:
        with self._lock:
            wait = REST[min(self._failed, len(REST) - 1)]
            self._failed += 1
            self.rests_until, self.why = now + wait, why


def tls_context(ca_file: str) -> ssl.SSLContext:
    """Certificates and names are always verified; `ca_file` adds a certificate authority of one's own."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except OSError as e:  # ssl.SSLError is one too
            raise SettingError(f"INTAKE_SMARTHOST_CA_FILE: {ca_file}: {e.strerror or e}") from e
    return context
