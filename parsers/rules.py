"""The rule set: every word list, label, ID family, weight and threshold as one immutable value."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from models.errors import RuleError
from parsers.lexicons import Hit, Lexicon
from parsers.rule_checks import check_rules
from parsers.rule_file import NUMBERS, Curve, Rule, as_text, content_of

__all__ = ["DEFAULT_FOLDER", "Hit", "Lexicon", "Rule", "RuleSet", "default_rules", "load_rules", "normal_label", "parse_rules"]
DEFAULT_FOLDER = Path(__file__).parent / "data" / "rules"
_NOT_WORD = re.compile(r"[^\w]+")
_LINKING = ("and", "or", "und", "y", "e", "et", "en", "i", "since", "of")
_AS_IT_IS = Curve()
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class RuleSet:
    """Compiled once, then only read; `version` is the digest of the text it came from."""

    rules: tuple[Rule, ...]
    version: str
    name: str = "rules"
    calibration: Mapping[str, Curve] = field(default_factory=dict)
    _made: dict[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def enabled(self) -> tuple[Rule, ...]:
        return tuple(r for r in self.rules if r.enabled)

    @cached_property
    def by_id(self) -> dict[str, Rule]:
        return {r.id: r for r in self.rules}

    @cached_property
    def labels(self) -> dict[str, Rule]:
        """Normal form of a label -> its rule."""
        return {normal_label(v): r for r in self.enabled if r.kind == "label" for v in r.values}

    @cached_property
    def _lists(self) -> dict[str, list[Rule]]:
        out: dict[str, list[Rule]] = {}
        for r in self.enabled:
            if r.kind == "lexicon":
                out.setdefault(r.list_name, []).append(r)
        return out

    def of_kind(self, *kinds: str) -> tuple[Rule, ...]:
        """The enabled rules of these kinds, in the file's order."""
        return tuple(r for r in self.enabled if r.kind in kinds)

    def in_lists(self, prefix: str) -> list[Rule]:
        """The enabled lexicon rules of all lists whose name begins so, in the file's order."""
        return [r for r in self.enabled if r.kind == "lexicon" and r.list_name.startswith(prefix)]

    def lexicon(self, name: str) -> Lexicon:
        """The word list of that name; an empty one when the set has none."""
        return self.derived(f"lexicon {name}", lambda _: Lexicon(self._lists.get(name, [])))

    def derived(self, key: str, make: Callable[[RuleSet], T]) -> T:
        """What a recognizer compiles from this set, made once per set."""
        if key not in self._made:
            self._made[key] = make(self)
        value: T = self._made[key]
        return value

    def number(self, rule_id: str, place: int = 0) -> float:
        """A weight or threshold; the shipped one where this set has none. Raises KeyError for a name nobody knows."""
        rule = self.by_id.get(rule_id)
        if rule is not None and rule.enabled and rule.kind in NUMBERS and place < len(rule.values):
            return rule.number(place)
        return default_rules().by_id[rule_id].number(place)

    def curve(self, field_name: str) -> Curve:
        """The calibration of a field; without one a score stands for itself."""
        return self.calibration.get(field_name, _AS_IT_IS)

    def label_rule(self, label: str) -> Rule | None:
        """The rule of a form label; what follows it in brackets or after 'and' does not count."""
        name = normal_label(re.sub(r"\(.*?(?:\)|$)", " ", label))
        known = self.labels
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
            if head in known and (n > 1 or words[n] in _LINKING):
                return known[head]
            if tail in known and n > 1:
                return known[tail]
        return None

    def label_field(self, label: str) -> str | None:
        """The field a form label names."""
        rule = self.label_rule(label)
        return rule.field if rule else None

    def text(self) -> str:
        """The set as the one readable file that `load_rules` takes."""
        return as_text(self.name, self.rules, self.calibration)


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
    content = content_of(text, name)
    check_rules(content.rules, name)
    return RuleSet(content.rules, digest_of(text), content.name, content.calibration)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def shipped_text() -> str:
    """The shipped files as one: rules in the order of the files' names, and within a file as written."""
    rules: list[Rule] = []
    curves: dict[str, Curve] = {}
    for path in sorted(DEFAULT_FOLDER.glob("*.json")):
        content = content_of(path.read_text(encoding="utf-8"), path.name)
        rules.extend(content.rules)
        curves.update(content.calibration)
    return as_text("shipped", rules, curves)


@cache
def default_rules() -> RuleSet:
    """The shipped rule set, read once. Its rules are checked by the tests, not at every start."""
    text = shipped_text()
    content = content_of(text, "shipped")
    return RuleSet(content.rules, digest_of(text), content.name, content.calibration)
