"""SIGKILL at any moment to the listener, the workers, their readers and their delivery: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.flows.smarthost_helpers import FakeSmarthost
from tests.running import Running
from tests.soak import either

MAILS = either(400, 3000)
TREE_KILLS = either(4, 30)
SINGLE_KILLS = either(26, 470)
NOC = "noc@halverlink.example"


def fault(number: int) -> EmailMessage:
    """A complete report on a service that no other of these mails names."""
    message = EmailMessage()
    message["From"], message["To"] = "noc@savaport.example", NOC
    message["Subject"] = f"IPT-{700000 + number} down"
    message["Message-ID"] = f"<fault-{number}@savaport.example>"
    message.set_content(f"Service ID: IPT-{700000 + number}\nStart time: today 00:01 UTC\nImpact: service affecting\n"
                        "Description: no traffic passes the line\n")  # fmt: skip
    return message


def of_a_customer_of_its_own(number: int) -> EmailMessage:
    """The same from another customer each time, so that no cap and no digest has a say."""
    message = fault(number)
    message.replace_header("From", f"noc@firm{number}.example")
    return message


def directory() -> dict[str, object]:
    customers = [{"id": f"K{n}", "name": f"Firm {n}", "domains": [f"firm{n}.example"]} for n in range(MAILS)]
    return {"customers": customers, "services": [{"id": f"IPT-{700000 + n}", "customer": f"K{n}"} for n in range(MAILS)]}


class Sender(threading.Thread):
    """Hands in every mail until it has its 250, as an MTA does, at an even pace over the test."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.acknowledged, self.ended = port, 0, False

    def run(self) -> None:
        while self.acknowledged < MAILS:
            try:
                with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as smtp:
                    while self.acknowledged < MAILS:
                        message = of_a_customer_of_its_own(self.acknowledged)
                        smtp.send_message(message, to_addrs=[NOC])
                        self.acknowledged += 1
                        time.sleep(0 if self.ended else 0.05)
            except (OSError, smtplib.SMTPException):
                time.sleep(0.1)


@pytest.fixture
def smarthost() -> Iterator[FakeSmarthost]:
    server = FakeSmarthost()
    yield server
    server.close()


def children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *children(int(child))]
    except FileNotFoundError:
        pass
    return found


def kill_at_random(running: Running, rng: random.Random) -> None:
    """The whole tree now and then, else one process below it: a worker, or a worker's reader."""
    plan = ["tree"] * TREE_KILLS + ["one"] * SINGLE_KILLS
    rng.shuffle(plan)
    for what in plan:
        time.sleep(rng.uniform(0.05, 0.8))
        if what == "tree":
            running.kill()
            running.start()
        elif below := children(running.pid):
            try:
                os.kill(rng.choice(below), signal.SIGKILL)
            except ProcessLookupError:
                continue


def test_kills_anywhere_lose_nothing_and_double_nothing(tmp_path: Path, smarthost: FakeSmarthost) -> None:
    running = Running(
        tmp_path, f"sqlite:///{tmp_path}/intake.db", {"INTAKE_SMARTHOST_URL": smarthost.url, "INTAKE_WORKERS": "2"}
    )
    (tmp_path / "directory.json").write_text(json.dumps(directory()))
    running.command("directory", "import", str(tmp_path / "directory.json"))
    running.start()
    sender = Sender(running.smtp)
    sender.start()
    kill_at_random(running, random.Random(20260101))
    sender.ended = True
    sender.join(either(120, 1200))
    assert sender.acknowledged == MAILS
    contacts = running.settled(MAILS)
    outbox, tickets = running.rows("outbox"), running.rows("tickets")
    running.stop()
    assert Counter(c["message_id"] for c in contacts) == Counter(f"<fault-{n}@savaport.example>" for n in range(MAILS))
    assert {c["state"] for c in contacts} == {"filed"}, [c["error"] for c in contacts if c["state"] != "filed"]
    assert sorted(o["contact"] for o in outbox) == sorted(c["id"] for c in contacts), "not one answer each"
    assert {o["state"] for o in outbox} == {"sent"}
    assert len({t["id"] for t in tickets}) == len(tickets) == MAILS, "not one ticket per distinct fault"
    on_wire = {str(message_from_bytes(raw)["Message-ID"]) for raw in smarthost.accepted}
    assert on_wire == {o["message_id"] for o in outbox}, "what was marked as sent was not, or the reverse"
    assert len(set(smarthost.accepted)) == MAILS, "a repeat went out with other bytes"
