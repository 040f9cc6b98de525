"""A whole site over real HTTP: all that is served, over a database with the open corpus' directory and a user of each role."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from app.house import House
from app.settings import Settings
from app.web import build_site
from console.auth import create_user
from models.clock import utc_now
from models.directory_file import load_directory
from models.directory_store import import_directory
from models.token_store import create_token
from models.words import Role
from tests.running import CORPUS
from tests.servers import free_port

PASSWORD = "a right password"


class WholeSite:
    """`ahead` turns the clock; `client` gives a browser, signed in where a role is named."""

    def __init__(self, path: Path, **settings: Any) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        given = {
            "data_dir": path,
            "mail_addresses": "noc@halverlink.example",
            "public_url": self.url,
            "provider_name": "Halverlink",
        }
        self.ahead = timedelta()
        self.house = House(Settings(**{**given, **settings}), clock=self.now)
        import_directory(self.house.store, load_directory(CORPUS / "directory.json"), replace=False)
        with self.house.store.write() as session:
            for role in Role:
                create_user(session, role.value, role.value, PASSWORD)
        self.app: FastAPI = build_site(self.house, None)
        # Lists that refresh themselves end at once, so that a walk over all routes comes to its end.
        self.app.state.closing.set()
        config = uvicorn.Config(self.app, host="127.0.0.1", port=self.port, log_level="critical", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            threading.Event().wait(0.02)

    def now(self) -> datetime:
        return utc_now() + self.ahead

    @contextmanager
    def client(self, role: str = "", *, headers: dict[str, str] | None = None) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, headers=headers, timeout=120) as client:
            if role:
                answer = client.post("/login", data={"name": role, "password": PASSWORD})
                assert answer.status_code == 303, answer.text
            yield client

    def token(self, *scopes: str, customer: str = "", name: str = "", per_minute: int = 0, owner: str = "") -> dict[str, str]:
        """The header of a new token with these scopes."""
        with self.house.store.write() as session:
            made = create_token(
                session, name or f"t{self.now().timestamp()}".replace(".", "-"), scopes, days=10, now=self.now(),
                actor="test", customer=customer, per_minute=per_minute, owner=owner,
            )  # fmt: skip
        return {"Authorization": f"Bearer {made.secret}"}

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self.app.state.api_reader.close()
        self.house.store.close()


def csrf_of(page: str) -> str:
    """The token in the forms of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page[:500]
    return found[1]
