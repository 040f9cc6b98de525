"""The rule set: labels, lexicons and thresholds as one frozen value read from a JSON file."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import re2 as _re2

from models.errors import RuleError

re2: Any = _re2
DEFAULT_FILE = Path(__file__).parent / "data" / "default_rules.json"
KINDS = ("label", "lexicon", "threshold")
_OPTIONS = re2.Options()
_OPTIONS.max_mem = 96 << 20
_OPTIONS.log_errors = False
_NOT_WORD = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    field: str
    kind: str
    values: tuple[str, ...]
    weight: float = 1.0
    languages: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    hit: tuple[str, ...] = ()
    miss: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    start: int
    end: int
    text: str


class Lexicon:
    """Phrases compiled into one linear-time expression; only whole words match."""

    def __init__(self, phrases: tuple[str, ...]) -> None:
        body = "|".join(sorted((phrase_pattern(p) for p in phrases), key=len, reverse=True))
        self._re = re2.compile(r"(?i)(?:^|[^\p{L}\p{N}_])(" + body + r")(?:[^\p{L}\p{N}_]|$)", _OPTIONS) if body else None

    def hits(self, text: str) -> list[Hit]:
        """All matches, with offsets in code points."""
        if self._re is None:
            return []
        return [Hit(m.start(1), m.end(1), m.group(1)) for m in self._re.finditer(text)]

    def found(self, text: str) -> bool:
        return self._re is not None and self._re.search(text) is not None


def phrase_pattern(phrase: str) -> str:
    """`*` any letters, `~` up to three words, `a|b` a choice, `word?` may be absent."""
    out = ""
    for part in phrase.split():
        if part == "~":
            out += r"(?:\S+\s+){0,3}?"
            continue
        optional = part.endswith("?") and len(part) > 1
        choices = [
            re2.escape(t).replace(r"\*", r"[^\s.,;:!?()\"]*") for t in part.removesuffix("?" if optional else "").split("|")
        ]
        piece = "(?:" + "|".join(choices) + ")"
        out += f"(?:{piece}\\s+)?" if optional else piece + r"\s+"
    return out.removesuffix(r"\s+")


@dataclass(frozen=True)
class RuleSet:
    rules: tuple[Rule, ...]
    version: str

    @cached_property
    def label_fields(self) -> dict[str, str]:
        """Normal form of a label -> the field that it names."""
        return {normal_label(v): r.field for r in self.rules if r.kind == "label" for v in r.values}

    @cached_property
    def _lexicons(self) -> dict[str, Lexicon]:
        return {r.id: Lexicon(r.values) for r in self.rules if r.kind == "lexicon"}

    @cached_property
    def _thresholds(self) -> dict[str, float]:
        return {r.id: float(r.values[0]) for r in self.rules if r.kind == "threshold"}

    def lexicon(self, rule_id: str) -> Lexicon:
        """The lexicon of that rule; an empty one when the set has no such rule."""
        return self._lexicons.get(rule_id) or Lexicon(())

    def threshold(self, name: str, default: float) -> float:
        return self._thresholds.get(f"threshold.{name}", default)

    def label_field(self, label: str) -> str | None:
        """The field a form label names; what follows it in brackets or after 'and' does not count."""
        name = normal_label(re.sub(r"\(.*?(?:\)|$)", " ", label))
        known = self.label_fields
        if name in known:
            return known[name]
        words = name.split()
        if len(words) > 7:
            return None
        for half in re.split(r"\s*[/|]\s*", label) if "/" in label else ():
            if normal_label(half) in known:
                return known[normal_label(half)]
        for n in range(len(words) - 1, 0, -1):
            head, tail = " ".join(words[:n]), " ".join(words[-n:])
            if head in known and (n > 1 or words[n] in ("and", "or", "und", "y", "e", "et", "en", "i", "since", "of")):
                return known[head]
            if tail in known and n > 1:
                return known[tail]
        return None


def normal_label(label: str) -> str:
    return _NOT_WORD.sub(" ", label.casefold()).strip()


def load_rules(path: Path) -> RuleSet:
    """Reads a rule file. Raises RuleError naming the file and the rule."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise RuleError(f"{path}: cannot be read ({e})") from e
    return parse_rules(text, path.name)


def parse_rules(text: str, name: str = "rules") -> RuleSet:
    """Checks and compiles every rule, so that a bad one never becomes active."""
    try:
        data = json.loads(text)
    except ValueError as e:
        raise RuleError(f"{name}: not JSON ({e})") from e
    rows = data.get("rules") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise RuleError(f"{name}: 'rules' must be a list")
    rules = tuple(_rule(row, i, name) for i, row in enumerate(rows))
    doubled = next((r.id for i, r in enumerate(rules) if any(o.id == r.id for o in rules[:i])), None)
    if doubled:
        raise RuleError(f"{name}: rule {doubled!r} stands twice")
    return RuleSet(rules, hashlib.sha256(text.encode()).hexdigest()[:12])


def _rule(row: Any, place: int, name: str) -> Rule:
    where = f"{name}: rule {row.get('id', place)!r}" if isinstance(row, dict) else f"{name}: rule {place}"
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        raise RuleError(f"{where} has no id")
    values = row.get("values")
    if row.get("kind") not in KINDS or not isinstance(values, list) or not values:
        raise RuleError(f"{where} needs a kind out of {', '.join(KINDS)} and values")
    examples = row.get("examples") or {}
    try:
        rule = Rule(
            id=row["id"],
            field=str(row.get("field", "")),
            kind=row["kind"],
            values=tuple(str(v) for v in values),
            weight=float(row.get("weight", 1.0)),
            languages=tuple(row.get("languages", ())),
            zones=tuple(row.get("zones", ())),
            hit=tuple(examples.get("hit", ())),
            miss=tuple(examples.get("miss", ())),
        )
        _check(rule, where)
    except (ValueError, TypeError, AttributeError, re2.error) as e:
        raise RuleError(f"{where}: {e}") from e
    return rule


def _check(rule: Rule, where: str) -> None:
    if rule.kind == "threshold":
        float(rule.values[0])
    if rule.kind != "lexicon":
        return
    lexicon = Lexicon(rule.values)
    for text in rule.hit:
        if not lexicon.found(text):
            raise RuleError(f"{where} does not find its own example {text!r}")
    for text in rule.miss:
        if lexicon.found(text):
            raise RuleError(f"{where} finds {text!r}, which it must not")


@cache
def default_rules() -> RuleSet:
    """The shipped rule set, read once."""
    return load_rules(DEFAULT_FILE)
