"""Word lists of a rule set as linear-time expressions, with what a rule asks of the place where a hit stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2 as _re2

from models.words import ZoneKind
from parsers.rule_file import Rule

re2: Any = _re2
# A hit counts when its rule's weight, with the boost of its context, reaches this.
COUNTS_FROM = 0.5
_UNKNOWN_LANGUAGE = ("", "unknown")
_MAX_MEMORY = 96 << 20


def _options() -> Any:
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.log_errors = False
    return options


OPTIONS = _options()


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in the text that was asked about; `strength` is the rule's weight with its boost."""

    start: int
    end: int
    text: str
    rule: str = ""
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Where:
    """The surroundings of a stretch that begins at `offset` of `text`."""

    text: str
    offset: int
    zone: Callable[[int], ZoneKind]
    language: str = ""


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


@lru_cache(maxsize=1024)
def compiled(phrases: tuple[str, ...]) -> Any:
    """One expression for whole words of any of the phrases; group 1 is the phrase."""
    body = "|".join(sorted((phrase_pattern(p) for p in phrases), key=len, reverse=True))
    return re2.compile(r"(?i)(?:^|[^\p{L}\p{N}_])(" + body + r")(?:[^\p{L}\p{N}_]|$)", OPTIONS)


def refusal(rule: Rule, start: int, end: int, where: Where, counts_from: float = COUNTS_FROM) -> tuple[str, float]:
    """Why a hit of the rule at this place does not count ("" counts), and its strength."""
    a, b = where.offset + start, where.offset + end
    if rule.zones and where.zone(a) not in rule.zones:
        return f"not read in the {where.zone(a).value}", 0.0
    if rule.restricted and where.language not in _UNKNOWN_LANGUAGE and where.language not in rule.languages:
        return f"not read in {where.language}", 0.0
    window = rule.context.window if rule.context else 40
    around = where.text[max(0, a - window) : a] + "\n" + where.text[b : b + window]
    if rule.veto and compiled(rule.veto).search(around):
        return f"vetoed by '{compiled(rule.veto).search(around).group(1)}'", 0.0
    strength = rule.weight
    if rule.context and compiled(rule.context.near).search(around):
        strength += rule.context.boost
    elif rule.context and rule.context.required:
        return "none of its context words is near", 0.0
    return ("", strength) if strength >= counts_from else ("too weak without its context", strength)


class Lexicon:
    """All rules of one word list."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._parts = [(r, compiled(r.values)) for r in rules]

    def hits(self, text: str, where: Where | None = None) -> list[Hit]:
        """All hits that count, in order, with offsets in code points."""
        out: list[Hit] = []
        for rule, pattern in self._parts:
            for m in pattern.finditer(text):
                hit = _counted(rule, m.start(1), m.end(1), m.group(1), where or _nowhere(text))
                if hit:
                    out.append(hit)
        return out if len(self._parts) == 1 else sorted(out, key=lambda h: (h.start, -h.end))

    def found(self, text: str, where: Where | None = None) -> bool:
        for rule, pattern in self._parts:
            if rule.plain:
                if pattern.search(text) is not None:
                    return True
            elif any(_counted(rule, m.start(1), m.end(1), m.group(1), where or _nowhere(text)) for m in pattern.finditer(text)):
                return True
        return False


def _counted(rule: Rule, start: int, end: int, text: str, where: Where) -> Hit | None:
    if rule.plain:
        return Hit(start, end, text, rule.id, rule.weight)
    why, strength = refusal(rule, start, end, where)
    return None if why else Hit(start, end, text, rule.id, strength)


def _nowhere(text: str) -> Where:
    return Where(text, 0, lambda _: ZoneKind.PROSE)
