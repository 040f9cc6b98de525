"""Server-sent events: "change" whenever a page should be fetched again, and a heartbeat in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from console.auth import find_viewer
from console.guard import token_of
from console.house import House

POLL_S = 1.0
HEARTBEAT_S = 15.0
LONGEST_S = 3600.0
_SLICE_S = 0.1


async def stream(request: Request) -> Response:
    """Stays open until the browser leaves, the session ends, an hour has passed or the server stops."""
    return StreamingResponse(_events(request), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _events(request: Request) -> AsyncIterator[str]:
    house: House = request.app.state.house
    opened = beat = time.monotonic()
    last = await run_in_threadpool(house.changes.mark)
    yield f"retry: 3000\nevent: hello\ndata: {last}\n\n"
    while time.monotonic() - opened < LONGEST_S and await _rest(house):
        mark = await run_in_threadpool(house.changes.mark)
        if mark != last:
            last, beat = mark, time.monotonic()
            yield f"event: change\ndata: {mark}\n\n"
        elif time.monotonic() - beat > HEARTBEAT_S:
            beat = time.monotonic()
            if not await run_in_threadpool(_still_signed_in, request, house):
                yield "event: bye\ndata: signed out\n\n"
                return
            yield ": beat\n\n"


async def _rest(house: House) -> bool:
    """Waits one poll; False as soon as the server stops."""
    for _ in range(round(POLL_S / _SLICE_S)):
        if house.closing.is_set():
            return False
        await asyncio.sleep(_SLICE_S)
    return not house.closing.is_set()


def _still_signed_in(request: Request, house: House) -> bool:
    return find_viewer(house.store, house.clock, token_of(request), touch=False) is not None
