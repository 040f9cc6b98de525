"""What a rule set must hold to before it can be switched on; each complaint names the rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from models.errors import RuleError
from models.words import Impact, Intent, Pattern
from parsers.lexicons import OPTIONS, compiled, re2
from parsers.rule_file import NUMBERS, Rule

# Sentences as anybody writes them. A pattern that finds something in more than half of them says nothing.
EVERYDAY: tuple[str, ...] = (
    "Good morning, our line has been down since nine o'clock.",
    "Please call me back on 020 7946 0321 when you know more.",
    "The office in Leeds works, the one in York does not.",
    "Ticket 4711 of last week was about another site.",
    "We have restarted the router twice without success.",
    "Bonjour, nous n'avons plus de réseau depuis ce matin.",
    "Guten Tag, die Leitung ist seit gestern sehr langsam.",
    "Thank you for your help and kind regards, Ann",
)
_MOST = len(EVERYDAY) // 2
_ATOM = re.compile(r"[\w']+|[^\w\s]")
_MEANINGS: dict[str, frozenset[str]] = {
    "impact": frozenset(Impact),
    "fault_pattern": frozenset(Pattern),
    "intent": frozenset(Intent),
}


def problems(rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    """Every problem as (rule id, what is wrong)."""
    yield from _doubles(rules)
    for rule in rules:
        # A rule that fails one check is not fit for the next: what does not compile has no examples.
        for found in (list(check(rule)) for check in _CHECKS):
            yield from ((rule.id, what) for what in found)
            if found:
                break
    yield from _contradictions(rules)


def problems_of(rule: Rule, others: Sequence[Rule]) -> list[str]:
    """What stands against one rule beside the others of its set, which were checked before."""
    for check in _CHECKS:
        if found := list(check(rule)):
            return found
    if any(r.id == rule.id for r in others):
        return ["stands twice"]
    return [what for rule_id, what in _contradictions([*others, rule]) if rule_id == rule.id]


def check_rules(rules: Sequence[Rule], name: str) -> None:
    """Raises RuleError for the first problem."""
    for rule_id, what in problems(rules):
        raise RuleError(f"{name}: rule {rule_id!r} {what}")


def _doubles(rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            yield rule.id, "stands twice"
        seen.add(rule.id)


def _values(rule: Rule) -> Iterator[str]:
    doubled = {v for v in rule.values if rule.values.count(v) > 1} if len(set(rule.values)) < len(rule.values) else set()
    if doubled:
        yield f"has the value {min(doubled)!r} twice"
    if any(not v.strip() for v in rule.values):
        yield "has an empty value"
    if rule.kind in ("lexicon", "phrase", "veto") and any(not any(c.isalnum() for c in v) for v in rule.values):
        yield "has a value without a letter or a digit"
    if rule.kind == "lexicon" and not rule.group and rule.meaning is not None:
        yield "has a meaning but belongs to no word list; phrases have meanings"


def _numbers(rule: Rule) -> Iterator[str]:
    if rule.kind not in NUMBERS:
        return
    try:
        found = [float(v) for v in rule.values]
    except ValueError:
        yield f"needs numbers, not {', '.join(map(repr, rule.values))}"
        return
    if rule.kind == "fill" and not (len(found) == 2 and 0 <= found[1] <= found[0] <= 1):
        yield "needs two numbers between 0 and 1: fill from, and confirm from (not above the first)"
    if rule.kind == "weight" and any(abs(n) > 2 for n in found):
        yield "is beyond -2 and 2"


def _patterns(rule: Rule) -> Iterator[str]:
    for value in rule.values if rule.kind in ("pattern", "family") else ():
        try:
            pattern = re2.compile(value, OPTIONS)
        except re2.error as e:
            reason = e.args[0].decode() if e.args and isinstance(e.args[0], bytes) else str(e)
            yield f"has a pattern that does not compile: {value!r} ({reason})"
            continue
        if pattern.search("") is not None or pattern.fullmatch("") is not None:
            yield f"has a pattern that matches empty text: {value!r}"
        elif sum(pattern.search(text) is not None for text in EVERYDAY) > _MOST:
            yield f"has a pattern that matches far too much: {value!r} is found in most everyday sentences"


def _meaning(rule: Rule) -> Iterator[str]:
    if rule.kind not in ("phrase", "pattern"):
        return
    allowed = _MEANINGS.get(rule.field)
    if allowed and rule.meaning not in allowed:
        yield f"needs a meaning out of {', '.join(sorted(allowed))}"
    if rule.kind == "phrase" and not allowed and rule.meaning is None:
        yield "needs a meaning: the value that its words stand for"
    if rule.field in ("negative", "any", "start_time", "description", "test_results"):
        yield f"cannot find values for {rule.field!r} by a {rule.kind}; use a lexicon or a label"


def _examples(rule: Rule) -> Iterator[str]:
    if not (rule.examples.hit or rule.examples.miss):
        return
    found = finder(rule)
    for text in rule.examples.hit:
        if not found(text):
            yield f"does not find its own example {text!r}"
    for text in rule.examples.miss:
        if found(text):
            yield f"finds {text!r}, which it must not"


def finder(rule: Rule) -> Callable[[str], bool]:
    """Whether the rule's own words are found in a text, wherever it stands."""
    if rule.kind == "label":
        from parsers.rules import RuleSet

        alone = RuleSet((rule.model_copy(update={"enabled": True}),), "")
        return lambda text: alone.label_rule(text) is not None
    if rule.kind in ("pattern", "family"):
        patterns = [re2.compile(v, OPTIONS) for v in rule.values]
        return lambda text: any(p.search(text) is not None for p in patterns)
    if rule.kind in NUMBERS:
        return lambda text: True
    if rule.list_name.startswith("impact."):
        from parsers.impact.lexicon import index_of

        index = index_of([rule])
        return index.found
    if rule.list_name.startswith("time."):
        phrases = [f" {_spaced(v)} " for v in rule.values]
        return lambda text: any(p in f" {_spaced(text)} " for p in phrases)
    plain = compiled(rule.values)
    return lambda text: plain.search(text) is not None


def _spaced(text: str) -> str:
    """Folded words and signs, one blank between them, as the grammar of times sees a text."""
    from parsers.times.fold import fold

    return " ".join(_ATOM.findall(fold(text)))


def _words(rule: Rule) -> Iterator[str]:
    """Words beyond the everyday: a list that is in every sentence is a slip of the pen."""
    if rule.kind not in ("phrase", "veto"):
        return
    found = finder(rule)
    if sum(found(text) for text in EVERYDAY) > _MOST:
        yield "matches far too much: it is found in most everyday sentences"


def _one_language(rule: Rule) -> Iterator[str]:
    if rule.list_name.startswith("impact.") and rule.kind == "lexicon" and len(rule.languages) != 1:
        yield "needs exactly one language, by which its words are negated"


_CHECKS: tuple[Callable[[Rule], Iterable[str]], ...] = (
    _values,
    _numbers,
    _patterns,
    _meaning,
    _one_language,
    _examples,
    _words,
)


def _contradictions(rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    """A label of two fields, or a word of one list with two meanings."""
    from parsers.rules import normal_label
    from parsers.times.fold import fold

    seen: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        if not rule.enabled or rule.kind not in ("label", "lexicon", "phrase"):
            continue
        if rule.kind == "lexicon" and rule.meaning is None:
            continue
        what = rule.list_name if rule.kind == "lexicon" else rule.kind if rule.kind == "label" else f"phrase {rule.field}"
        for value in rule.values:
            key = (what, normal_label(value) if rule.kind == "label" else " ".join(fold(value).split()))
            other = seen.setdefault(key, rule)
            if other is not rule and (other.field, other.meaning) != (rule.field, rule.meaning):
                yield rule.id, f"contradicts rule {other.id!r}: both have {value!r}"
