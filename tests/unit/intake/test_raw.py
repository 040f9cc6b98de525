"""What is told from the bytes of a mail: the key above all."""

from __future__ import annotations

import random

import pytest

from intake.raw import HEADER_BYTES, dedupe_key, glance

MAIL = b"Message-ID: <m1@k.example>\r\nFrom: Anna <Anna@K.example>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nSubject: down\r\n\r\nThe line.\r\n"
NAMELESS = b"From: alarm@k.example\r\nTo: a@isp.example\r\n\r\nLink down\r\n"


@pytest.mark.parametrize(
    "other",
    [
        b"Received: from a by b;\r\n\tMon, 23 Nov\r\nReturn-Path: <x@y>\r\n" + MAIL,
        b"DKIM-Signature: v=1; b=abc\r\nARC-Seal: i=1\r\nAuthentication-Results: mx; dkim=pass\r\n" + MAIL,
        MAIL.replace(b"\r\n", b"\n"),
        MAIL.replace(b"Subject: down", b"SUBJECT:\r\n  down"),
        b"From sender@x Mon Nov 23 10:00:00 2026\r\n" + MAIL,
        b"\xef\xbb\xbf" + MAIL,
        MAIL + b"\r\n",
    ],
)
def test_a_redelivery_keeps_the_key(other: bytes) -> None:
    assert dedupe_key(other) == dedupe_key(MAIL)


@pytest.mark.parametrize(
    "other",
    [MAIL.replace(b"m1", b"m2"), MAIL.replace(b"Anna <", b"Bea <"), MAIL.replace(b"10:00", b"10:01"), MAIL + b"x", MAIL[:-3]],
)
def test_another_mail_has_another_key(other: bytes) -> None:
    assert dedupe_key(other) != dedupe_key(MAIL)


def test_a_mail_without_id_is_known_by_all_its_fields() -> None:
    assert dedupe_key(NAMELESS) == dedupe_key(b"Received: x\r\n" + NAMELESS)
    assert dedupe_key(NAMELESS) != dedupe_key(NAMELESS.replace(b"To: a@", b"To: b@"))
    assert dedupe_key(b"Note: A is down\r\n") != dedupe_key(b"Note: B is down\r\n")
    assert dedupe_key(b"A is down\r\n") != dedupe_key(b"B is down\r\n")


def test_fields_cannot_be_shifted_into_each_other() -> None:
    assert dedupe_key(b"Message-ID: <a>\r\nFrom: b\r\n\r\n") != dedupe_key(b"Message-ID: <a>\r\nDate: b\r\n\r\n")


def test_short_strings_are_taken_from_the_header_only() -> None:
    seen = glance(MAIL + b"Subject: not this\r\n")
    assert (seen.message_id, seen.from_address, seen.subject) == ("<m1@k.example>", "anna@k.example", "down")
    seen = glance(b"From: x\x00y@k.example\r\nSubject: a\x00b\r\n\tc " + b"z" * 5000 + b"\r\n\r\n")
    assert seen.subject.startswith("a b c zz")
    assert len(seen.subject) == 998
    assert "\x00" not in seen.from_address
    assert glance(b"From: nobody\r\nSubject: L\xf6schen\r\n\r\n").subject == "Löschen"
    assert glance(b"From: nobody\r\n\r\n").from_address == ""


def test_what_lies_beyond_the_caps_still_counts() -> None:
    for head in (b"X: " + b"a" * HEADER_BYTES * 2 + b"\r\n", b"X: y\r\n" * 5000, b"a" * HEADER_BYTES * 2):
        assert dedupe_key(head + b"one") != dedupe_key(head + b"two")


def test_no_bytes_make_it_raise() -> None:
    chance = random.Random(7)
    pieces = [
        b"\r",
        b"\n",
        b"\r\n",
        b":",
        b" ",
        b"\x00",
        b"\xff",
        b"From",
        b"Message-ID",
        b"<",
        b">",
        b"@",
        b"a",
        b"\xef\xbb\xbf",
        b"From ",
    ]
    for _ in range(5000):
        raw = b"".join(chance.choices(pieces, k=chance.randrange(40)))
        assert len(dedupe_key(raw)) == 64
