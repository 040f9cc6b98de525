"""How urgent a fault is: from what is known, what the customer says and what a person decides, each step explained."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from models.words import Urgency

# Read in this order: "not urgent" must not be read as "urgent".
_WORDS: tuple[tuple[Urgency, re.Pattern[str]], ...] = (
    (
        Urgency.LOW,
        re.compile(
            r"\b(?:not (?:very |really |at all )?(?:urgent|pressing)|no (?:rush|hurry|urgency)|"
            r"low(?:est)? (?:priority|urgency)|"
            r"non[- ]?urgent|when(?:ever)? you (?:have|get|find) (?:a |the |some )?(?:time|chance|moment)|can wait)\b",
            re.I,
        ),
    ),
    (
        Urgency.HIGH,
        re.compile(
            r"\b(?:urgent(?:ly)?|asap|as soon as possible|emergency|immediate(?:ly)?|(?:high(?:est)?|top|max(?:imum)?) "
            r"(?:priority|urgency)|prio(?:rity)? ?1|p1|sev(?:erity)? ?1)\b",
            re.I,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class UrgencyFacts:
    """What is known: of the services named, of the customer, said by him, decided by a person."""

    redundant: tuple[bool, ...] = ()
    named: int = 0
    of_customer: int = 0
    stated: Urgency | None = None
    decided: Urgency | None = None
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """`find` gives the reason where the rule holds, else an empty string; a later rule that holds wins."""

    name: str
    urgency: Callable[[UrgencyFacts], Urgency | None]
    find: Callable[[UrgencyFacts], str]


def _several(f: UrgencyFacts) -> str:
    if f.named < 2:
        return ""
    whole = f.of_customer and f.named >= f.of_customer
    part = f"all {f.named}" if whole else f"{f.named} of {f.of_customer}" if f.of_customer else str(f.named)
    return f"{part} services of the customer"


def _single(f: UrgencyFacts) -> str:
    return "the service is not redundant" if f.redundant and not all(f.redundant) else ""


RULES: tuple[Rule, ...] = (
    Rule("usual", lambda _: Urgency.MEDIUM, lambda _: "the usual"),
    Rule("not-redundant", lambda _: Urgency.HIGH, _single),
    Rule("several-services", lambda _: Urgency.HIGH, _several),
    Rule("stated", lambda f: f.stated, lambda f: "the customer says so" if f.stated else ""),
    Rule("decided", lambda f: f.decided, lambda f: f"decided by {f.decided_by}" if f.decided else ""),
)


def find_urgency(facts: UrgencyFacts) -> tuple[Urgency, tuple[str, ...]]:
    """The urgency, and each rule that held, in order, as `urgency high: the service is not redundant`."""
    urgency, steps = Urgency.MEDIUM, []
    for rule in RULES:
        reason, value = rule.find(facts), rule.urgency(facts)
        if reason and value is not None:
            urgency = value
            steps.append(f"urgency {value.value}: {reason}")
    return urgency, tuple(steps)


def stated_urgency(text: str) -> Urgency | None:
    """What the customer's own words say about urgency, or None."""
    return next((urgency for urgency, words in _WORDS if words.search(text)), None)
