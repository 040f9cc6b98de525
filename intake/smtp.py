"""The SMTP listener: takes mail for our own addresses, and says 250 only once it is durable."""

from __future__ import annotations

import asyncio
import logging
import shutil
import ssl
from collections import Counter
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import MISSING, Envelope, Session

from intake.keep import Keeper
from intake.raw import RawMail
from intake.smtp_guard import Guard
from intake.smtp_settings import SmtpSettings, plain_ip
from intake.smtp_tls import Certificate
from models.clock import Clock

__all__ = ["SmtpListener", "SmtpSettings"]

log = logging.getLogger("intake.smtp")

TROUBLE = "451 4.3.0 temporary trouble here, please try again later"
FULL = "452 4.3.1 not enough room at present, please try again later"


class Handler:
    """What the listener does at each command; the names are aiosmtpd's."""

    def __init__(self, settings: SmtpSettings, keeper: Keeper, clock: Clock, backlog: Callable[[], int]) -> None:
        self._settings = settings
        self._keeper = keeper
        self._clock = clock
        self._backlog = backlog

    async def handle_MAIL(self, _s: Guard, _session: Session, _e: Envelope, _address: str, _options: list[str]) -> Any:
        return FULL if await self._is_full() else MISSING

    async def handle_RCPT(self, _s: Guard, _session: Session, _e: Envelope, address: str, _options: list[str]) -> Any:
        return "550 5.1.1 no such mailbox here" if self._settings.mailbox_of(address) is None else MISSING

    async def handle_DATA(self, _server: Guard, session: Session, envelope: Envelope) -> str:
        mail = self._mail(session, envelope)
        try:
            kept = await asyncio.wrap_future(self._keeper.keep(mail))
        except Exception as error:
            log.warning("451 to %s: %s", mail.peer, type(error).__name__)
            return TROUBLE
        return f"250 2.0.0 {kept.contact_id}"

    def _mail(self, session: Session, envelope: Envelope) -> RawMail:
        recipients = tuple(envelope.rcpt_tos)
        sender = envelope.mail_from or ""
        return RawMail(
            raw=bytes(envelope.original_content or b""),
            mailbox=self._settings.mailbox_for(recipients),
            envelope_from="" if sender == "<>" else sender,
            envelope_to=recipients,
            peer=peer_host(session.peer),
            arrived_at=self._clock(),
        )

    async def _is_full(self) -> bool:
        if shutil.disk_usage(self._settings.data_dir).free < self._settings.min_free_disk:
            return True
        return await asyncio.to_thread(self._backlog) > self._settings.max_backlog


class SmtpListener:
    """One listening socket and its sessions."""

    def __init__(self, settings: SmtpSettings, keeper: Keeper, clock: Clock, backlog: Callable[[], int]) -> None:
        self.settings = settings
        self.stopping = False
        self.data_slots = asyncio.Semaphore(settings.data_slots)
        self.sessions: set[Guard] = set()
        self._per_host: Counter[str] = Counter()
        self._handler = Handler(settings, keeper, clock, backlog)
        self._certificate = Certificate(settings.tls_cert, settings.tls_key) if settings.tls_cert else None
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on, also when 0 was asked for."""
        if self._server is None or not self._server.sockets:
            return self.settings.port
        number: int = self._server.sockets[0].getsockname()[1]
        return number

    @property
    def tls_context(self) -> ssl.SSLContext | None:
        """For STARTTLS; None where no certificate is set."""
        return self._certificate.context() if self._certificate else None

    async def start(self) -> None:
        """Listens from now on."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Guard(self, self._handler, loop), self.settings.host, self.settings.port
        )

    async def stop(self, grace: float = 20.0) -> None:
        """Accepts nothing more, lets the mails in transfer finish, and closes."""
        self.stopping = True
        if self._server is not None:
            self._server.close()
        for session in tuple(self.sessions):
            session.leave_when_idle()
        if self.sessions:
            await asyncio.wait([s.gone for s in self.sessions], timeout=grace)
        rest = [s.gone for s in self.sessions]
        for session in tuple(self.sessions):
            session.abort()
        if rest:
            log.warning("%d sessions cut off at the end", len(rest))
            await asyncio.wait(rest, timeout=1.0)

    def enter(self, session: Guard, host: str) -> str | None:
        """Counts the session in, or says why not."""
        if self.stopping:
            return "421 4.3.2 shutting down"
        if len(self.sessions) >= self.settings.max_connections:
            return "421 4.7.0 too many connections, please try again later"
        if not self.settings.trusts(host) and self._per_host[host] >= self.settings.max_per_address:
            return "421 4.7.0 too many connections from your address"
        self.sessions.add(session)
        self._per_host[host] += 1
        return None

    def leave(self, session: Guard, host: str) -> None:
        """Counts the session out."""
        self.sessions.discard(session)
        self._per_host[host] -= 1
        if self._per_host[host] <= 0:
            del self._per_host[host]


def peer_host(peer: Any) -> str:
    """The peer's address as text, without the port."""
    host = str(peer[0]) if isinstance(peer, tuple) and peer else str(peer or "")
    return str(plain_ip(host) or host)
