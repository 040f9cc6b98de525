from __future__ import annotations

import json

import pytest

from models.errors import RuleError
from parsers.rules import Lexicon, default_rules, parse_rules


def _file(**row: object) -> str:
    return json.dumps({"rules": [{"id": "x", "field": "description", "kind": "lexicon", "values": ["down"], **row}]})


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        _file(kind="magic"),
        _file(values=[]),
        _file(kind="threshold", values=["much"]),
        _file(examples={"hit": ["up"], "miss": []}),
        _file(examples={"hit": [], "miss": ["it is down"]}),
        json.dumps({"rules": [json.loads(_file())["rules"][0]] * 2}),
    ],
)
def test_a_bad_rule_is_refused(text):
    with pytest.raises(RuleError):
        parse_rules(text)


def test_the_version_follows_the_content():
    assert parse_rules(_file()).version != parse_rules(_file(values=["dead"])).version


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("down", "it is DOWN.", True),
        ("down", "download", False),
        ("slow*", "so slowly", True),
        ("no|without light", "without light", True),
        ("send ~ report", "send me the full report", True),
        ("new? fault", "a fault", True),
        ("паде*", "падение", True),
    ],
)
def test_phrases(phrase, text, found):
    assert Lexicon((phrase,)).found(text) is found


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("Service ID", "service_id"),
        ("Service ID (on your invoice, for example)", "service_id"),
        ("Usługa / Service", "service_id"),
        ("Start time and time zone", "start_time"),
        ("Vendor ticket", "negative"),
        ("Dear colleagues", None),
    ],
)
def test_labels(label, field):
    assert default_rules().label_field(label) == field
