"""The application of a call test behind a real socket, and a signed-in visitor of its console."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from console.auth import create_user
from tests.calls.phone import Phone
from tests.servers import free_port

PASSWORD = "three-rivers-meet"


@contextmanager
def served(path: Path, **settings: Any) -> Iterator[Phone]:
    """A phone installation whose web server listens on loopback, as its settings say."""
    port = free_port()
    phone = Phone(path, http_listen=f"127.0.0.1:{port}", **settings)
    server = uvicorn.Server(uvicorn.Config(phone.app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield phone
    finally:
        phone.app.state.closing.set()
        server.should_exit = True
        thread.join(60)
        phone.close()


@contextmanager
def visitor(phone: Phone, role: str = "agent") -> Iterator[httpx.Client]:
    """A browser without JavaScript, signed in."""
    with phone.house.store.write() as session:
        create_user(session, role, role, PASSWORD)
    with httpx.Client(base_url=f"http://{phone.settings.http_listen}", follow_redirects=True, timeout=60) as client:
        answer = client.post("/login", data={"name": role, "password": PASSWORD}, follow_redirects=False)
        # The public address is https, so a client would keep this cookie from the plain socket behind the proxy.
        name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
        client.cookies.clear()
        client.cookies.set(name, value)
        assert client.get("/").status_code == 200
        yield client


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page[:500]
    return found[1]


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page[:2000]
    return found[1]


def until(condition: Any, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.05)
