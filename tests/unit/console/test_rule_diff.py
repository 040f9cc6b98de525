"""What changes from one rule to another is told entry by entry."""

from __future__ import annotations

from typing import Any

from console.rule_diff import rule_change
from parsers.rule_file import Rule, rule_of


def rule(**more: Any) -> Rule:
    row = {"id": "own.custard", "field": "impact", "kind": "phrase", "meaning": "degradation", "values": ["mopsy custard"]}
    return rule_of({**row, "examples": {"hit": ["mopsy custard"]}, **more})


def parts(old: Rule | None, new: Rule | None) -> dict[str, tuple[list[Any], list[Any]]]:
    return {p["name"]: (p["gone"], p["came"]) for p in rule_change(old, new)["parts"]}


def test_an_example_that_came_is_named_alone() -> None:
    new = rule(examples={"hit": ["mopsy custard", "all mopsy custard"], "miss": ["custard"]})
    assert parts(rule(), new) == {"examples, hit": ([], ["all mopsy custard"]), "examples, miss": ([], ["custard"])}


def test_a_context_that_came_and_went_is_told_part_by_part() -> None:
    near = rule(context={"near": ["line"], "window": 30})
    came = parts(rule(), near)
    assert (came["context, near"], came["context, window"]) == (([], ["line"]), ([], [30]))
    assert parts(near, rule())["context, near"] == (["line"], [])


def test_what_was_empty_before_and_after_is_not_told() -> None:
    assert "note" not in parts(None, rule())
    assert rule_change(rule(), None)["what"] == "removed"
    assert parts(rule(), rule()) == {}
