"""A listener that runs in a thread of its own, and plain ways to talk to it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from sqlmodel import select

from intake.keep import Keeper
from intake.smtp import SmtpListener, SmtpSettings
from models.clock import utc_now
from models.store import Store, ensure_schema
from models.tables import Contact

OWN = "support@isp.example"
MAIL = (
    b"Message-ID: <m1@kunde.example>\r\nFrom: Anna <anna@kunde.example>\r\nTo: support@isp.example\r\n"
    b"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nSubject: LNK 77/1234 down\r\n\r\nThe line is down.\r\n"
)


class Running:
    """A keeper and a listener at work; `kept` lists the ids that were told."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.store = Store(f"sqlite:///{folder}/intake.db", busy_timeout_s=settings.pop("busy_timeout_s", 5.0))
        ensure_schema(self.store)
        self.kept: list[int] = []
        self.backlog: Callable[[], int] = lambda: 0
        self.keeper = Keeper(self.store, utc_now, self.kept.append)
        values: dict[str, Any] = {"own_addresses": (OWN, "noc@isp.example"), "bounce_address": "bounce@isp.example"}
        values |= {"host": "127.0.0.1", "port": 0, "data_dir": folder, "min_free_disk": 0} | settings
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()
        self.listener = SmtpListener(SmtpSettings(**values), self.keeper, utc_now, lambda: self.backlog())
        self.call(self.listener.start())

    @property
    def port(self) -> int:
        return self.listener.port

    def begin(self, coroutine: Any) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def call(self, coroutine: Any) -> Any:
        return self.begin(coroutine).result(30)

    def contacts(self) -> list[Contact]:
        with self.store.read() as session:
            return list(session.exec(select(Contact).order_by("id")))

    def settle(self, condition: Callable[[], bool]) -> None:
        """Lets the listener's loop turn until the condition holds."""
        pause = Event()
        for _ in range(2000):
            if condition():
                return
            pause.wait(0.005)
        raise AssertionError("the condition never came true")

    def close(self) -> None:
        self.call(self.listener.stop(grace=0.5))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.keeper.stop()
        self.store.close()


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Running]:
    server = Running(folder, **settings)
    try:
        yield server
    finally:
        server.close()


class Talk:
    """A raw conversation: what is sent is exactly what is given."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.file = self.socket.makefile("rb")
        self.greeting = self.reply()

    def __enter__(self) -> Talk:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reply(self) -> bytes:
        """The last line of one reply; nothing when the connection has ended."""
        line = b""
        try:
            while line := self.file.readline():
                if line[3:4] != b"-":
                    break
        except ConnectionError:
            return b""
        return line.rstrip(b"\r\n")

    def say(self, line: bytes) -> bytes:
        self.send(line + b"\r\n")
        return self.reply()

    def begin_data(self, rcpt: bytes = OWN.encode()) -> bytes:
        self.say(b"EHLO client.example")
        self.say(b"MAIL FROM:<anna@kunde.example>")
        self.say(b"RCPT TO:<" + rcpt + b">")
        return self.say(b"DATA")

    def mail(self, raw: bytes = MAIL) -> bytes:
        self.begin_data()
        self.send(raw)
        return self.say(b".")
