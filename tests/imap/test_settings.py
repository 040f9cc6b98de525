"""INTAKE_IMAP_URLS: what is taken, and how a fault is named without the password."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.imap_envelope import fetched_mail
from intake.imap_settings import Encryption, parse_mailboxes
from intake.imap_wire import id_set
from models.clock import utc_now
from models.errors import SettingError
from tests.imap.fetching import OWN


def test_a_url_with_all_it_may_have() -> None:
    one, two = parse_mailboxes(
        "imaps://noc%40isp.example:p%20w@mail.example/INBOX?processed=keyword:$Done&max_mb=10&since=2026-01-02"
        " imap://noc@isp.example@localhost:1143/Support%20Mail?tls=none&password_file=/run/pw"
    )
    assert (one.name, one.port, one.keyword, one.move_to) == ("noc@isp.example@mail.example/INBOX", 993, "$Done", "")
    assert one.password is not None
    assert one.password.read() == "p w"
    assert (two.user, two.folder, two.encryption) == ("noc@isp.example", "Support Mail", Encryption.NONE)
    assert "p w" not in repr(one)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("imaps://u@h/INBOX", "has no password"),
        ("imap://u:p@mail.example/INBOX?tls=none", "none on loopback"),
        ("http://u:p@h/INBOX", "is not imaps://"),
        ("imaps://u:p@h/INBOX?folder=x", "there is no option folder"),
        ("imaps://u:p@h/INBOX?processed=delete", "is not move:FOLDER"),
        ("imaps://u:p@h/A%22%0d%0aZZ%20LOGOUT", "a character that no user or folder may have"),
        ("imaps://u:p@h/INBOX?since=yesterday", "since=yesterday"),
        ("imaps://u@h/?auth=xoauth2&provider=microsoft&client_id=c", "needs client_secret_file="),
        ("imaps://u@h/?auth=xoauth2&provider=google&grant=client_credentials", "google has refresh_token, service_account"),
        ("imaps://u@h/?auth=xoauth2&provider=google&key_file=k&token_url=http://x.example/", "must be https"),
        ("imaps://u:p@h/INBOX imaps://u:q@h/INBOX", "named twice"),
    ],
)
def test_a_fault_is_named(url: str, words: str) -> None:
    with pytest.raises(SettingError) as told:
        parse_mailboxes(url)
    assert words in str(told.value)
    assert ":p@" not in str(told.value)


def test_uids_as_a_set() -> None:
    assert id_set([7, 1, 2, 3, 5, 6]) == "1:3,5:7"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Delivered-To: support\r\nTo: noc@isp.example", ("noc@isp.example", ("noc@isp.example",))),
        (
            "To: noc@isp.example\r\nCc: Support <support@isp.example>",
            ("support@isp.example", ("noc@isp.example", "support@isp.example")),
        ),
        ("Delivered-To: bounce+t.ab12@isp.example\r\nTo: x@y.example", ("bounce@isp.example", ("bounce+t.ab12@isp.example",))),
        ("To: undisclosed-recipients:;", ("support@isp.example", ("support@isp.example",))),
    ],
)
def test_the_recipient_is_the_one_among_our_own(header: str, expected: tuple[str, tuple[str, ...]]) -> None:
    (box,) = parse_mailboxes("imaps://support%40isp.example:p@h/INBOX")
    taken = fetched_mail(f"{header}\r\n\r\nx".encode(), box, OWN, received_at=None, now=utc_now())
    assert (taken.mailbox, taken.envelope_to) == expected


def test_the_sender_is_the_return_path(tmp_path: Path) -> None:
    (box,) = parse_mailboxes("imaps://u:p@h/INBOX")
    for header, sender in (("Return-Path: <>\r\nFrom: a@b.example", ""), ("From: A <a@b.example>", "a@b.example")):
        mail = fetched_mail(f"{header}\r\n\r\nx".encode(), box, OWN, received_at=None, now=utc_now())
        assert mail.envelope_from == sender
