"""Postfix in front of the intake and behind it, with the configuration of the docs."""

from __future__ import annotations

import base64
import smtplib
from collections.abc import Iterator
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.flows.smarthost_helpers import FakeSmarthost
from tests.flows.test_kill import NOC, fault
from tests.postfix import Postfix, postfix_missing
from tests.running import Running

pytestmark = pytest.mark.skipif(bool(postfix_missing()), reason=postfix_missing())
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def dns(name: bytes, timeout: int = 5) -> bytes | None:
    known = name == b"mail2026._domainkey.halverlink.example."
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(PUBLIC) if known else None


@pytest.fixture
def world() -> Iterator[FakeSmarthost]:
    server = FakeSmarthost()
    yield server
    server.close()


@pytest.fixture
def house(tmp_path: Path) -> Running:
    pem = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    (tmp_path / "dkim.pem").write_bytes(pem)
    extra = {"INTAKE_DKIM_KEY_FILE": str(tmp_path / "dkim.pem"), "INTAKE_DKIM_SELECTOR": "mail2026"}
    made = Running(tmp_path, f"sqlite:///{tmp_path}/intake.db", extra)
    made.import_directory()
    return made


@pytest.fixture
def postfix(house: Running, world: FakeSmarthost) -> Iterator[Postfix]:
    made = Postfix(intake_port=house.smtp, relayhost_port=int(world.url.rpartition(":")[2]))
    made.start()
    house.env["INTAKE_SMARTHOST_URL"] = f"smtp://127.0.0.1:{made.port}"
    yield made
    made.stop()


def from_outside(postfix: Postfix) -> smtplib.SMTP:
    """A client that is not of `mynetworks`."""
    return smtplib.SMTP("127.0.0.1", postfix.port, "client.example", timeout=30, source_address=("127.0.0.2", 0))


def test_mail_comes_in_and_goes_out_through_postfix_and_waits_there_while_we_are_down(
    house: Running, world: FakeSmarthost, postfix: Postfix
) -> None:
    with from_outside(postfix) as smtp:
        smtp.ehlo()
        for wrong, code in (("nobody@halverlink.example", 550), ("anna@elsewhere.example", 554)):
            smtp.mail("noc@savaport.example")
            assert smtp.rcpt(wrong)[0] == code, wrong
            smtp.rset()
        smtp.mail("")
        assert smtp.rcpt("bounce+inc-2026-000128.0123456789abcdef@halverlink.example")[0] == 250
        smtp.rset()
        smtp.send_message(fault(1), to_addrs=[NOC])
    house.until(lambda: "status=deferred" in postfix.log())
    house.start()
    try:
        postfix.flush()
        house.settled(1)
        house.until(lambda: len(world.accepted) == 1)
        doctor = house.command("doctor", check=False).stdout
        contact, answer = house.rows("contacts")[0], world.accepted[0]
    finally:
        house.stop()
    assert contact["message_id"] == "<fault-1@savaport.example>"
    assert b"Received: " in answer
    assert dkim.verify(answer, dnsfunc=dns)  # type: ignore[no-untyped-call]
    assert f"ok  INTAKE_SMARTHOST_URL: 127.0.0.1:{postfix.port}: signed in and ready" in doctor
    assert "ok  INTAKE_DKIM_KEY_FILE: signs for halverlink.example; its record is mail2026._domainkey.halverlink" in doctor
