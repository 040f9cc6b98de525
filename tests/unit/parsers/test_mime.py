from __future__ import annotations

import base64
import random

import pytest

from models.words import Action, ZoneKind
from parsers import open_mail, own_lines, read_mail

HEAD = b"From: Ann <ann@northmill.example>\r\nSubject: line\r\nDate: Tue, 10 Mar 2026 12:00:00 +0000\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\nLX-0040712 down",
        HEAD + b"Content-Type: text/plain; charset=x-nonsense\r\n\r\nLX-0040712 down",
        HEAD + b"Content-Type: text/plain; charset=idna\r\n\r\nLX-0040712 down",
        HEAD + b"Content-Type: multipart/mixed\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nLX-0040712 down\r\n--b--",
        HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(b"LX-0040712 down"),
        HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nLX-0040712 down, it says base64 but is not",
        HEAD + b"Content-Type: text/html\r\n\r\n<table><tr><td>LX-0040712</td><td>down</td></tr></table>",
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 5000 + b"LX-0040712 down",
        b"\xef\xbb\xbfFrom x Tue Mar 10\n" + HEAD + b"\r\nLX-0040712 down",
    ],
)
def test_the_text_survives(raw, directory):
    reading = read_mail(raw, directory=directory)
    assert reading.service_ids == ("LX-0040712",)
    assert not any("failed" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nAAAA", "winmail"),
        (b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nAAAA", "S/MIME"),
        (b"Content-Type: text/plain\r\n\r\n-----BEGIN PGP MESSAGE-----\r\nxx", "PGP"),
        (b"Content-Type: text/plain\r\n\r\n", "no text"),
    ],
)
def test_what_cannot_be_read_is_named(head, word):
    assert word in " ".join(open_mail(HEAD + head).unreadable)


def test_forwarded_message_is_read(directory):
    inner = b"From: b@x.example\r\nSubject: slow\r\n\r\nLX-0040713 is slow\r\n"
    raw = (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\nplease see attached\r\n--q\r\nContent-Type: message/rfc822\r\n\r\n"
        + inner
        + b"--q--"
    )
    reading = read_mail(raw, directory=directory)
    assert reading.service_ids == ("LX-0040713",)
    assert any(z.kind is ZoneKind.FORWARDED for z in reading.zones)


def test_inline_answers_are_new_text(directory):
    raw = HEAD + b"\r\n> 1. Service ID:\r\n\r\nLX-0040712\r\n\r\n> 2. What is not working?\r\n\r\nno internet at all\r\n"
    reading = read_mail(raw, directory=directory)
    assert "LX-0040712" in own_lines(reading.text, reading.zones)
    assert reading.service_ids == ("LX-0040712",)


@pytest.mark.parametrize(
    "header", [b"Auto-Submitted: auto-replied", b"List-Id: <x.example>", b"Content-Type: multipart/report; boundary=x"]
)
def test_machines_get_no_answer(directory, header):
    raw = HEAD.replace(b"northmill", b"elsewhere") + header + b"\r\n\r\nhello there, I am away until Monday"
    reading = read_mail(raw, directory=directory)
    assert reading.action is Action.NONE
    assert reading.missing == ()


def test_no_bytes_make_it_raise(directory):
    rng = random.Random(7)
    base = HEAD + b"Content-Type: multipart/alternative; boundary=q\r\n\r\n--q\r\n\r\nLX-0040712 down since 9:00\r\n--q--"
    for _ in range(150):
        raw = bytearray(base)
        for _ in range(rng.randrange(1, 12)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        reading = read_mail(bytes(raw), directory=directory)
        assert all(0 <= a <= b <= len(reading.text) for f in reading.findings for a, b in f.spans)
    for raw2 in (b"", b"\x00" * 50, b"\r\n\r\n", bytes(range(256)) * 4):
        read_mail(raw2, directory=directory)
