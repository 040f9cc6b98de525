from __future__ import annotations

import pytest

from models.words import Action, Field, Intent


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("we cannot reach 198.51.100.5", ["198.51.100.5"]),
        ("we cannot reach 198[.]51[.]100[.]5", ["198.51.100.5"]),
        ("prefix 2001:DB8:9::/48 is gone", ["2001:db8:9::/48"]),
        ("range 203.0.113.0/24 is gone", ["203.0.113.0/24"]),
        ("router runs version 10.1.2.3 and the line is down", []),
        ("mask 255.255.255.0 and the line is down", []),
        ("OID 1.3.6.1.2.1 and mac 00:11:22:33:44:55 at 12:31:44", []),
        (
            "traceroute to 203.0.113.9 (203.0.113.9), 30 hops max\n 1  192.0.2.1  0.4 ms  0.3 ms\n 2  192.0.2.7  9 ms *\n",
            ["203.0.113.9"],
        ),
    ],
)
def test_addresses(read, text, addresses):
    assert list(read(text).ip_addresses) == addresses


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("10 packets transmitted, 5 received, 50% packet loss, time 9ms", True),
        ("Ping to your gateway: 600 sent, 488 received", True),
        ("speed test gives 3 Mbit/s", True),
        ("Rx power is -28 dBm", True),
        ("we rebooted the router and swapped the SFP", False),
        ("our contract is 100 Mbit/s and it is slow", False),
        ("Tests: none yet", False),
    ],
)
def test_test_results(read, text, has):
    assert read(text).has_test_results is has


@pytest.mark.parametrize(
    ("text", "subject", "intent", "action"),
    [
        ("LX-0040712 is down", "line", Intent.REPORT, Action.ASK),
        ("any news?", "Re: [INC-2026-000128] line", Intent.UPDATE, Action.APPEND),
        ("please escalate this to your manager", "Re: [INC-2026-000128] line", Intent.ESCALATION, Action.APPEND),
        ("please send us the RFO for yesterday", "INC-2026-000128", Intent.RFO_REQUEST, Action.APPEND),
        (
            "This is a new fault, nothing to do with the ticket below: LX-0040713 is down",
            "Re: [INC-2026-000128] x",
            Intent.REPORT,
            Action.ASK,
        ),
        ("Could you tell me what an upgrade to 1 Gbit/s costs?", "question", Intent.QUESTION, Action.ACKNOWLEDGE),
    ],
)
def test_intent(read, text, subject, intent, action):
    reading = read(text, subject)
    assert (reading.intent, reading.action) == (intent, action)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello,\n\nthe line to Leeds drops every hour.\n\nRegards\nAnn", "drops every hour"),
        ("Description: frames are lost in York\nImpact: none", "frames are lost in York"),
        ("Unsere Leitung ist seit heute früh ausgefallen.", "ausgefallen"),
        ("Plus de réseau au bureau.", "Plus de réseau"),
        ("trouble with the Leeds line", ""),
        ("mamy problem z usługą", ""),
    ],
)
def test_description(read, text, words):
    description = read(text).description
    assert words in description
    assert bool(words) == bool(description)


def test_customers_own_number_is_kept_apart(read):
    reading = read("LX-0040712 is down. Our ref: PL-20931")
    assert reading.ticket_ref is None
    assert [f.value for f in reading.findings if f.field is Field.OTHER_REF] == ["PL-20931"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the line is down since this morning", "en"),
        ("die Leitung ist seit heute Morgen gestört", "de"),
        ("LX-0040712 down", "unknown"),
    ],
)
def test_language(read, text, language):
    assert read(text).language == language
