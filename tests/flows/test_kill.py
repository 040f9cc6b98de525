"""SIGKILL to the whole process tree between accept and answer, ten times: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import smtplib
import time
from email.message import EmailMessage
from pathlib import Path

from tests.running import Running

ROUNDS = 10
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


def pour(running: Running, first: int, acknowledged: list[str], most: int) -> int:
    """Sends mails until the server dies or `most` were tried; notes those that got their 250."""
    number = first
    try:
        with smtplib.SMTP("127.0.0.1", running.smtp, timeout=20) as smtp:
            while number < first + most:
                message = fault(number)
                number += 1
                smtp.send_message(message, to_addrs=[NOC])
                acknowledged.append(str(message["Message-ID"]))
    except (OSError, smtplib.SMTPException):
        pass
    return number


def test_ten_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    running = Running(tmp_path, f"sqlite:///{tmp_path}/intake.db")
    running.import_directory()
    rng = random.Random(20260101)
    acknowledged: list[str] = []
    number = 0
    for _ in range(ROUNDS):
        running.start()
        number = pour(running, number, acknowledged, rng.randint(5, 25))
        time.sleep(rng.uniform(0.0, 0.5))
        running.kill()
    running.start()
    contacts = running.settled(len(acknowledged))
    outbox, tickets = running.rows("outbox"), running.rows("tickets")
    running.stop()
    by_id = {c["message_id"]: c for c in contacts}
    assert len(acknowledged) > ROUNDS
    assert len(by_id) == len(contacts), "a mail was stored twice"
    assert set(acknowledged) <= set(by_id), "an acknowledged mail is lost"
    assert all(c["state"] == "filed" and c["ticket"] for c in contacts)
    assert sorted(o["contact"] for o in outbox) == sorted(c["id"] for c in contacts), "not one answer each"
    assert len({t["id"] for t in tickets}) == len(tickets) == len(contacts), "not one ticket per distinct fault"
    on_wire: dict[str, set[str]] = {}
    for mail in running.answers():
        on_wire.setdefault(str(mail["Subject"]), set()).add(str(mail["Message-ID"]))
    assert all(len(ids) == 1 for ids in on_wire.values()), "a repeat went out under another Message-ID"
    sent = {o["message_id"] for o in outbox if o["state"] == "sent"}
    assert sent <= {i for ids in on_wire.values() for i in ids}
