"""The file format of rule sets: one JSON object per rule, checked field by field, written back in one readable layout."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Checked

from models.errors import RuleError
from models.words import Field, ZoneKind

Kind = Literal["label", "family", "lexicon", "phrase", "pattern", "threshold", "veto", "weight", "fill"]
NUMBERS: tuple[str, ...] = ("threshold", "weight", "fill")
# `negative` labels name what is no ID of ours; `any` is for figures that belong to no single field.
FIELDS: tuple[str, ...] = (*(f.value for f in Field), "negative", "any")
ANY_LANGUAGE = "*"
_WIDTH = 118


class Nearby(BaseModel):
    """Words that support a hit when they stand within `window` signs of it; `required` makes them a condition."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    near: tuple[str, ...] = Checked(min_length=1)
    window: int = Checked(default=40, ge=1, le=400)
    boost: float = Checked(default=0.2, ge=0, le=1)
    required: bool = False


class Examples(BaseModel):
    """Texts that the rule must find, and texts in which it must find nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    hit: tuple[str, ...] = ()
    miss: tuple[str, ...] = ()


class Rule(BaseModel):
    """One rule. `group` names the word list that a lexicon belongs to, `meaning` what a hit stands for."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str = Checked(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")
    field: Literal[
        "service_id", "start_time", "description", "impact", "circuit_id", "fault_pattern", "test_results", "ip_address",
        "intent", "ticket_ref", "other_ref", "negative", "any",
    ]  # fmt: skip
    kind: Kind
    group: str = ""
    meaning: str | int | float | None = None
    values: tuple[str, ...] = Checked(min_length=1)
    weight: float = Checked(default=1.0, ge=-1, le=2)
    context: Nearby | None = None
    veto: tuple[str, ...] = ()
    zones: tuple[ZoneKind, ...] = ()
    languages: tuple[str, ...] = ()
    enabled: bool = True
    note: str = ""
    examples: Examples = Examples()

    @property
    def list_name(self) -> str:
        """The word list that this rule adds to."""
        return self.group or self.id

    @property
    def plain(self) -> bool:
        """Whether a hit counts wherever it stands."""
        return not (self.context or self.veto or self.zones or self.restricted) and self.weight >= 1.0

    @property
    def restricted(self) -> bool:
        """Whether the rule is for certain languages only."""
        return bool(self.languages) and ANY_LANGUAGE not in self.languages

    def number(self, place: int = 0) -> float:
        return float(self.values[place])


class Curve(BaseModel):
    """Raw score -> probability, as points of a rising line; `cases` and `method` say what it was fitted on."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    method: Literal["isotonic", "shrunk", "none"] = "none"
    cases: int = 0
    points: tuple[tuple[float, float], ...] = ()

    def at(self, score: float) -> float:
        """The probability at a score, between the points by straight lines; without points the score itself."""
        if not self.points:
            return max(0.0, min(1.0, score))
        before = self.points[0]
        for x, p in self.points:
            if score <= x:
                share = 0.0 if x == before[0] else (score - before[0]) / (x - before[0])
                return p if x == before[0] else before[1] + share * (p - before[1])
            before = (x, p)
        return before[1]


class Content(BaseModel):
    """A whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = "rules"
    rules: tuple[Rule, ...] = ()
    calibration: Mapping[str, Curve] = {}


def content_of(text: str, name: str) -> Content:
    """The file's content, each rule checked by itself. Raises RuleError naming the rule and what is wrong."""
    try:
        data = json.loads(text)
    except ValueError as e:
        raise RuleError(f"{name}: not JSON ({e})") from e
    rows = data.get("rules") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise RuleError(f"{name}: 'rules' must be a list")
    rules = tuple(rule_of(row, f"{name}: ", i) for i, row in enumerate(rows))
    try:
        rest = Content.model_validate({k: v for k, v in data.items() if k != "rules"})
    except ValidationError as e:
        raise RuleError(f"{name}: {_words(e)}") from e
    return rest.model_copy(update={"rules": rules})


def rule_of(row: object, where: str = "", place: int = 0) -> Rule:
    """One rule from its JSON object. Raises RuleError naming the rule."""
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        raise RuleError(f"{where}rule {place} has no id")
    try:
        return Rule.model_validate(row)
    except ValidationError as e:
        raise RuleError(f"{where}rule {row['id']!r}: {_words(e)}") from e


def _words(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'it'}: {e['msg'].lower()}" for e in error.errors()[:3])


def as_text(name: str, rules: Iterable[Rule], calibration: Mapping[str, Curve]) -> str:
    """The set as one file: a rule begins on a line of its own and values are wrapped, so that a diff shows the words."""
    body = ",\n".join(_block(r) for r in rules)
    curves = ",\n".join(f"  {json.dumps(k)}: {json.dumps(c.model_dump(mode='json'))}" for k, c in sorted(calibration.items()))
    tail = f',\n"calibration": {{\n{curves}\n}}' if curves else ""
    return f'{{"name": {json.dumps(name, ensure_ascii=False)},\n"rules": [\n{body}\n]{tail}}}\n'


def as_row(rule: Rule) -> dict[str, Any]:
    """The rule as its JSON object, without what is as usual."""
    return rule.model_dump(mode="json", exclude_defaults=True)


def _block(rule: Rule) -> str:
    row = as_row(rule)
    values, examples, note = row.pop("values"), row.pop("examples", None), row.pop("note", None)
    row = {k: row[k] for k in Rule.model_fields if k in row}
    head = " " + json.dumps(row, ensure_ascii=False)[:-1] + ', "values": ['
    tail = "".join(
        f', "{key}": {json.dumps(value, ensure_ascii=False)}'
        for key, value in (("note", note), ("examples", examples))
        if value
    )
    lines = list(_wrapped(values))
    if len(lines) == 1 and len(head) + len(lines[0]) + len(tail) < _WIDTH:
        return f"{head}{lines[0]}]{tail}}}"
    if len(lines) == 1 and len(head) + len(lines[0]) < _WIDTH:
        return f"{head}{lines[0]}],\n  {tail.removeprefix(', ')}}}"
    joined = "\n  ".join(lines)
    return f"{head}\n  {joined}]{tail}}}"


def _wrapped(values: Sequence[str]) -> Iterable[str]:
    line = ""
    for i, value in enumerate(values):
        word = json.dumps(value, ensure_ascii=False) + ("," if i < len(values) - 1 else "")
        if line and len(line) + len(word) + 1 > _WIDTH:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line
