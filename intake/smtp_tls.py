"""The listener's certificate: read again when its files change, so that a renewed one needs no restart."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from models.errors import SettingError

log = logging.getLogger("intake.smtp")


class Certificate:
    """A TLS context over a chain and a key, each a PEM file; the key may stand in the chain's file."""

    def __init__(self, chain: str, key: str) -> None:
        self._chain, self._key = Path(chain), Path(key or chain)
        self._seen = self._stamp()
        try:
            self._context = self._load()
        except (OSError, ssl.SSLError) as e:
            raise SettingError(f"INTAKE_SMTP_TLS_CERT: {self._chain} with key {self._key}: {e}") from e

    def context(self) -> ssl.SSLContext:
        """The present one. Files that do not fit together (half renewed) leave the last good pair in use."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            try:
                self._context = self._load()
                log.info("certificate %s read again", self._chain)
            except (OSError, ssl.SSLError) as e:
                log.error("certificate %s cannot be used, the one before stays: %s", self._chain, e)
        return self._context

    def _load(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._chain, self._key)
        return context

    def _stamp(self) -> tuple[tuple[int, int], ...]:
        found = []
        for file in (self._chain, self._key):
            try:
                stat = file.stat()
                found.append((stat.st_mtime_ns, stat.st_ino))
            except OSError:
                found.append((0, 0))
        return tuple(found)
