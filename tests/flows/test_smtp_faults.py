"""Faults at the SMTP listener: clients that vanish, an end while mail comes in, a full disk, STARTTLS, slow senders."""

from __future__ import annotations

import os
import signal
import smtplib
import socket
import sqlite3
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.smtp_helpers import MAIL, OWN, Running, Talk, running
from tests.running import Running as Installation

# What a client has said when it vanishes; each line is followed by waiting for its reply, the last is not.
POINTS: tuple[tuple[bytes, ...], ...] = (
    (),
    (b"EHLO client.example",),
    (b"EHLO client.example", b"MAIL FROM:<a@k.example>"),
    (b"EHLO client.example", b"MAIL FROM:<a@k.example>", b"RCPT TO:<support@isp.example>"),
    (b"EHLO client.example", b"MAIL FROM:<a@k.example>", b"RCPT TO:<support@isp.example>", b"DATA"),
    (b"EHLO client.example", b"MAIL FROM:<a@k.example>", b"RCPT TO:<support@isp.example>", b"DATA", MAIL[:40]),
    (b"EHLO client.example", b"MAIL FROM:<a@k.example>", b"RCPT TO:<support@isp.example>", b"DATA", MAIL),
    (b"EHLO client.example", b"MAIL FROM:<a@k.example>", b"RCPT TO:<support@isp.example>", b"DATA", MAIL + b"."),
)


@pytest.mark.parametrize("said", POINTS, ids=range(8))
@pytest.mark.parametrize("reset", [True, False], ids=["reset", "closed"])
def test_a_client_that_vanishes_leaves_a_whole_mail_or_none(tmp_path: Path, said: tuple[bytes, ...], reset: bool) -> None:
    with running(tmp_path) as server:
        with Talk(server.port) as talk:
            for line in said[:-1]:
                talk.say(line)
            if said:
                talk.send(said[-1] + b"\r\n")
            if reset:
                talk.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        server.settle(lambda: not server.listener.sessions)
        assert [c.raw for c in server.contacts()] in ([], [MAIL])
        if len(said) < 5 or not said[-1].endswith(b"."):
            assert server.contacts() == []
        with Talk(server.port) as again:
            assert again.mail().startswith(b"250 2.0.0 ")
        assert [c.raw for c in server.contacts()] == [MAIL]


def test_sigterm_during_data_takes_that_mail_and_then_ends(tmp_path: Path) -> None:
    house = Installation(tmp_path, f"sqlite:///{tmp_path}/intake.db", {"INTAKE_WORKERS": "1"})
    house.start()
    with Talk(house.smtp) as talk:
        assert talk.begin_data(b"noc@halverlink.example").startswith(b"354")
        talk.send(MAIL)
        os.kill(house.pid, signal.SIGTERM)
        house.until(lambda: _refuses(house.smtp))
        assert talk.say(b".").startswith(b"250 2.0.0 ")
        assert talk.reply().startswith(b"421 4.3.2 ")
    house.stop()
    (contact,) = house.rows("contacts")
    assert contact["message_id"] == "<m1@kunde.example>"


def _refuses(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return False
    except ConnectionRefusedError:
        return True


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB, or a skip where we may not mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(disk)], capture_output=True).returncode:
        pytest.skip("a small disk can only be mounted as root")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_gives_451_and_what_was_acknowledged_is_there(small_disk: Path) -> None:
    acknowledged, refused = [], 0
    with running(small_disk) as server:
        with Talk(server.port) as talk:
            talk.say(b"EHLO client.example")
            for number in range(400):
                talk.say(b"MAIL FROM:<a@k.example>")
                if not talk.say(b"RCPT TO:<support@isp.example>").startswith(b"250"):
                    break
                talk.say(b"DATA")
                talk.send(MAIL.replace(b"<m1@", b"<m%d@" % number) + b"x" * 8000 + b"\r\n")
                reply = talk.say(b".")
                if reply.startswith(b"250 2.0.0"):
                    acknowledged.append(f"<m{number}@kunde.example>")
                else:
                    assert reply.startswith(b"451 4.3.0"), reply
                    refused += 1
                    if refused == 20:
                        break
        stored = [c.message_id for c in server.contacts()]
    assert refused == 20
    assert len(acknowledged) > 10
    assert stored == acknowledged
    with sqlite3.connect(f"file:{small_disk}/intake.db?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def _certificate(folder: Path, name: str) -> str:
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 3 -subj /CN={name} -addext subjectAltName=DNS:{name}"
    one, two = folder / f"{name}.key", folder / f"{name}.crt"
    subprocess.run([*command.split(), "-keyout", str(one), "-out", str(two)], check=True, capture_output=True)
    return one.read_text() + two.read_text()


def _peer_name(port: int) -> bytes:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        context = ssl._create_unverified_context()
        client.starttls(context=context)
        assert isinstance(client.sock, ssl.SSLSocket)
        presented = client.sock.getpeercert(binary_form=True)
        client.sendmail("anna@kunde.example", [OWN], MAIL)
    assert presented
    return presented


def test_starttls_is_offered_and_a_renewed_certificate_used_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "tls.pem"
    file.write_text(_certificate(tmp_path, "one.example"))
    with running(tmp_path, tls_cert=str(file)) as server:
        assert b"one.example" in _peer_name(server.port)
        file.write_text("half a certificate")
        assert b"one.example" in _peer_name(server.port)
        file.write_text(_certificate(tmp_path, "two.example"))
        assert b"two.example" in _peer_name(server.port)
        assert [c.repeats for c in server.contacts()] == [2]


def test_what_is_said_before_starttls_is_not_taken_for_said_within(tmp_path: Path) -> None:
    file = tmp_path / "tls.pem"
    file.write_text(_certificate(tmp_path, "one.example"))
    with running(tmp_path, tls_cert=str(file)) as server, Talk(server.port) as talk:
        talk.say(b"EHLO client.example")
        talk.send(b"STARTTLS\r\nMAIL FROM:<a@k.example>\r\n")
        assert talk.reply().startswith(b"220")
        plain = ssl._create_unverified_context().wrap_socket(talk.socket)
        with plain, plain.makefile("rb") as replies:
            plain.sendall(b"EHLO client.example\r\n")
            while replies.readline()[3:4] == b"-":
                pass
            plain.sendall(b"RCPT TO:<support@isp.example>\r\n")
            assert replies.readline().startswith(b"503")


def test_a_mail_that_trickles_is_ended(tmp_path: Path) -> None:
    with running(tmp_path, data_grace=0.2, data_rate=1_000_000.0) as server, Talk(server.port) as talk:
        assert talk.begin_data().startswith(b"354")
        stop = threading.Event()

        def trickle() -> None:
            while not stop.wait(0.02):
                try:
                    talk.send(b"x\r\n")
                except OSError:
                    return

        thread = threading.Thread(target=trickle)
        thread.start()
        assert talk.reply()[:9] in (b"421 4.4.2", b"")
        stop.set()
        thread.join()
        server.settle(lambda: not server.listener.sessions)
        assert server.contacts() == []


def test_a_steady_mail_longer_than_the_timeout_is_taken(tmp_path: Path) -> None:
    pause = threading.Event()
    with running(tmp_path, timeout=0.6) as server, Talk(server.port) as talk:
        assert talk.begin_data().startswith(b"354")
        talk.send(MAIL)
        for _ in range(10):
            pause.wait(0.15)
            talk.send(b"more\r\n")
        assert talk.say(b".").startswith(b"250 2.0.0 ")
    assert isinstance(server, Running)
