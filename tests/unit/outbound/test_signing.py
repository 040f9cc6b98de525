"""DKIM signatures checked by dkimpy's verifier over a DNS of our own."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from models.errors import SettingError
from models.tables import Outbox
from outbound.compose import ComposeSettings, compose
from outbound.render import Rendered
from outbound.signing import Sign, signer

NOW = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def dns(name: bytes, timeout: int = 5) -> bytes | None:
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(PUBLIC)
    return record if name == b"mail2026._domainkey.interspace.example." else None


@pytest.fixture
def sign(tmp_path: Path) -> Sign:
    pem = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    (tmp_path / "dkim.pem").write_bytes(pem)
    return signer(domain="interspace.example", selector="mail2026", key_file=str(tmp_path / "dkim.pem"))


def mail(sign: Sign) -> bytes:
    row = Outbox(
        id=7,
        ticket_id="INC-2026-000128",
        event="ticket-opened",
        dedupe_key="k",
        message_id="<inc-2026-000128.abc@interspace.example>",
        in_reply_to="<a@c.example>",
        references="<a@c.example>",
        to_address="anna@customer.example",
        envelope_from="bounce+x@interspace.example",
        created_at=NOW,
        due_at=NOW,
    )
    words = Rendered("Störung: opened", "Hello,\n.\nüber  \n", "<p>Hello, über</p>\n")
    return compose(row, ComposeSettings("support@interspace.example", "Interspace", sign=sign), words, date=NOW)


def test_a_signed_mail_is_verified(sign: Sign) -> None:
    raw = mail(sign)
    assert raw.startswith(b"DKIM-Signature: ")
    assert b"d=interspace.example" in raw
    assert dkim.verify(raw, dnsfunc=dns)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"Hello", b"Hallo"), (b"\r\nSubject:", b"\r\nSubject: other\r\nSubject:"), (b"anna@", b"eva@"), (b"<a@c", b"<b@c")],
)
def test_a_changed_mail_is_not(sign: Sign, old: bytes, new: bytes) -> None:
    assert not dkim.verify(mail(sign).replace(old, new), dnsfunc=dns)  # type: ignore[no-untyped-call]


def test_a_key_or_name_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("no key")
    for domain, selector, file, named in (
        ("x.example", "s", "bad.pem", "INTAKE_DKIM_KEY_FILE"),
        ("x.example", "s", "none.pem", "INTAKE_DKIM_KEY_FILE"),
        ("x example", "s", "bad.pem", "INTAKE_DKIM_DOMAIN"),
        ("x.example", "s;", "bad.pem", "INTAKE_DKIM_SELECTOR"),
    ):
        with pytest.raises(SettingError, match=named):
            signer(domain=domain, selector=selector, key_file=str(tmp_path / file))
