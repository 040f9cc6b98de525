"""Webhooks put together from the settings: a few threads in `serve` and in each worker that runs alone."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import structlog

from app.house import House
from app.liveness import process_name
from models.turns import write_in_bulk
from outbound.webhook_admin import renew_alarms
from outbound.webhook_secrets import Box
from outbound.webhook_sending import HookSender, parse_allowed
from outbound.webhooks import HookSettings, Parcel, deliver, forget_old, lease, spread, waits

log = structlog.get_logger("app.webhooks")
EVERY_S = 1.0
_THREADS = 4


def hook_settings(house: House) -> HookSettings:
    return HookSettings(house.settings.provider_name, house.settings.public_url, Box(house.tokens.key))


def hook_sender(house: House) -> HookSender:
    return HookSender(parse_allowed(house.settings.webhook_allow), ca_file=house.settings.smarthost_ca_file)


class Webhooks:
    """Rounds of a ticker: what is due is leased and given to threads, so that a slow receiver holds up no round."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._settings, self._sender = hook_settings(house), hook_sender(house)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="webhooks", initializer=write_in_bulk)
        self._busy: set[Future[None]] = set()
        self._owner = process_name() + "/hooks"

    def work(self) -> None:
        """One round; nothing is leased while all threads are busy."""
        self._busy = {f for f in self._busy if not f.done()}
        house = self._house
        if len(self._busy) >= _THREADS or not waits(house.store, house.clock()):
            return
        spread(house.store, self._settings, house.clock())
        for parcel in lease(house.store, self._settings, owner=self._owner, now=house.clock()):
            self._busy.add(self._threads.submit(self._deliver, parcel))

    def stop(self) -> None:
        """Waits for what is under way; what is not done is taken again when its lease is over."""
        wait(self._busy, timeout=15)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _deliver(self, parcel: Parcel) -> None:
        try:
            deliver(self._house.store, self._sender, parcel, self._house.clock)
        except Exception:  # the loop goes on: the lease ends, and the delivery is taken again
            log.exception("webhook_failed", delivery=parcel.delivery)


def tend_webhooks(house: House) -> Iterable[int]:
    """Alarms of endpoints that are off, and the log of a month ago."""
    with house.store.write() as session:
        renew_alarms(session, house.clock())
        forget_old(session, house.clock())
    return ()
