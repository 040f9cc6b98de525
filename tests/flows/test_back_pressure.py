"""More mail than the workers can do: the listener puts it off, keeps what it has taken, and takes again by itself."""

from __future__ import annotations

import smtplib
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import pytest

from tests.flows.test_kill import NOC, fault
from tests.running import Running

LIMIT = 5


@pytest.fixture
def crowded(tmp_path: Path, database_url: str) -> Iterator[Running]:
    """A listener without a worker, and with little room."""
    made = Running(tmp_path, database_url, {"INTAKE_MAX_BACKLOG": str(LIMIT)})
    made.import_directory()
    made.start(only="smtp")
    yield made
    made.stop()


def _handed_in(running: Running, message: EmailMessage) -> int:
    """The code that ends the try: 250, or that of the refusal."""
    try:
        with smtplib.SMTP("127.0.0.1", running.smtp, timeout=60) as smtp:
            smtp.send_message(message, to_addrs=[NOC])
        return 250
    except smtplib.SMTPSenderRefused as e:
        return e.smtp_code


def test_mail_above_the_limit_is_put_off_and_taken_again_when_a_worker_has_made_room(crowded: Running) -> None:
    taken: list[EmailMessage] = []
    mails = map(fault, count())
    while (code := _handed_in(crowded, mail := next(mails))) == 250:
        taken.append(mail)
    assert code == 452, "put off, not refused for good"
    assert _handed_in(crowded, mail) == 452, "and so is the next, as long as nobody works"
    assert len(taken) > LIMIT
    assert Counter(c["message_id"] for c in crowded.rows("contacts")) == Counter(str(m["Message-ID"]) for m in taken)
    with crowded.beside("worker"):
        crowded.until(lambda: _handed_in(crowded, mail) == 250)
        contacts = crowded.settled(len(taken) + 1)
    assert Counter(c["message_id"] for c in contacts) == Counter(str(m["Message-ID"]) for m in (*taken, mail))
    assert {c["state"] for c in contacts} == {"filed"}
    assert Counter(o["contact"] for o in crowded.rows("outbox")) == Counter(c["id"] for c in contacts)
