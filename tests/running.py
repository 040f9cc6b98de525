"""A running `intake serve` for the flow tests, driven from outside like a customer does."""

from __future__ import annotations

import email
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import select

from app.checks import smtp_greets
from app.cli_lists import LISTS
from models.directory_file import load_directory
from models.directory_store import import_directory
from models.store import Store, ensure_schema
from models.tables import Outbox
from tests.servers import free_port

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "corpus" / "open"
_PATIENCE_S = 120.0


class Running:
    """One installation: its settings, its process, its data."""

    def __init__(self, path: Path, database_url: str, extra: Mapping[str, str] | None = None) -> None:
        self.data = path / "data"
        self.smtp, self.http = free_port(), free_port()
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("INTAKE_")} | {
            "INTAKE_DATA_DIR": str(self.data),
            "INTAKE_DATABASE_URL": database_url,
            "INTAKE_SMTP_LISTEN": f"127.0.0.1:{self.smtp}",
            "INTAKE_HTTP_LISTEN": f"127.0.0.1:{self.http}",
            "INTAKE_MAIL_ADDRESSES": "noc@halverlink.example",
            "INTAKE_PROVIDER_NAME": "Halverlink",
            "INTAKE_MIN_FREE_MB": "50",
            # Its start is most of what a test costs.
            "INTAKE_WORKERS": "1",
            # Loads come from one sender here; that many tickets of one sender get a digest elsewhere.
            "INTAKE_FLOOD_TICKETS": "100000",
            **(extra or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._not_ready = ""

    def command(self, *arguments: str, check: bool = True, text: str = "") -> subprocess.CompletedProcess[str]:
        """Runs `intake ...` with this installation's settings."""
        return subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            env=self.env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=check,
            input=text,
        )

    def import_directory(self) -> None:
        with self.store() as store:
            ensure_schema(store)
            import_directory(store, load_directory(CORPUS / "directory.json"))

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Its database, seen from outside."""
        # SQLite makes the file, not the folder.
        self.data.mkdir(parents=True, exist_ok=True)
        store = Store(self.env["INTAKE_DATABASE_URL"])
        try:
            yield store
        finally:
            store.close()

    def start(self, only: str = "") -> None:
        """Starts `intake serve`, or these parts of it, and waits until it answers."""
        self._process = self._begun("serve", *(("--only", only) if only else ()))
        try:
            self.until(self._answers if "http" in only or not only else lambda: smtp_greets(f"127.0.0.1:{self.smtp}")[0])
        except AssertionError:
            self.kill()
            raise

    @contextmanager
    def beside(self, *arguments: str) -> Iterator[None]:
        """Another process of ours beside it, such as a worker."""
        process = self._begun(*arguments)
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)

    def _begun(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.data.parent / "serve.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "app", *arguments],
                env=self.env,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def stop(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)

    def kill(self) -> None:
        """SIGKILL to the whole tree, as a power cut would."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def rows(self, what: str) -> list[dict[str, Any]]:
        """What `intake contacts list --json` and its like print, without a process for it."""
        with self.store() as store, store.read() as session:
            return [json.loads(json.dumps(row)) for row in LISTS[what](session)]

    def settled(self, contacts: int) -> list[dict[str, Any]]:
        """Waits until that many contacts are filed and every mail of ours that is due is sent; gives the contacts."""

        def done() -> bool:
            rows = self.rows("contacts")
            if sum(r["state"] != "received" for r in rows) < contacts:
                return False
            return all(r["state"] != "queued" or r["due_at"] > _now() for r in self.rows("outbox"))

        self.until(done)
        return self.rows("contacts")

    def answers(self) -> list[Message]:
        """The mails that went out, in the order in which they were put into the outbox."""
        mails = [email.message_from_bytes(f.read_bytes()) for f in (self.data / "outbox").glob("*.eml")]
        with self.store() as store, store.read() as session:
            place = {message_id: at or 0 for at, message_id in session.exec(select(Outbox.id, Outbox.message_id)).all()}
        return sorted(mails, key=lambda m: place.get(str(m["Message-ID"]).strip(), 0))

    def until(self, condition: Callable[[], bool]) -> None:
        """Polls a condition; the bound only ends a test that hangs."""
        end = time.monotonic() + _PATIENCE_S
        while not condition():
            assert time.monotonic() < end, f"still not: {condition}\n{self._not_ready}\n{self.log()}"
            time.sleep(0.05)

    def log(self) -> str:
        path = self.data.parent / "serve.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, self.log()
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.http}/readyz")
            self._not_ready = "" if answer.status_code == 200 else answer.text
            return not self._not_ready
        except httpx.HTTPError:
            return False


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
