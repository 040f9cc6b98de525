"""The customers' pages put together from the settings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog

from app.house import House, RulesCache
from app.reader import Job, Reader
from models.directory import Directory
from models.errors import ParseTimeout
from models.reading import Reading
from panel.asking import send_links
from panel.gate import Gate
from panel.sessions import tidy
from panel.site import PanelSettings, PanelSite, Read, templates
from panel.tokens import parse_keys

log = structlog.get_logger("app.panel")


class PanelReader:
    """Reads the words of forms in a child process, under the limits of any contact; one form at a time."""

    def __init__(self, house: House) -> None:
        self._house, self._reader, self._lock = house, Reader(), threading.Lock()
        self._rules = RulesCache(house.store)

    def start(self) -> None:
        """Starts the child beside whatever else starts, so that the first form need not wait for it."""
        threading.Thread(target=self._start, daemon=True, name="panel-reader").start()

    def read(self, raw: bytes, address: str, at: datetime, directory: Directory, customer: str) -> Reading | None:
        """What the words say, or None where they could not be read within the limits."""
        rules = self._rules.get()
        job = Job(raw, at, address, "", self._house.settings.addresses, None, customer=customer, one_view=True)
        try:
            with self._lock:
                return self._reader.read(job, directory, rules)[1]
        except ParseTimeout as e:
            log.warning("form_not_read", why=str(e))
            return None

    def stop(self) -> None:
        with self._lock:
            self._reader.stop()

    def _start(self) -> None:
        with self._lock:
            try:
                self._reader.start()
            except ParseTimeout as e:
                log.warning("panel_reader_not_started", why=str(e))


def panel_site(house: House, read: Read, hint: Callable[[int], None]) -> PanelSite:
    """The pages of this installation. Raises SettingError for token keys that cannot be used."""
    s, directory = house.settings, house.directory
    secure = s.public_url.startswith("https://")
    settings = PanelSettings(
        provider=s.provider_name,
        public_url=s.public_url,
        secure=secure,
        token_keys=parse_keys(s.panel_token_keys),
        token_audience=s.panel_token_audience or s.public_url.rstrip("/") + "/panel",
        link_days=s.panel_link_days,
    )
    return PanelSite(
        store=house.store,
        clock=house.clock,
        gate=Gate(house.store, house.clock, directory.get, public_url=s.public_url, secure=secure),
        pages=templates(s.provider_name),
        filing=house.filing,
        life=house.life,
        directory=directory.get,
        read=read,
        settings=settings,
        hint=hint,
    )


def tend_panel(house: House, directory: Callable[[], Directory]) -> Iterable[int]:
    """Sign-in mails whose page went away before they were written; and what is over is forgotten."""
    now = house.clock()
    tidy(house.store, now)
    return send_links(house.store, directory(), house.life, now)
