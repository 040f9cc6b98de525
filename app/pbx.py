"""`intake pbx`: waits for calls of an exchange (FastAGI) and walks them through the webhooks of this installation."""

from __future__ import annotations

import socketserver
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import structlog

from app.calling import own_poster
from app.phone import account_sid
from app.settings import Settings, host_port
from ivr.agi import AgiFault, Channel, HungUp
from ivr.exchange import Calls, ExchangeSettings
from ivr.sounds import Sounds
from ivr.walk import Walk
from models.errors import SettingError

log = structlog.get_logger("app.pbx")
_TIMEOUT_S = 20.0
# A leg of four hours with an agent sends nothing; the exchange closes the connection when the call ends.
_SILENT_S = 5 * 3600


class PbxServer(socketserver.ThreadingTCPServer):
    """One thread for each call."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, settings: Settings) -> None:
        self.client = httpx.Client(timeout=_TIMEOUT_S, trust_env=False, limits=httpx.Limits(max_connections=300))
        folder = recordings_dir(settings)
        sounds = Sounds(settings.pbx_tts_command, folder / "prompts")
        # What cannot speak is told now, and not to the first caller.
        sounds.of("Ready.")
        exchange = ExchangeSettings(settings.pbx_trunk, folder, settings.phone_queue_seconds)
        self.calls = Calls(exchange, sounds, lambda sid, number: self._walk(settings, sid, number))
        try:
            super().__init__(host_port(settings.pbx_listen), _Connection)
        except OSError as e:
            self.client.close()
            raise SettingError(f"INTAKE_PBX_LISTEN: {settings.pbx_listen}: {e.strerror or e}") from e

    def _walk(self, s: Settings, sid: str, number: str) -> Walk:
        return Walk(
            own_poster(s, self.client),
            public_url=s.public_url,
            account=account_sid(s),
            number=number,
            called=s.phone_number,
            sid=sid,
            tells_end=False,
        )

    def server_close(self) -> None:
        super().server_close()
        self.client.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.exception("pbx_connection_failed", peer=str(client_address))


class _Connection(socketserver.StreamRequestHandler):
    server: PbxServer
    timeout = _SILENT_S

    def handle(self) -> None:
        try:
            channel = Channel(self.rfile, self.wfile)  # type: ignore[arg-type]
        except (HungUp, AgiFault, OSError) as e:
            log.warning("pbx_no_agi", peer=self.client_address[0], why=str(e))
            return
        with suppress(ConnectionError):
            self.server.calls.take(channel)


def recordings_dir(s: Settings) -> Path:
    """Where the exchange finds prompts and puts recordings."""
    return (s.pbx_recordings_dir or s.data_dir / "pbx").absolute()
