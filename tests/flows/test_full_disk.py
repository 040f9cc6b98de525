"""A disk that fills up: what is acknowledged is kept, the rest is refused for now, and all is well when there is room again."""

from __future__ import annotations

import os
import smtplib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.test_kill import NOC, fault
from tests.running import Running
from tests.soak import either

MAILS = either(150, 1000)
_ROOM = "size=9m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own of 9 MB."""
    if os.getuid() != 0:
        pytest.skip("only root can mount a small disk")
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", _ROOM, "none", str(path)], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


def test_a_full_disk_refuses_for_now_and_loses_nothing(small_disk: Path) -> None:
    running = Running(small_disk, f"sqlite:///{small_disk}/data/intake.db", {"INTAKE_MIN_FREE_MB": "0"})
    running.import_directory()
    running.start()
    try:
        _fill(running, small_disk)
    finally:
        running.stop()


def _fill(running: Running, small_disk: Path) -> None:
    acknowledged, refused = [], []
    for number in range(MAILS):
        message = fault(number)
        message.add_attachment(bytes(100_000), maintype="application", subtype="octet-stream", filename="trace.pcap")
        try:
            with smtplib.SMTP("127.0.0.1", running.smtp, timeout=60) as smtp:
                smtp.send_message(message, to_addrs=[NOC])
            acknowledged.append(str(message["Message-ID"]))
        except smtplib.SMTPResponseException as e:
            refused.append(e.smtp_code)
        except smtplib.SMTPRecipientsRefused as e:
            refused += [code for code, _ in e.recipients.values()]
    assert acknowledged
    assert refused, "the disk never filled up"
    assert all(400 <= code < 500 for code in refused), set(refused)
    subprocess.run(["mount", "-o", "remount,size=300m", str(small_disk)], check=True)
    contacts = running.settled(len(acknowledged))
    outbox = running.rows("outbox")
    assert set(acknowledged) <= {c["message_id"] for c in contacts}
    assert len({c["message_id"] for c in contacts}) == len(contacts)
    assert all(c["ticket"] for c in contacts)
    assert sorted(o["contact"] for o in outbox) == sorted(c["id"] for c in contacts)
