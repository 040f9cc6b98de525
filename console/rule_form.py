"""The form of one rule: from a rule to its fields and back, and what its examples say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from models.errors import RuleError

if TYPE_CHECKING:
    from parsers.rule_file import Rule

_LISTS = ("values", "veto")
_ID_FORM = "small letters, digits, dots, hyphens and underscores, up to 80; it begins with a letter or a digit"
# From so many stored texts on, a rule that is found in most of them says nothing.
_ENOUGH = 20
Wrong = dict[str, list[str]]
"""What is wrong, by part of the form; "" is for the rule as a whole."""
# Words of a complaint -> the part of the form that it is shown beside.
_WHERE: tuple[tuple[str, str], ...] = (
    ("; use a lexicon", "kind"),
    ("its own example", "hit"),
    ("which it must not", "miss"),
    ("pattern", "values"),
    ("value", "values"),
    ("number", "values"),
    ("beyond -2", "values"),
    ("contradicts", "values"),
    ("far too much", "values"),
    ("meaning", "meaning"),
    ("language", "languages"),
)


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    wanted: bool
    found: bool

    @property
    def passes(self) -> bool:
        return self.wanted == self.found


class RuleForm(BaseModel):
    """The form as it is sent: lists one entry a line, languages apart by blanks."""

    csrf: str = ""
    do: str = "check"
    set: str = "active"
    seen: str = "0"
    was: str = ""
    id: str = ""
    field: str = ""
    kind: str = ""
    group: str = ""
    meaning: str = ""
    weight: str = "1"
    values: str = ""
    near: str = ""
    window: str = "40"
    boost: str = "0.2"
    required: bool = False
    veto: str = ""
    zones: list[str] = []
    languages: str = ""
    enabled: bool = False
    note: str = ""
    hit: str = ""
    miss: str = ""


# What a mistake can stand beside.
PARTS = tuple(name for name in RuleForm.model_fields if name not in ("csrf", "do", "set", "seen", "was", "required", "enabled"))


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def fields_of(rule: Rule | None) -> dict[str, Any]:
    """What the form shows for a rule; for None an empty form."""
    if rule is None:
        return RuleForm(field="impact", kind="phrase", enabled=True).model_dump()
    context = rule.context
    return {
        **{"id": rule.id, "field": rule.field, "kind": rule.kind, "group": rule.group, "note": rule.note},
        "meaning": "" if rule.meaning is None else str(rule.meaning),
        "weight": f"{rule.weight:g}",
        "values": "\n".join(rule.values),
        "near": "\n".join(context.near) if context else "",
        "window": str(context.window) if context else "40",
        "boost": f"{context.boost:g}" if context else "0.2",
        "required": bool(context and context.required),
        "veto": "\n".join(rule.veto),
        "zones": [z.value for z in rule.zones],
        "languages": " ".join(rule.languages),
        "enabled": rule.enabled,
        "hit": "\n".join(rule.examples.hit),
        "miss": "\n".join(rule.examples.miss),
    }


def rule_from(sent: Mapping[str, Any]) -> tuple[Rule | None, Wrong]:
    """The rule that a sent form describes, or None and what is wrong with each part of the form."""
    from parsers.rule_file import rule_of

    row: dict[str, Any] = {k: str(sent[k]).strip() for k in ("id", "field", "kind", "group", "note")}
    row |= {k: lines(str(sent[k])) for k in _LISTS}
    row["enabled"], row["zones"] = bool(sent["enabled"]), list(sent["zones"])
    row["languages"] = str(sent["languages"]).replace(",", " ").split()
    row["examples"] = {"hit": lines(str(sent["hit"])), "miss": lines(str(sent["miss"]))}
    meaning = str(sent["meaning"]).strip()
    if meaning:
        row["meaning"] = int(meaning) if meaning.lstrip("-").isdigit() else meaning
    wrong: Wrong = {}
    row["weight"] = _number(sent, "weight", wrong)
    if near := lines(str(sent["near"])):
        row["context"] = {
            "near": near,
            "window": _number(sent, "window", wrong),
            "boost": _number(sent, "boost", wrong),
            "required": bool(sent["required"]),
        }
    if wrong:
        return None, wrong
    try:
        return rule_of(row), {}
    except RuleError as e:
        return None, _places(e)


def _number(sent: Mapping[str, Any], name: str, wrong: Wrong) -> float:
    try:
        value = float(str(sent[name]).strip().replace(",", "."))
    except ValueError:
        wrong[name] = [f"must be a number, such as {'40' if name == 'window' else '0.5'}; {str(sent[name])[:20]!r} is none"]
        return 0.0
    return int(value) if name == "window" else value


def _places(error: RuleError) -> Wrong:
    """The mistakes that the file format names, each at its part of the form."""
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return {"": [str(error)]}
    wrong: Wrong = {}
    for e in cause.errors():
        loc = [str(x) for x in e["loc"]]
        name = loc[1] if loc[0] in ("context", "examples") and len(loc) > 1 else loc[0] if loc else ""
        message = _ID_FORM if name == "id" else e["msg"].lower()
        if name == "values" and e["type"] == "too_short":
            message = "needs at least one value"
        wrong.setdefault(name, []).append(message)
    return wrong


def complaints(rule: Rule, others: Sequence[Rule]) -> Wrong:
    """What stands against the rule beside the others of its set, each at its part of the form."""
    from parsers.rule_checks import problems_of

    wrong: Wrong = {}
    for what in problems_of(rule, [r for r in others if r.id != rule.id]):
        wrong.setdefault(_place_of(what), []).append(what)
    return wrong


def _place_of(what: str) -> str:
    return next((place for words, place in _WHERE if words in what), "")


def common(rule: Rule, texts: Sequence[str]) -> tuple[int, str]:
    """In how many of these texts the rule finds something, and what stands against so many of them."""
    from parsers.rule_checks import finder
    from parsers.rule_file import NUMBERS

    if rule.kind in (*NUMBERS, "label"):
        return 0, ""
    found = finder(rule)
    count = sum(found(text) for text in texts)
    much = rule.kind in ("phrase", "pattern", "family", "veto") and len(texts) >= _ENOUGH and 2 * count > len(texts)
    share = f"is found in {count} of the {len(texts)} newest contacts, more than half of them: it would say nothing"
    return count, share if much else ""


def examples(rule: Rule) -> list[Example]:
    """Each example with whether the rule finds something in it."""
    from parsers.rule_checks import finder, problems_of

    if any(_place_of(what) not in ("hit", "miss") for what in problems_of(rule, ())):
        return []
    found = finder(rule)
    wanted = [(text, True) for text in rule.examples.hit] + [(text, False) for text in rule.examples.miss]
    return [Example(text, want, found(text)) for text, want in wanted]
