"""aiosmtpd's session with the bounds it lacks: on connections, bytes, lines, and time."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from aiosmtpd.smtp import SMTP

from intake.smtp_settings import plain_ip

if TYPE_CHECKING:
    from intake.smtp import SmtpListener

log = logging.getLogger("intake.smtp")

LINE = 65536
ENDLESS_LINE = 16 * LINE
COMMAND = 1024
SLOT_WAIT_S = 60.0
HANG_UP_S = 5.0
CALLS = {"NOOP": 20, "RSET": 20, "MAIL": 100, "RCPT": 200, "DATA": 100, "*": 50}
FRONT_CALLS = {**CALLS, "RSET": 10_000, "MAIL": 10_000, "RCPT": 20_000, "DATA": 10_000}

# <address> or address, then the parameters; a quoted local part may hold spaces, nothing else may.
_PATH = re.compile(r'(?:<((?:"(?:[^"\\]|\\.)*"|[^<>"\s])*)>|([^<>"\s]+)(?=\s|$))\s*(.*)', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Guard(SMTP):
    """One session."""

    line_length_limit = LINE
    command_size_limit = COMMAND

    def __init__(self, listener: SmtpListener, handler: Any, loop: asyncio.AbstractEventLoop) -> None:
        s = listener.settings
        self.gone: asyncio.Future[None] = loop.create_future()
        self._listener = listener
        self._host = ""
        self._entered = self._closing = self._in_data = False
        self._bytes = self._run = 0
        self._cap: asyncio.TimerHandle | None = None
        super().__init__(
            handler,
            data_size_limit=s.max_bytes,
            enable_SMTPUTF8=True,
            decode_data=False,
            hostname=s.hostname,
            ident="ESMTP",
            tls_context=listener.tls_context,
            timeout=s.timeout,
            command_call_limit=CALLS,
            loop=loop,
        )
        # aiosmtpd shares these among all sessions and lets each EHLO raise them
        self.command_size_limits = defaultdict(lambda: COMMAND)

    def connection_made(self, transport: Any) -> None:
        if self._entered:  # again, over TLS: it is counted in already
            super().connection_made(transport)
            return
        peer = transport.get_extra_info("peername")
        host = peer[0] if isinstance(peer, tuple) else ""
        self._host = str(plain_ip(host) or host)
        refusal = self._listener.enter(self, self._host)
        if refusal is not None:
            self._closing = True
            transport.write(refusal.encode() + b"\r\n")
            transport.close()
            return
        self._entered = True
        if self._listener.settings.trusts(self._host):
            self._call_limit_base = FRONT_CALLS
        super().connection_made(transport)
        self._cap = self.loop.call_later(self._listener.settings.session_cap, self.hang_up, "421 4.4.2 the session is too long")

    def connection_lost(self, error: Exception | None) -> None:
        if not self._entered:
            return
        if self._cap is not None:
            self._cap.cancel()
        self._listener.leave(self, self._host)
        super().connection_lost(error)
        if not self.gone.done():
            self.gone.set_result(None)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self._entered else False

    def data_received(self, data: bytes) -> None:
        """Counts before anything is buffered: aiosmtpd's own limit does not hold for a line without an end."""
        if self._closing:
            return
        self._bytes += len(data)
        if self._in_data:
            self._reset_timeout()
        line_end = data.rfind(b"\r\n")
        self._run = self._run + len(data) if line_end < 0 else len(data) - line_end - 2
        if self._run > ENDLESS_LINE:
            self.hang_up("421 4.3.0 the line is too long")
        elif self._in_data and self._bytes > 2 * self._listener.settings.max_bytes + LINE:
            self.hang_up("421 4.3.0 the message is too large")
        else:
            super().data_received(data)

    def hang_up(self, reply: str) -> None:
        """Says why, closes, and does not wait for a peer that reads no answer."""
        if self._closing or self.transport is None:
            return
        self._closing = True
        log.info("%s: %s", self._host, reply)
        out = cast(asyncio.Transport, self.transport)
        if out.is_closing():  # over TLS: said goodbye, and waits for the peer to do so too
            self.abort()
            return
        out.write(reply.encode() + b"\r\n")
        out.close()
        self.loop.call_later(HANG_UP_S, self.abort)

    def abort(self) -> None:
        """Closes at once."""
        lowest = self._original_transport or self.transport
        if lowest is not None:
            cast(asyncio.Transport, lowest).abort()

    def leave_when_idle(self) -> None:
        """Ends the session now, or after the mail in transfer."""
        if not self._in_data:
            self.hang_up("421 4.3.2 shutting down")

    async def _handle_client(self) -> None:
        with suppress(ConnectionError):
            await super()._handle_client()

    def _timeout_cb(self) -> None:
        self.hang_up("421 4.4.2 waited too long")

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Takes one plain path only; the parser of the standard library finds addresses in too much."""
        if not arg:
            return "", ""
        found = _PATH.fullmatch(arg.strip())
        if found is None or _CONTROL.search(arg):
            return None, None
        bracketed, bare, rest = found.groups()
        return ("<>" if bracketed == "" else bracketed or bare), rest or ""

    async def smtp_DATA(self, arg: str) -> None:
        """Waits for a free slot before it says 354: each mail in transfer costs memory."""
        self._in_data = True
        try:
            await self._take_data(arg)
        except Exception:
            self.envelope = self._create_envelope()
            raise
        finally:
            self._in_data = False
        if self._listener.stopping:
            self.hang_up("421 4.3.2 shutting down")

    async def _take_data(self, arg: str) -> None:
        slots = self._listener.data_slots
        try:
            await asyncio.wait_for(slots.acquire(), SLOT_WAIT_S)
        except TimeoutError:
            await self.push("451 4.3.2 too busy, please try again later")
            return
        s = self._listener.settings
        self._bytes = 0
        self._reset_timeout()
        self._pace = self.loop.call_later(s.data_grace, self._check_pace, self.loop.time() + s.data_grace)
        try:
            await super().smtp_DATA(arg)
        finally:
            self._pace.cancel()
            slots.release()

    def _check_pace(self, since: float) -> None:
        """Ends a mail that trickles: each silence is short, and yet it would hold its slot for hours."""
        s = self._listener.settings
        if self._bytes < s.data_rate * (self.loop.time() - since):
            self.hang_up("421 4.4.2 the message comes too slowly")
            return
        self._pace = self.loop.call_later(max(s.data_grace / 6, 0.01), self._check_pace, since)

    async def _call_handler_hook(self, command: str, *args: Any) -> Any:
        self._reset_timeout()
        return await super()._call_handler_hook(command, *args)

    async def handle_exception(self, error: Exception) -> str:
        """Never 500, aiosmtpd's answer: our trouble is not the sender's, who shall try again."""
        log.error("%s: %s in the session", self._host, type(error).__name__, exc_info=error)
        return "451 4.3.0 temporary trouble here, please try again later"

    async def smtp_VRFY(self, arg: str) -> None:
        await self.push("502 5.5.1 VRFY is not offered")

    async def smtp_EXPN(self, arg: str) -> None:
        await self.push("502 5.5.1 EXPN is not offered")

    async def smtp_AUTH(self, arg: str) -> None:
        await self.push("502 5.5.1 AUTH is not offered")
