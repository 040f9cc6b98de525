"""Lists that keep themselves fresh: server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response, StreamingResponse

from console import queries, review_queue
from console.auth import SignedIn
from console.guard import EVERYBODY
from console.site import Site

_STREAM_EVERY_S = 1.0
_HEARTBEAT_EVERY = 15


def add_live(app: FastAPI, site: Site) -> None:
    @app.get("/stream")
    async def stream(request: Request, who: SignedIn = Depends(site.guard.may(EVERYBODY))) -> Response:
        return StreamingResponse(_changes(site, request), media_type="text/event-stream")


async def _changes(site: Site, request: Request) -> AsyncIterator[str]:
    """An event `change` whenever the lists would look different; ends with the session."""

    def look() -> str:
        with site.store.read() as session:
            return queries.mark(session) + review_queue.mark(session, site.clock())

    seen = await asyncio.to_thread(look)
    yield "retry: 2000\n\n"
    beat = 0
    while not (request.app.state.closing.is_set() or await request.is_disconnected()):
        await asyncio.sleep(_STREAM_EVERY_S)
        now = await asyncio.to_thread(look)
        beat += 1
        if now != seen:
            seen = now
            yield "event: change\ndata: lists\n\n"
        elif beat % _HEARTBEAT_EVERY == 0:
            if await asyncio.to_thread(site.guard.who, request) is None:
                return
            yield ": still here\n\n"
