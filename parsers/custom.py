"""Values that a rule names outright, by phrase or by pattern, and vetoes against values near certain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from models.reading import Finding, Step
from models.words import Field, FindingStatus
from parsers.case import Case
from parsers.findings import ALL_OPEN, decided, finding, refused
from parsers.lexicons import OPTIONS, compiled, re2, refusal
from parsers.rules import Rule, RuleSet

_WINDOW = 40
_MOST = 50
# The weight of such a rule is its score; how sure is enough is asked of the probability.
_NO_FLOOR = -2.0
# Fields with one value: a rule's own value stands against what the recognizers read.
SINGLE = (Field.IMPACT, Field.FAULT_PATTERN)


def find_custom(case: Case) -> list[Finding]:
    """What the phrases and patterns of the rule set find, decided; the refused ones too."""
    out: list[Finding] = []
    where = case.where()
    for rule, pattern, group in case.rules.derived("phrases and patterns", _compiled):
        text = case.text if rule.zones else case.read_text
        for m in list(pattern.finditer(text))[:_MOST]:
            start, end = m.span(group)
            why, score = refusal(rule, start, end, where, _NO_FLOOR)
            raw = case.text[start:end]
            steps = [Step(f"{rule.kind} of rule {rule.id}", rule.weight)]
            if score > rule.weight:
                steps.append(Step("its context words are near", score - rule.weight))
            value = str(rule.meaning) if rule.meaning is not None else raw.strip()
            f = finding(Field(rule.field), value, raw, (start, end), rule.id, case.rules.version, steps)
            out.append(refused(f, why) if why else f)
    chosen = [replace(f, status=FindingStatus.FILLED) if _is_intent(f) else f for f in out]
    return decided(chosen, case.rules, ALL_OPEN)


def _is_intent(f: Finding) -> bool:
    return f.field is Field.INTENT and f.status is FindingStatus.OPEN


def _compiled(rules: RuleSet) -> list[tuple[Rule, Any, int]]:
    out: list[tuple[Rule, Any, int]] = []
    for rule in rules.of_kind("phrase", "pattern"):
        if rule.kind == "phrase":
            out.append((rule, compiled(rule.values), 1))
        for value in rule.values if rule.kind == "pattern" else ():
            pattern = re2.compile(value, OPTIONS)
            out.append((rule, pattern, min(1, pattern.groups)))
    return out


def vetoed(case: Case, found: Iterable[Finding]) -> list[Finding]:
    """The findings, those refused that stand near the words of a veto."""
    rules = case.rules.derived("vetoes", _vetoes)
    return [_against(case, f, rules) if rules else f for f in found]


def _vetoes(rules: RuleSet) -> list[tuple[Rule, Any]]:
    return [(r, compiled(r.values)) for r in rules.of_kind("veto")]


def _against(case: Case, f: Finding, rules: list[tuple[Rule, Any]]) -> Finding:
    if f.status is FindingStatus.REFUSED or not f.spans:
        return f
    start, end = f.spans[0]
    for rule, pattern in rules:
        if rule.field not in (f.field.value, "any") or refusal(rule, start, end, case.where(), _NO_FLOOR)[0]:
            continue
        reach = rule.context.window if rule.context else _WINDOW
        m = pattern.search(case.text[max(0, start - reach) : end + reach])
        if m:
            return refused(f, f"vetoed by rule {rule.id}: '{m.group(1)}' is near")
    return f


def settled(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Of two values for a field that takes one, the surer stays filled; the other is kept with the reason."""
    rows = list(findings)
    best: dict[Field, Finding] = {}
    for f in rows:
        if f.field in SINGLE and f.status is FindingStatus.FILLED:
            best[f.field] = max(best.get(f.field, f), f, key=lambda x: x.score)
    for f in rows:
        winner = best.get(f.field, f)
        if f.status is FindingStatus.FILLED and f.value != winner.value:
            f = replace(f, status=FindingStatus.OPEN, detail=f"rule {winner.rule} weighs more")
        yield f
