"""The web server of `intake serve`."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from app.settings import host_port

_DATE_EVERY_S = 1.0


class WebServer(uvicorn.Server):
    """Wakes when it is told to end and once a second for the date of its answers; uvicorn's own looks ten times a second."""

    def __init__(self, app: FastAPI, address: str) -> None:
        host, port = host_port(address)
        super().__init__(uvicorn.Config(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=3))
        self._told = asyncio.Event()

    def end(self) -> None:
        """Called in its loop: takes no more requests, and finishes those under way."""
        self.should_exit = True
        self._told.set()

    async def main_loop(self) -> None:
        # Its round number 0 renews the date.
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), _DATE_EVERY_S)
