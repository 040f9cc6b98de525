"""HTTP at little cost to the generator of load: kept connections, one request at a time on each.

A client library takes as long for a request as the server does; with both on the same machine the figures would be its own.
"""

from __future__ import annotations

import asyncio
import re
import time

# The server closes connections that rest for 5 s.
REST_S = 3.0
_LENGTH = re.compile(r"content-length: (\d+)", re.IGNORECASE)


class Wire:
    """So many connections to one server. An answer must state its length."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter, float]] = asyncio.Queue()

    async def open(self, connections: int) -> None:
        for _ in range(connections):
            self._free.put_nowait((*await asyncio.open_connection(self._host, self._port), time.monotonic()))

    async def ask(self, head: str, body: bytes = b"") -> tuple[int, str, float]:
        """Sends request line and fields, each with its CRLF, and the body: status, text, seconds (none of waiting)."""
        reader, writer, used = await self._free.get()
        try:
            if time.monotonic() - used > REST_S:
                writer.close()
                reader, writer = await asyncio.open_connection(self._host, self._port)
            begin = time.perf_counter()
            writer.write(f"{head}Host: bench\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            top = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = _LENGTH.search(top)
            text = (await reader.readexactly(int(length[1]) if length else 0)).decode()
            return int(top.split(" ", 2)[1]), text, time.perf_counter() - begin
        finally:
            self._free.put_nowait((reader, writer, time.monotonic()))
