"""The bytes of a mail: headers that cannot be broken, the thread, the marks of an automatic mail."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.tables import Outbox
from outbound.compose import ComposeError, ComposeSettings, compose
from outbound.headers import AddressError, one_line, references, safe_address
from outbound.render import Rendered

NOW = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)
SETTINGS = ComposeSettings("support@interspace.example", "Interspace", lambda message_id: "t-" + message_id[1:5])
WORDS = Rendered("[INC-2026-000128] Opened: Störung", "Hello,\n.\nüber\n", "<p>Hello, über</p>\n")


def row(**values: Any) -> Outbox:
    given: dict[str, Any] = {
        "id": 7,
        "ticket_id": "INC-2026-000128",
        "event": "ticket-opened",
        "dedupe_key": "k",
        "message_id": "<inc-2026-000128.abc@interspace.example>",
        "to_address": "anna@customer.example",
        "envelope_from": "bounce+x@interspace.example",
        "created_at": NOW,
        "due_at": NOW,
    }
    return Outbox(**(given | values))


def made(settings: ComposeSettings = SETTINGS, words: Rendered = WORDS, **values: Any) -> EmailMessage:
    message = message_from_bytes(compose(row(**values), settings, words, date=NOW), policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def test_the_headers_of_an_automatic_answer() -> None:
    message = made(in_reply_to="<b@c.example>", references="<a@c.example> <b@c.example>")
    assert message.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in message.iter_parts()] == ["text/plain", "text/html"]
    expected = {
        "From": "Interspace <support@interspace.example>",
        "To": "anna@customer.example",
        "Subject": "[INC-2026-000128] Opened: Störung",
        "Date": "Tue, 24 Nov 2026 03:15:00 +0000",
        "Message-ID": "<inc-2026-000128.abc@interspace.example>",
        "In-Reply-To": "<b@c.example>",
        "References": "<a@c.example> <b@c.example>",
        "Auto-Submitted": "auto-replied",
        "X-Auto-Response-Suppress": "All",
        "Precedence": "bulk",
        "X-Intake-Loop": "t-inc-",
    }
    assert {name: message[name] for name in expected} == expected
    assert not [name for name in message if name.startswith("List-")]


def test_a_mail_of_an_agent_is_not_marked_as_automatic() -> None:
    message = made(automatic=False)
    assert not {"Auto-Submitted", "X-Auto-Response-Suppress", "Precedence"} & set(message.keys())


def test_the_mail_is_seven_bit_with_crlf_and_short_lines() -> None:
    raw = compose(row(references=" ".join(f"<{'r' * 200}{n}@x.example>" for n in range(30))), SETTINGS, WORDS, date=NOW)
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 270


def test_long_message_ids_stay_whole_and_only_the_last_ten_are_kept() -> None:
    ids = [f"<{'r' * 180}{n}@x.example>" for n in range(12)]
    message = made(references=" ".join(ids), in_reply_to=ids[-1])
    assert str(message["References"]).split() == ids[-10:]
    assert message["In-Reply-To"] == ids[-1]


@pytest.mark.parametrize(
    "bad",
    ["no-brackets@x", "<a@b", "<a b@c>", "<@>", "<a@b>\r\nBcc: x@y.example", f"<{'x' * 250}@y>", "<ü@x.example>", "<a\x00@b>"],
)
def test_what_is_not_a_message_id_never_reaches_the_thread_headers(bad: str) -> None:
    message = made(in_reply_to=bad, references=f"<ok@x.example> {bad}")
    assert message["In-Reply-To"] is None
    assert "Bcc" not in message
    assert "<ok@x.example>" in str(message["References"])
    assert all(c.startswith("<") and c.endswith(">") for c in str(message["References"]).split())


def test_references_hold_the_answered_mail_once_and_last() -> None:
    assert references("<a@x> <b@x> <a@x>", "<a@x>") == ["<b@x>", "<a@x>"]
    assert references("", "") == []


BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x00", "\x1c"]


@pytest.mark.parametrize("line_break", BREAKS)
def test_no_value_can_start_a_header_of_its_own(line_break: str) -> None:
    evil = f"x{line_break}Bcc: victim@evil.example{line_break}{line_break}body"
    settings = ComposeSettings("support@interspace.example", evil, lambda _: evil)
    message = made(settings, Rendered(evil, "text\n", "<p>text</p>\n"), event=evil, ticket_id=evil)
    assert "Bcc" not in message
    assert set(map(str.lower, message.keys())) <= {
        *("from", "to", "subject", "date", "message-id", "references", "in-reply-to", "mime-version", "content-type"),
        *("auto-submitted", "x-auto-response-suppress", "precedence", "x-intake-loop", "x-intake-mail"),
    }


@pytest.mark.parametrize("line_break", BREAKS)
def test_one_line_is_one_line_and_stays_so(line_break: str) -> None:
    flat = one_line(f"a{line_break}b\u202eC e\u0301")
    assert flat == "a bC é"
    assert one_line(flat) == flat
    assert one_line("abc def", 4) == "abc"


GOOD = ["a@b.example", "first.last+tag@sub.b-c.example", "o'neil@x.example", "ü@münchen.example", "root@localhost"]
BAD = [
    *("", "a", "@b.example", "a@", "a@b@c.example", "a@b.example, c@d.example", "a@b.example c@d.example", "<a@b.example>"),
    *("Anna <a@b.example>", "a@b.example\r\nRCPT TO:<x@y.example>", "a@b.example\n", "a b@c.example", '"a b"@c.example'),
    *(
        "alice@good.example(<bob@evil.example>",
        "a@[192.0.2.1]",
        ".a@b.example",
        "a..b@c.example",
        "a@-b.example",
        "a@b..example",
    ),
    *(
        "a@b.example\u2028",
        "a\u202eb@c.example",
        "x" * 65 + "@b.example",
        "a@" + "b" * 64 + ".example",
        "a;b@c.example",
        "a,b@c.example",
    ),
]


@pytest.mark.parametrize("address", GOOD)
def test_one_address_is_taken_as_it_is(address: str) -> None:
    assert safe_address(address) == address


@pytest.mark.parametrize("address", BAD)
def test_anything_but_one_address_is_refused(address: str) -> None:
    with pytest.raises(AddressError):
        safe_address(address)
    with pytest.raises(AddressError):
        made(to_address=address)


def test_a_letter_beyond_ascii_in_the_address_stands_in_the_header_as_utf8() -> None:
    raw = compose(row(to_address="ü@customer.example"), SETTINGS, WORDS, date=NOW)
    assert "To: ü@customer.example\r\n".encode() in raw


def test_a_row_without_a_proper_message_id_is_not_sent() -> None:
    with pytest.raises(ComposeError, match="Message-ID"):
        made(message_id="nothing")


@given(st.text(st.sampled_from("Ab1 [](),.:;#/+'-=?_\"<@ü"), max_size=90))
@example("[INC-2026-000128] Opened: LNE-100001 (down)")
@example("x" * 69)
@example("x" * 70)
@example("=?utf-8?q?x?=")
def test_the_head_is_the_one_that_the_library_writes(subject: str) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = Address("Interspace", addr_spec="support@interspace.example"), "anna@customer.example"
    message["Subject"], message["Date"] = one_line(subject, 250), format_datetime(NOW)
    raw = compose(row(), SETTINGS, Rendered(subject, "Hello\n"), date=NOW)
    assert message.as_bytes().removesuffix(b"\r\n") in raw
