"""What changes from one rule, or one rule set, to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parsers.rule_file import Rule
    from parsers.rules import RuleSet


def differences(a: RuleSet, b: RuleSet) -> list[dict[str, Any]]:
    """What changes from the first set to the second, rule by rule."""
    out: list[dict[str, Any]] = []
    for rule_id in dict.fromkeys((*a.by_id, *b.by_id)):
        old, new = a.by_id.get(rule_id), b.by_id.get(rule_id)
        if old == new:
            continue
        out.append({"id": rule_id, **rule_change(old, new)})
    for field in sorted({*a.calibration, *b.calibration}):
        if a.curve(field) != b.curve(field):
            part = _part("points", list(a.curve(field).points), list(b.curve(field).points))
            out.append({"id": f"calibration of {field}", "what": "changed", "parts": [part]})
    return out


def rule_change(old: Rule | None, new: Rule | None) -> dict[str, Any]:
    """Added, removed or changed, and which parts went and came."""
    before = _flat(old.model_dump(mode="json")) if old else {}
    after = _flat(new.model_dump(mode="json")) if new else {}
    names = dict.fromkeys((*before, *after))
    parts = [_part(k, before.get(k), after.get(k)) for k in names if before.get(k) != after.get(k)]
    told = [p for p in parts if p["gone"] or p["came"]]
    return {"what": "added" if old is None else "removed" if new is None else "changed", "parts": told}


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Parts within parts (context, examples) as parts of their own."""
    out: dict[str, Any] = {}
    for name, value in row.items():
        out |= {f"{name}, {inner}": v for inner, v in value.items()} if isinstance(value, dict) else {name: value}
    return out


def _part(name: str, before: Any, after: Any) -> dict[str, Any]:
    """A list as what came and went, another value as before and after."""
    if isinstance(before, list) or isinstance(after, list):
        before, after = before or [], after or []
        return {"name": name, "gone": [v for v in before if v not in after], "came": [v for v in after if v not in before]}
    return {
        "name": name,
        "gone": [before] if before not in (None, [], "") else [],
        "came": [after] if after not in (None, [], "") else [],
    }
