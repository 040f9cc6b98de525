from __future__ import annotations

import json

import pytest

from models.errors import RuleError
from parsers import read_text
from parsers.lexicons import Lexicon
from parsers.rule_checks import problems
from parsers.rule_file import Rule, as_text, content_of
from parsers.rules import RuleSet, default_rules, parse_rules, shipped_text

ROW = {"id": "x", "field": "description", "kind": "lexicon", "values": ["down"]}


def _file(**row: object) -> str:
    return json.dumps({"rules": [{**ROW, **row}]})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("not json", "not JSON"),
        ("[]", "must be a list"),
        (_file(kind="magic"), "'x': kind"),
        (_file(values=[]), "'x': values"),
        (_file(values=["down", "down"]), "'down' twice"),
        (_file(values=["..."]), "without a letter"),
        (_file(kind="threshold", values=["much"]), "needs numbers"),
        (_file(kind="fill", values=["0.4", "0.8"]), "two numbers"),
        (_file(kind="weight", values=["7"]), "beyond"),
        (_file(kind="pattern", field="service_id", values=["a("]), "does not compile"),
        (_file(kind="pattern", field="service_id", values=["(?=x)y"]), "does not compile"),
        (_file(kind="pattern", field="service_id", values=["x*"]), "matches empty text"),
        (_file(kind="pattern", field="service_id", values=[r"\w+"]), "far too much"),
        (_file(kind="phrase", field="impact", values=["toast"]), "needs a meaning"),
        (_file(kind="phrase", field="impact", values=["toast"], meaning="bad"), "needs a meaning"),
        (_file(kind="veto", field="impact", values=["the|we|us|you|die|de"]), "far too much"),
        (_file(colour="red"), "colour"),
        (_file(zones=["attic"]), "zones"),
        (_file(group="impact.hard"), "exactly one language"),
        (_file(examples={"hit": ["up"]}), "own example 'up'"),
        (_file(examples={"miss": ["it is down"]}), "must not"),
        (json.dumps({"rules": [ROW] * 2}), "stands twice"),
        (
            json.dumps({"rules": [ROW | {"kind": "label"}, ROW | {"id": "y", "kind": "label", "field": "impact"}]}),
            "contradicts rule 'x'",
        ),
    ],
)
def test_a_bad_rule_is_refused_by_name(text, says):
    with pytest.raises(RuleError) as refused:
        parse_rules(text)
    assert says in str(refused.value)


def test_the_shipped_rules_hold_and_survive_the_way_through_a_file():
    text = shipped_text()
    shipped = default_rules()
    assert list(problems(shipped.rules)) == []
    again = parse_rules(text)
    assert again.version == shipped.version
    assert again.text() == text
    assert len(shipped.rules) > 800


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
    assert Lexicon([Rule.model_validate(ROW | {"values": [phrase]})]).found(text) is found


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


def changed(rule_id: str = "", add: tuple[dict[str, object], ...] = (), **change: object) -> RuleSet:
    """The shipped set with one rule changed and others added, by way of its file."""
    content = content_of(shipped_text(), "t")
    rows = [Rule.model_validate(r.model_dump() | change) if r.id == rule_id else r for r in content.rules]
    rows += [Rule.model_validate(row) for row in add]
    return parse_rules(as_text("t", rows, content.calibration))


def list_rule(group: str, value: str, **more: object) -> dict[str, object]:
    return {"id": "own.rule", "field": "description", "kind": "lexicon", "group": group, "values": [value], **more}


# A word that no shipped rule knows, in a report that is otherwise complete.
TEXT = "Service ID: LX-0040712\nStart: 2026-03-10 09:00 UTC\n\nOur line to Leeds in the north of the town went kaboomski after the storm and this is the only one that we have."
DEAD = list_rule("impact.hard", "kaboomski", field="impact", languages=["en"])


@pytest.fixture
def value(directory):
    def work(rules: RuleSet, key: str, text: str = TEXT):
        from datetime import UTC, datetime

        at = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
        return read_text(text, directory=directory, sender="ann@northmill.example", received_at=at, rules=rules).as_row()[key]

    return work


@pytest.mark.parametrize(
    ("more", "impact"),
    [
        ({}, "service_affecting"),
        ({"enabled": False}, None),
        ({"weight": 0.4}, None),
        ({"weight": 0.4, "context": {"near": ["storm"], "boost": 0.2}}, "service_affecting"),
        ({"weight": 0.4, "context": {"near": ["hurricane"], "boost": 0.2}}, None),
        ({"context": {"near": ["hurricane"], "required": True}}, None),
        ({"veto": ["after the storm"]}, None),
        ({"veto": ["after the hurricane"]}, "service_affecting"),
        ({"zones": ["subject"]}, None),
        ({"zones": ["prose"]}, "service_affecting"),
        ({"languages": ["de"]}, None),
    ],
)
def test_each_attribute_of_a_rule_for_the_impact_changes_the_reading(value, more, impact):
    assert value(changed(add=({**DEAD, **more},)), "impact") == impact


@pytest.mark.parametrize(
    ("more", "described"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"weight": 0.4}, False),
        ({"zones": ["form"]}, False),
        ({"languages": ["de", "fr"]}, False),
        ({"languages": ["en"]}, True),
        ({"veto": ["storm"]}, False),
        ({"context": {"near": ["Leeds"], "required": True}}, True),
    ],
)
def test_each_attribute_of_a_word_list_changes_the_reading(value, more, described):
    rules = changed(add=(list_rule("symptom.words", "kaboomski", **more),))
    assert ("kaboomski" in (value(rules, "description") or "")) is described


@pytest.mark.parametrize(
    ("more", "read"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"zones": ["form"]}, False),
        ({"languages": ["de"]}, False),
        ({"veto": ["storm"]}, False),
        ({"context": {"near": ["hurricane"], "required": True}}, False),
    ],
)
def test_each_attribute_of_a_time_word_changes_the_reading(value, more, read):
    text = "LX-0040712 is down since blursday, the line to Leeds died after the storm passed by yesterday's hill."
    word = list_rule("time.day", "blursday", field="start_time", meaning=-1, **more)
    start = value(changed(add=(word,)), "start_time", text)
    assert (start is not None and start.startswith("2026-03-09")) is read


@pytest.mark.parametrize(
    ("more", "taken"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"weight": 0.0}, False),
        ({"zones": ["subject"]}, False),
        ({"veto": ["spare"]}, False),
        ({"weight": 0.0, "context": {"near": ["spare"], "boost": 0.4}}, True),
    ],
)
def test_each_attribute_of_a_label_changes_the_reading(value, more, taken):
    row: dict[str, object] = {
        "id": "own.label",
        "field": "service_id",
        "kind": "label",
        "values": ["gizmo"],
        "weight": 0.2,
        **more,
    }
    text = "Gizmo: ZZ99-4471-B (spare)\n\nIt is down since 9 am."
    assert ("ZZ99-4471-B" in value(changed(add=(row,)), "service_ids", text)) is taken


def test_a_family_of_ids_is_a_rule(value):
    text = "The circuit QQ~777~1234 is down since 9 am."
    row: dict[str, object] = {"id": "own.family", "field": "circuit_id", "kind": "family", "values": [r"[A-Z]{2}~\d{3}~\d{4}"]}
    assert value(default_rules(), "circuit_ids", text) == []
    assert value(changed(add=(row,)), "circuit_ids", text + " Circuit: QQ~777~1234") == ["QQ~777~1234"]


@pytest.mark.parametrize(
    ("rule", "values", "key", "expected"),
    [
        ("threshold.loss.total", ["30"], "impact", "service_affecting"),
        ("threshold.loss.total", ["99.5"], "impact", "degradation"),
        ("fill.impact", ["0.999", "0.998"], "impact", None),
        ("weight.impact.state", ["0.01"], "impact", None),
        ("weight.id.base.exact", ["-1"], "service_ids", []),
        ("threshold.description.max", ["30"], "description", "We see 40% packet loss to the"),
    ],
)
def test_a_number_of_the_set_changes_the_reading(value, rule, values, key, expected):
    text = "We see 40% packet loss to the branch in Leeds on LX-0040712 since 9 am."
    assert value(changed(rule, values=values), key, text) == expected


def test_a_loss_below_the_threshold_says_nothing(value):
    text = "LX-0040712: we lose 2 % of the frames to Leeds since 9 am."
    assert value(default_rules(), "impact", text) == "degradation"
    assert value(changed("threshold.loss.some", values=["5"]), "impact", text) is None


OWN: dict[str, object] = {
    "id": "own.one",
    "field": "impact",
    "kind": "phrase",
    "values": ["ring open"],
    "meaning": "degradation",
}


@pytest.mark.parametrize(
    ("row", "key", "expected"),
    [
        (OWN, "impact", "degradation"),
        (OWN | {"enabled": False}, "impact", None),
        (OWN | {"weight": 0.3}, "impact", None),
        (OWN | {"weight": 0.3, "context": {"near": ["Leeds"], "boost": 0.5}}, "impact", "degradation"),
        (OWN | {"veto": ["Leeds"]}, "impact", None),
        (OWN | {"zones": ["form"]}, "impact", None),
        (OWN | {"field": "fault_pattern", "meaning": "constant"}, "fault_pattern", "constant"),
        (OWN | {"field": "intent", "meaning": "question"}, "intent", "question"),
        (OWN | {"field": "circuit_id", "kind": "pattern", "values": [r"GZ\d{4}"], "meaning": None}, "circuit_ids", ["GZ4711"]),
        (OWN | {"field": "ip_address", "kind": "veto", "values": ["storm"], "meaning": None}, "ip_addresses", []),
        (OWN | {"field": "ip_address", "kind": "veto", "values": ["snow"], "meaning": None}, "ip_addresses", ["198.51.100.7"]),
    ],
)
def test_a_phrase_a_pattern_and_a_veto_change_the_reading(value, row, key, expected):
    text = "We have a ring open near Leeds GZ4711 and 198.51.100.7 after the storm on LX-0040712 since 9 am."
    assert value(changed(add=(row,)), key, text) == expected


def test_a_surer_phrase_outweighs_the_recognizer_and_the_other_is_kept(value):
    text = "LX-0040712: our line is down, planned by us, since 9 am."
    row: dict[str, object] = {**OWN, "values": ["planned by us"], "meaning": "non_service_affecting"}
    rules = changed(add=(row,))
    assert value(rules, "impact", text) == "non_service_affecting"
    other = [f for f in value(rules, "evidence", text)["impact"] if f["value"] == "service_affecting"]
    assert other[0]["detail"] == "rule own.one weighs more"
    assert value(changed(add=(row | {"weight": 0.55},)), "impact", text) == "service_affecting"
