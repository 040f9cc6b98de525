"""Impact and pattern on wording that the corpus does not hold."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from models.reading import Finding, Zone
from models.words import FindingStatus, Impact, Pattern, ZoneKind
from parsers.findings import decided
from parsers.impact import find_impact, find_pattern, parse_answer, parse_pattern_answer
from parsers.rules import default_rules

_spec = importlib.util.spec_from_file_location("impact_cases", Path(__file__).with_name("cases.py"))
assert _spec
assert _spec.loader
cases = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(cases)

IMPACT = {"SA": Impact.SERVICE_AFFECTING, "DG": Impact.DEGRADATION, "NSA": Impact.NON_SERVICE_AFFECTING, "-": None}
COURSE = {"I": Pattern.INTERMITTENT, "C": Pattern.CONSTANT, "-": None}


def prose(text: str, kind: ZoneKind = ZoneKind.PROSE) -> list[Zone]:
    return [Zone(kind, 0, len(text))]


def filled(found: list[Finding]) -> str | None:
    hits = [f.value for f in found if f.status is FindingStatus.FILLED]
    assert len(hits) <= 1
    return hits[0] if hits else None


@pytest.mark.parametrize(("want", "text"), cases.rows(cases.ENGLISH))
def test_english(want: str, text: str) -> None:
    assert filled(find_impact(text, prose(text))) == IMPACT[want]


@pytest.mark.parametrize(("want", "lang", "text"), cases.rows(cases.OTHER))
def test_other_languages(want: str, lang: str, text: str) -> None:
    assert filled(find_impact(text, prose(text))) == IMPACT[want], lang


@pytest.mark.parametrize(("want", "text"), cases.rows(cases.PATTERN))
def test_pattern(want: str, text: str) -> None:
    assert filled(find_pattern(text, prose(text))) == COURSE[want]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("service affecting", Impact.SERVICE_AFFECTING),
        ("degraded", Impact.DEGRADATION),
        ("nothing works", Impact.SERVICE_AFFECTING),
        ("it is slow but it works", Impact.DEGRADATION),
        ("no impact, we are on the backup", Impact.NON_SERVICE_AFFECTING),
        ("none", Impact.NON_SERVICE_AFFECTING),
        ("2", None),
        ("", None),
        ("I could not say", None),
    ],
)
def test_answer(text: str, want: Impact | None) -> None:
    assert parse_answer(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [("constant", Pattern.CONSTANT), ("on and off", Pattern.INTERMITTENT), ("not constant", None), ("1", None)],
)
def test_pattern_answer(text: str, want: Pattern | None) -> None:
    assert parse_pattern_answer(text) == want


@pytest.mark.parametrize("kind", [ZoneKind.QUOTED, ZoneKind.SIGNATURE, ZoneKind.DISCLAIMER])
def test_foreign_zones_never_fill(kind: ZoneKind) -> None:
    found = find_impact("The line is down since 9:04.", prose("The line is down since 9:04.", kind))
    assert filled(found) is None
    assert all(f.detail for f in found)


def test_spans_cut_the_raw_text() -> None:
    text = "Grüße 😀, der Standort ist nicht erreichbar und ausgefallen."
    for f in find_impact(text, prose(text)):
        assert text[f.spans[0][0] : f.spans[0][1]] == f.raw


def test_label_outranks_prose_and_contradiction_asks() -> None:
    text = "Impact: degradation\n\nThe line is dead."
    assert filled(find_impact(text, prose(text))) == Impact.DEGRADATION
    text = "Impact: service affecting\n\nThere is no impact on our users."
    assert find_impact(text, prose(text))[0].status is FindingStatus.CONFIRM


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("The printers are dead. Everything else crawls.", False),
        ("The card terminals are down, and pages load very slowly.", False),
        ("Our users are not affected. Video calls are choppy.", True),
        ("The line is dead, nothing works. It was very slow before.", True),
        ("The main line is down and the backup is very slow.", True),
        ("DIA-118403 is totally down. DIA-118402 is up, but very slow.", True),
        ("100% packet loss to every destination.", True),
        ("Everything is very slow.", True),
    ],
)
def test_dead_told_once_beside_poor_service_is_left_to_a_question(text: str, sure: bool) -> None:
    found = find_impact(text, prose(text))[0]
    assert (found.status is FindingStatus.FILLED) == sure, found


def test_log_is_weak_evidence() -> None:
    text = "4 packets transmitted, 0 received, 100% packet loss, time 3000ms"
    found = decided(find_impact(text, prose(text, ZoneKind.LOG)), default_rules())
    assert found[0].status is FindingStatus.CONFIRM


@pytest.mark.parametrize("odd", ["\x00", "]", "no ", "[x] ", "a:", "every "])
def test_odd_input_does_not_raise_and_costs_no_more_than_its_length(odd: str) -> None:
    _calls("warm")
    assert _calls(odd * 2000) < 3 * _calls(odd * 1000)


def _calls(text: str) -> int:
    """How many functions are called to read it: the same on every machine."""
    called = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal called
        called += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        find_impact(text, prose(text))
        find_pattern(text, prose(text))
    finally:
        sys.setprofile(None)
    return called
