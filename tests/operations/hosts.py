"""Worker hosts over one PostgreSQL: processes with a host name and a data folder of their own, started, stopped and killed."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
import threading
import time
from collections import Counter
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

from models.store import Store, ensure_schema
from tests.running import ROOT, Running

_NAMED = 'hostname "$0" && exec "$@"'
NOC = "noc@halverlink.example"


def missing() -> str:
    """Why processes cannot have a host name of their own here, or an empty string."""
    probe = ["unshare", "--uts", "sh", "-c", _NAMED, "host-x", "true"]
    try:
        done = subprocess.run(probe, capture_output=True, text=True)
    except OSError as e:
        return f"unshare (util-linux) is not to be had: {e}"
    return f"no host name of one's own here: {done.stderr.strip()}" if done.returncode else ""


class Host:
    """One `intake worker` on a host of its own name, so that the others cannot see whether its processes live."""

    def __init__(self, name: str, site: Running, *, parts: str = "") -> None:
        self.name, self._site, self._parts = name, site, parts
        self._path = site.data.parent
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        env = self._site.env | {"INTAKE_DATA_DIR": str(self._path / self.name), "PYTHONPATH": str(ROOT)}
        what = ["serve", "--only", self._parts] if self._parts else ["worker"]
        command = ["unshare", "--uts", "sh", "-c", _NAMED, self.name, sys.executable, "-m", "app", *what]
        with (self._path / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)

    def signal(self, which: signal.Signals) -> None:
        """To the whole group: the worker and its reader."""
        assert self._process
        os.killpg(self._process.pid, which)

    def kill(self) -> None:
        """As a power cut of the host."""
        self.signal(signal.SIGKILL)
        self.wait()

    def stop(self) -> int:
        """In order, as `systemctl stop` does; gives the exit code."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        assert self._process
        return self._process.wait(60)

    def end(self) -> None:
        """Whatever became of it, nothing of it is left."""
        if self._process and self._process.poll() is None:
            self.kill()

    def log(self) -> str:
        file = self._path / f"{self.name}.log"
        return file.read_text(errors="replace") if file.exists() else ""


class Customers(threading.Thread):
    """Hand in reports, each until it has its 250, as an MTA does."""

    def __init__(self, port: int, mails: list[EmailMessage], pause: float = 0.05) -> None:
        super().__init__(daemon=True)
        self._port, self._mails, self.pause = port, mails, pause
        self.acknowledged = 0

    def run(self) -> None:
        while self.acknowledged < len(self._mails):
            try:
                with smtplib.SMTP("127.0.0.1", self._port, timeout=30) as smtp:
                    while self.acknowledged < len(self._mails):
                        smtp.send_message(self._mails[self.acknowledged], to_addrs=[NOC])
                        self.acknowledged += 1
                        time.sleep(self.pause)
            except (OSError, smtplib.SMTPException):
                time.sleep(0.1)


def site_over(path: Path, database_url: str, **extra: str) -> Running:
    """An installation of several hosts: one key, one database, each host its own folder. Nothing of it runs yet."""
    site = Running(path, database_url, {"INTAKE_SECRET_KEY": "one key on all hosts", **extra})
    site.data.mkdir(parents=True, exist_ok=True)
    store = Store(database_url)
    ensure_schema(store)
    store.close()
    return site


def once_each(site: Running, mails: list[EmailMessage], on_wire: list[bytes]) -> None:
    """Each mail is filed once, has one ticket and one answer, and what went out twice was the same mail."""
    contacts, outbox, tickets = (site.rows(what) for what in ("contacts", "outbox", "tickets"))
    assert Counter(c["message_id"] for c in contacts) == Counter(str(m["Message-ID"]) for m in mails)
    assert {c["state"] for c in contacts} == {"filed"}, [c["error"] for c in contacts if c["state"] != "filed"]
    assert len({t["id"] for t in tickets}) == len(tickets) == len(mails), "not one ticket per mail"
    assert Counter(c["ticket"] for c in contacts) == Counter(t["id"] for t in tickets)
    assert Counter(o["contact"] for o in outbox) == Counter(c["id"] for c in contacts), "not one answer each"
    assert {o["state"] for o in outbox} == {"sent"}
    assert {str(message_from_bytes(raw)["Message-ID"]) for raw in on_wire} == {o["message_id"] for o in outbox}
    assert len(set(on_wire)) == len(mails), "a repeat went out with other bytes"
