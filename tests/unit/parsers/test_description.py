"""One or two sentences in the customer's own words: the symptom, without greeting, head lines, log or introduction."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("subject", "text", "kept", "left"),
    [
        ("line", "Good morning,\nhope you are well.\n\nThe web pages load very slowly in Leeds.\n\nBye\nAnn", ["load very slowly"], ["Good morning", "hope", "Bye"]),
        ("Fw: slow", "Please see below.\n\n---------- Forwarded message ---------\nFrom: Jo <jo@northmill.example>\nDate: Tue, 10 Mar 2026 09:00\n"
         "Subject: slow\nTo: Ann\n\nSince 8:30 the web pages load very slowly.\n", ["web pages load very slowly"], ["From:", "Date:", "Subject:"]),
        ("alarm", "1. Client: Northmill\n2. Impact: HIGH - complete loss of international traffic\n3. Start: 10.03.2026 08:11\n", ["complete loss of international traffic"], ["Impact:"]),
        ("upgrade", "We want to upgrade LX-0040712 from 200 Mbps to 500 Mbps.\nCould you send us an offer?\n", ["upgrade", "offer"], []),
        ("line", "The York line drops all calls. Log:\n\nMar 10 09:12:01 edge1 mib2d[9]: SNMP_TRAP_LINK_DOWN: ifIndex 5\n", ["drops all calls"], ["SNMP_TRAP"]),
        ("line", "Nothing works in Leeds.\n________________________________\nFrom: Jo <jo@northmill.example>\nSent: Monday\nTo: Ann\nSubject: x\n\nold words\n", ["Nothing works"], ["____", "Sent:"]),
    ],
)  # fmt: skip
def test_description_names_the_symptom_and_nothing_else(read, subject, text, kept, left) -> None:
    said = read(text, subject).description
    assert all(words in said for words in kept)
    assert not [words for words in left if words in said]
    assert len(said) <= 200
