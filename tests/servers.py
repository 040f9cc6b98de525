"""Servers that the tests start themselves, on 127.0.0.1 only, and stop by pid."""

from __future__ import annotations

import gc
import os
import pwd
import shutil
import socket
import subprocess
import warnings
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import randrange


def end_kept_connections() -> None:
    """Ends the connections that Twilio's library keeps for good: here, and not in the middle of another test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives to clients; another one each time.

    Runs side by side begin at different places, so that none takes what the other is about to listen on.
    """
    for number in _PORTS:
        with socket.socket() as s, suppress(OSError):
            s.bind(("127.0.0.1", _LOWEST + number % _SPAN))
            return _LOWEST + number % _SPAN
    raise AssertionError("the ports never end")


_LOWEST, _SPAN = 10_000, 22_000
_PORTS = count(randrange(_SPAN))


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parent.parent.name))
    return found[-1].parent if found else None


def postgres_missing() -> str:
    """Why PostgreSQL cannot be run here, or an empty string."""
    return "" if _binaries() else "PostgreSQL is not installed: apt-get install postgresql"


class PostgresCluster:
    """A throw-away cluster; as root it runs as user postgres or nobody, because initdb refuses root."""

    def __init__(self, path: Path) -> None:
        self.path, self.port, self._count = path / "data", free_port(), 0
        binaries = _binaries()
        assert binaries
        self._bin = binaries
        self._as = self._other_user() if os.getuid() == 0 else None

    def start(self, also_at: str = "") -> None:
        """Listens on loopback, and at one more address for whoever reaches that."""
        if self._as:
            for p in (self.path.parent, self.path.parent.parent):
                os.chmod(p, 0o755)
            shutil.chown(self.path.parent, self._as)
        self._run("initdb", "-D", str(self.path), "-U", "intake", "-A", "trust", "-E", "UTF8", "--no-sync")
        if also_at:
            with (self.path / "pg_hba.conf").open("a") as f:
                f.write("host all all samenet trust\n")
        at = ",".join(filter(None, ("127.0.0.1", also_at)))
        options = f"-p {self.port} -c listen_addresses={at} -c unix_socket_directories= -c max_connections=200"
        self._run("pg_ctl", "-D", str(self.path), "-w", "-l", str(self.path.parent / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.path), "-w", "-m", "immediate", "stop")

    def new_database(self) -> str:
        import psycopg

        self._count += 1
        name = f"t{self._count}"
        with psycopg.connect(f"postgresql://intake@127.0.0.1:{self.port}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://intake@127.0.0.1:{self.port}/{name}"

    def _run(self, command: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / command), *arguments],
            user=self._as,
            cwd=self.path.parent,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if command == "initdb" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT if command == "initdb" else subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"{command}: {done.stdout!r}"

    @staticmethod
    def _other_user() -> str:
        users = {u.pw_name for u in pwd.getpwall()}
        return "postgres" if "postgres" in users else "nobody"
