"""Families of IDs by their form, as the rule set describes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from parsers.lexicons import OPTIONS, re2
from parsers.rules import Rule, RuleSet

# Signs that would make an ID the middle of something longer, in front of it and behind.
_GLUE_BEFORE, _GLUE_AFTER = "./", "/"


def families(text: str, rules: RuleSet) -> Iterator[tuple[Rule, int, int]]:
    """Every place where a family's form stands by itself, without the blanks around it."""
    for rule, pattern in rules.derived("families", _compiled):
        for m in pattern.finditer(text):
            start = m.start() + len(m.group()) - len(m.group().lstrip())
            end = start + len(m.group().strip())
            if _apart(text, m.start(), start, end):
                yield rule, start, end


def _apart(text: str, before: int, start: int, end: int) -> bool:
    left, right = text[before - 1 : before] if before else "", text[end : end + 1]
    inside = before < start
    glued = not inside and (left.isalnum() or left == "_" or (left != "" and left in _GLUE_BEFORE))
    return not glued and not (right.isalnum() or right == "_" or (right != "" and right in _GLUE_AFTER))


def _compiled(rules: RuleSet) -> list[tuple[Rule, Any]]:
    return [(r, re2.compile(v, OPTIONS)) for r in rules.of_kind("family") for v in r.values]
