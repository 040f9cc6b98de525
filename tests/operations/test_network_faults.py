"""Three hosts and a standby: links are cut, slowed and healed, hosts killed, the database restarted and failed over.

Whatever happens: every mail that had its 250 has one ticket and one answer, and what goes out twice bears the same Message-ID.
"""

from __future__ import annotations

import json
import os
import signal
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller

from tests.flows.test_kill import of_a_customer_of_its_own
from tests.operations.network import Network, missing
from tests.running import ROOT
from tests.servers import PostgresCluster, free_port, postgres_missing
from tests.soak import either

MAILS = either(90, 1500)
ROUNDS = either(1, 12)
OWN = "noc@halverlink.example"
_PATIENCE_S = either(240.0, 1800.0)
_WHY_NOT = missing() or postgres_missing()
pytestmark = pytest.mark.skipif(bool(_WHY_NOT), reason=_WHY_NOT)


class _Sink:
    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        self.mails.append(bytes(envelope.content))  # type: ignore[attr-defined]
        return "250 ok"


class Database:
    """A primary and a streaming standby on hosts of their own."""

    def __init__(self, net: Network, path: Path) -> None:
        self._net, self._path = net, path
        self.primary, self.standby = net.host(), net.host()
        made = PostgresCluster(path / "one")
        made.path.parent.mkdir()
        self._bin, self._user = made._bin, made._as or str(os.getuid())
        os.chmod(path, 0o777)
        subprocess.run(["chown", self._user, str(path / "one")], check=True)
        self._do("initdb", "-D", self._data("one"), "-U", "intake", "-A", "trust", "-E", "UTF8", "--no-sync")
        for line in ("host all all 10.231.77.0/24 trust", "host replication all 10.231.77.0/24 trust"):
            with (path / "one/data/pg_hba.conf").open("a") as f:
                f.write(line + "\n")
        self._servers: dict[str, subprocess.Popen[bytes]] = {}
        self.start("one")
        self._until(lambda: self._answers(self.primary))
        with psycopg.connect(self._url(self.primary, "postgres"), autocommit=True) as c:
            c.execute("CREATE DATABASE intake")
        source = f"host={net.address(self.primary)} port=5432 user=intake"
        (path / "two").mkdir()
        os.chmod(path / "two", 0o777)
        self._do("pg_basebackup", "-D", self._data("two"), "-R", "-X", "stream", "-c", "fast", "-d", source)
        self.start("two")
        self._until(lambda: self._answers(self.standby))
        # A commit is only acknowledged when the standby has it: no fail-over loses what a customer was told.
        with psycopg.connect(self._url(self.primary, "postgres"), autocommit=True) as c:
            c.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            c.execute("SELECT pg_reload_conf()")
        hosts = f"{net.address(self.primary)}:5432,{net.address(self.standby)}:5432"
        self.url = f"postgresql://intake@{hosts}/intake?target_session_attrs=read-write&connect_timeout=3&tcp_user_timeout=5000"

    def start(self, which: str) -> None:
        host = self.primary if which == "one" else self.standby
        command = [str(self._bin / "postgres"), "-D", self._data(which), "-p", "5432", "-c", "unix_socket_directories="]
        command += ["-c", f"listen_addresses={self._net.address(host)}", "-c", "max_connections=100"]
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        self._servers[which] = self._net.run(host, command, env=env, log=self._path / f"{which}.log", user=self._user)

    def stop(self, which: str, how: signal.Signals) -> None:
        server = self._servers[which]
        if server.poll() is None:
            server.send_signal(how)
            server.wait(60)

    def fail_over(self) -> None:
        """The primary is gone for good, and the standby takes over."""
        self.stop("one", signal.SIGQUIT)
        with psycopg.connect(self._url(self.standby, "postgres"), autocommit=True) as c:
            c.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
            c.execute("SELECT pg_reload_conf()")
            c.execute("SELECT pg_promote()")

    def close(self) -> None:
        for which in self._servers:
            self.stop(which, signal.SIGQUIT)

    def _data(self, which: str) -> str:
        return str(self._path / which / "data")

    def _do(self, command: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / command), *arguments],
            user=self._user if not self._user.isdigit() else int(self._user),
            cwd=self._path,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr.decode()

    def _url(self, host: int, name: str) -> str:
        return f"postgresql://intake@{self._net.address(host)}:5432/{name}?connect_timeout=3"

    def _answers(self, host: int) -> bool:
        try:
            with psycopg.connect(self._url(host, "postgres")):
                return True
        except psycopg.OperationalError:
            return False

    @staticmethod
    def _until(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.2)


class Installation:
    """Two hosts, each with a listener, a worker and the clock, over one database; they can be killed and started again."""

    def __init__(self, net: Network, path: Path, database: str, smarthost: str) -> None:
        self.net, self.path = net, path
        self.hosts = [net.host(), net.host()]
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("INTAKE_")} | {
            "INTAKE_DATA_DIR": str(path / "data"),
            "INTAKE_DATABASE_URL": database,
            "INTAKE_MAIL_ADDRESSES": OWN,
            "INTAKE_SMARTHOST_URL": smarthost,
            "INTAKE_SECRET_KEY": "one key on all hosts",
            "INTAKE_WORKERS": "1",
            "INTAKE_MIN_FREE_MB": "50",
            "INTAKE_FLOOD_TICKETS": "100000",
        }
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, n: int) -> None:
        env = self.env | {"INTAKE_SMTP_LISTEN": f"{self.net.address(n)}:2525"}
        # Started again when it ends, as by systemd: it does not start while no database takes writes.
        serve = f"{sys.executable} -m app serve --only smtp,workers,clock"
        command = ["sh", "-c", f"while :; do {serve}; sleep 2; done"]
        env["PYTHONPATH"] = str(ROOT)
        self._running[n] = self.net.run(n, command, env=env, log=self.path / f"host{n}.log")

    def kill(self, n: int) -> None:
        """As a power cut of the host."""
        os.killpg(self._running[n].pid, signal.SIGKILL)
        self._running[n].wait()

    def rows(self, what: str) -> list[dict[str, str]]:
        done = subprocess.run(
            [sys.executable, "-m", "app", what, "list", "--json"], env=self.env, cwd=ROOT, capture_output=True, text=True
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    def log(self) -> str:
        return "\n".join(f.read_text(errors="replace")[-3000:] for f in sorted(self.path.glob("host*.log")))

    def close(self) -> None:
        for n, process in self._running.items():
            if process.poll() is None:
                self.kill(n)


class Sender(threading.Thread):
    """Hands in every mail until it has its 250, to whichever host answers, as an MTA with two MX records does."""

    def __init__(self, hosts: list[str]) -> None:
        super().__init__(daemon=True)
        self._hosts, self.done, self.hurry, self.trouble = hosts, 0, False, ""

    def run(self) -> None:
        tries = 0
        while self.done < MAILS:
            tries += 1
            try:
                with smtplib.SMTP(self._hosts[tries % len(self._hosts)], 2525, timeout=10) as smtp:
                    smtp.send_message(of_a_customer_of_its_own(self.done), to_addrs=[OWN])
                    self.done += 1
            except (OSError, smtplib.SMTPException) as e:
                self.trouble = str(e)
                time.sleep(0.2)
            time.sleep(0 if self.hurry else 0.15)


@pytest.fixture
def net() -> Iterator[Network]:
    made = Network()
    yield made
    made.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below pytest's own folder, which each run that begins closes to the servers' user."""
    with tempfile.TemporaryDirectory(prefix="intake-net-", ignore_cleanup_errors=True) as made:
        yield Path(made)


def test_cuts_kills_and_a_fail_over_lose_nothing_and_double_nothing(net: Network, folder: Path) -> None:
    tmp_path = folder
    sink, port = _Sink(), free_port()
    controller = Controller(sink, hostname="10.231.77.254", port=port)
    controller.start()
    database = Database(net, tmp_path)
    ours = Installation(net, tmp_path, database.url, f"smtp://10.231.77.254:{port}?tls=off")
    try:
        customers = [{"id": f"K{n}", "name": f"Firm {n}", "domains": [f"firm{n}.example"]} for n in range(MAILS)]
        services = [{"id": f"IPT-{700000 + n}", "customer": f"K{n}"} for n in range(MAILS)]
        (tmp_path / "directory.json").write_text(json.dumps({"customers": customers, "services": services}))
        load = [sys.executable, "-m", "app", "directory", "import", str(tmp_path / "directory.json")]
        subprocess.run(load, env=ours.env, cwd=ROOT, check=True, capture_output=True)
        for n in ours.hosts:
            ours.start(n)
        sender = Sender([net.address(n) for n in ours.hosts])
        sender.start()
        _trouble(net, database, ours)
        sender.hurry = True
        _settled(sender, ours)
        contacts, outbox, tickets = (ours.rows(what) for what in ("contacts", "outbox", "tickets"))
    finally:
        ours.close()
        database.close()
        controller.stop()
    assert Counter(c["message_id"] for c in contacts) == Counter(f"<fault-{n}@savaport.example>" for n in range(MAILS))
    assert {c["state"] for c in contacts} == {"filed"}
    assert len({t["id"] for t in tickets}) == len(tickets) == MAILS
    assert Counter(o["contact"] for o in outbox) == Counter(c["id"] for c in contacts), "not one answer each"
    on_wire = Counter(str(message_from_bytes(raw)["Message-ID"]) for raw in sink.mails)
    assert set(on_wire) == {o["message_id"] for o in outbox}
    assert len(set(sink.mails)) == MAILS, "what went out twice was not the same mail"


def _trouble(net: Network, database: Database, ours: Installation) -> None:
    one, two = ours.hosts
    time.sleep(8)
    for _ in range(ROUNDS):
        net.cut(one)
        time.sleep(6)
        net.heal(one)
        if net.delay(two, 150):
            time.sleep(4)
            net.delay(two, 0)
        else:
            net.flap(two, 4)
        ours.kill(two)
        time.sleep(3)
        ours.start(two)
        database.stop("one", signal.SIGINT)
        time.sleep(2)
        database.start("one")
        time.sleep(6)
    net.cut(database.standby)
    time.sleep(3)
    net.heal(database.standby)
    time.sleep(3)
    database.fail_over()
    ours.kill(one)
    time.sleep(2)
    ours.start(one)


def _settled(sender: Sender, ours: Installation) -> None:
    end = time.monotonic() + _PATIENCE_S
    states = ""
    while True:
        if sender.done == MAILS:
            contacts, outbox = ours.rows("contacts"), ours.rows("outbox")
            filed = len(contacts) == MAILS and all(c["state"] != "received" for c in contacts)
            if filed and len(outbox) >= MAILS and all(o["state"] == "sent" for o in outbox):
                return
            states = f"contacts {Counter(c['state'] for c in contacts)}, outbox {Counter(o['state'] for o in outbox)}"
        told = f"{sender.done} of {MAILS} handed in, {sender.trouble}; {states}"
        assert time.monotonic() < end, f"{told}\n{ours.log()}"
        time.sleep(2)
