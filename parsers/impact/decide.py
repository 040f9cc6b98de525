"""Weighing the statements about impact: one class wins, the others stay open with their reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.reading import Finding, Step
from models.words import Field, FindingStatus, Impact, ZoneKind
from parsers.impact.states import DG, NSA, SA, Statement, Tier
from parsers.rules import RuleSet

_ZONES = (ZoneKind.FORM, ZoneKind.SUBJECT, ZoneKind.FORWARDED, ZoneKind.LOG)
_SEVERITY = {SA: 2, DG: 1, NSA: 0}
_CLASSED = frozenset({Tier.STATED, Tier.SCOPE})
WORKS_BADLY = "works, but badly"
_OTHERWISE = "the prose says otherwise"
_CONTESTED = "said once, and the text tells of poor service too"
_DOUBTS = frozenset({_OTHERWISE, _CONTESTED})
_REASONS = {
    "negated": "negated in the text",
    "hedged": "a guess or a condition, not a statement",
    "planned": "about planned work",
    "past": "in the past or over already",
    "quoted": "in quoted text",
    "third party": "about another party",
    "about a paper": "about a document or our own desk, not a service",
    "about something else": "about something that is no service of the provider",
    "comes and goes": "comes and goes, which says nothing on the impact",
    "unknown": "the writer does not know it",
    "about the backup": "about the backup while the main path carries the traffic",
}


@dataclass(frozen=True, slots=True)
class Choice:
    value: Impact
    why: Statement
    steps: tuple[Step, ...]


def _worst(rows: Sequence[Statement]) -> Statement:
    return max(rows, key=lambda s: _SEVERITY[s.value])


def _first_tier(rows: Sequence[Statement]) -> tuple[Statement, str] | None:
    """A label, else a stated class."""
    for tier in (Tier.LABEL, Tier.STATED):
        named = [s for s in rows if s.tier is tier]
        if named:
            return named[0], "labelled" if tier is Tier.LABEL else "stated as a class"
    return None


def _then(carry: Statement, state: Statement) -> bool:
    """ "We failed over to LTE but it is too slow": the state behind is that of the path that now carries."""
    return carry.sentence == state.sentence >= 0 and carry.span[1] <= state.span[0]


def _of_another(s: Statement, dead: set[str]) -> bool:
    """ "A is down. B rode through it": that B is well says nothing on the users of A."""
    return s.rule == "impact.scope.unaffected" and bool(s.about) and bool(dead) and s.about not in dead


def _by_scope(rows: Sequence[Statement]) -> tuple[Statement, str] | None:
    """Backup and primary: who still carries the traffic."""
    states = [s for s in rows if s.tier is Tier.STATE]
    both = [s for s in states if s.backup and s.also and s.value is not NSA]
    if both:
        return _worst(both), "the backup is hit too"
    dead = {s.about for s in states if s.value is SA and s.about}
    scope = [s for s in rows if s.tier is Tier.SCOPE and not _of_another(s, dead)]
    carried = [s for s in scope if s.rule == "impact.scope.carry"]
    # A poor backup touches those who live on it; where nobody notices and nothing has moved over, it touches none.
    poor = [s for s in states if s.value is DG and ((s.backup and carried) or any(_then(c, s) for c in carried))]
    if scope and poor:
        return poor[0], "runs on a backup that is poor itself"
    if scope:
        return scope[0], "users are not touched"
    return None


def _by_symptom(rows: Sequence[Statement]) -> tuple[Statement, str] | None:
    states = [s for s in rows if s.tier is Tier.STATE]
    if not states:
        return None
    if all(s.backup for s in states):
        return Statement(NSA, Tier.STATE, "impact.scope.backup", states[0].span, states[0].kind), "only the backup is hit"
    rest = [s for s in states if not s.backup]
    poor = [s for s in rest if s.value is DG]
    dead = {s.about for s in rest if s.value is SA and s.about}
    if poor and any(s.alive and not (s.about and dead - {s.about}) for s in rows):
        return poor[0], WORKS_BADLY
    return _worst(rest), "worst symptom"


def _pick(rows: Sequence[Statement]) -> tuple[Statement, str] | None:
    return _first_tier(rows) or _by_scope(rows) or _by_symptom(rows)


def _groups(rows: Sequence[Statement], over: bool) -> list[list[Statement]]:
    """Own words first, then forwarded ones, then the subject (unless the fault is over), then what is over."""
    live = [s for s in rows if not s.reason]
    body = [s for s in live if s.kind in {ZoneKind.PROSE, ZoneKind.FORM}]
    forwarded = [s for s in live if s.kind is ZoneKind.FORWARDED]
    subject = [s for s in live if s.kind is ZoneKind.SUBJECT and not over]
    return [body, forwarded, subject, [s for s in rows if s.reason == "past"]]


def _weights(rules: RuleSet) -> Callable[[str], float]:
    return lambda name: rules.number(f"weight.impact.{name}")


def _score(why: Statement, cause: str, rows: Sequence[Statement], rules: RuleSet) -> tuple[Step, ...]:
    weight = _weights(rules)
    steps = [Step(cause, weight(why.tier.value))]
    if why.kind in _ZONES:
        steps.append(Step(f"in the {why.kind.value}", weight(why.kind.value)))
    if why.reason == "past":
        steps.append(Step("over already", weight("past")))
    others = [s for s in rows if s is not why and not s.reason and s.tier is not Tier.NUMBER]
    if any(s.value is why.value for s in others):
        steps.append(Step("said more than once", weight("agree")))
    if why.tier in {Tier.LABEL, Tier.STATED} and any(s.tier is why.tier and s.value is not why.value for s in others):
        steps.append(Step("classes contradict each other", weight("conflict") * 2))
    elif why.tier is Tier.LABEL and any(s.tier in _CLASSED and s.value is not why.value for s in others):
        steps.append(Step(_OTHERWISE, weight("conflict")))
    if _contested(why, others):
        steps.append(Step(_CONTESTED, 0.0))
    return tuple(steps)


def _contested(why: Statement, others: Sequence[Statement]) -> bool:
    """Dead by one statement alone, beside one of poor service: of these too many are wrong to stand unseen."""
    if why.tier is not Tier.STATE or why.value is not SA or any(s.value is SA for s in others):
        return False
    poor = (s for s in others if s.value is DG and s.tier is Tier.STATE and not s.backup)
    # Not the same words read twice, and not those on another service.
    return any(
        (s.span[1] <= why.span[0] or s.span[0] >= why.span[1]) and not (s.about and why.about and s.about != why.about)
        for s in poor
    )


def choose(rows: Sequence[Statement], rules: RuleSet, over: bool = False) -> Choice | None:
    """The class that the statements add up to."""
    for group in _groups(rows, over):
        picked = _pick(group)
        if picked is None:
            continue
        why, cause = picked
        return Choice(why.value, why, _score(why, cause, rows, rules))
    weak = [s for s in rows if not s.reason and s.value is not NSA and s.tier is Tier.NUMBER]
    if not weak:
        return None
    why = _worst(weak)
    steps = _score(why, "weak evidence", rows, rules)
    if why.value is DG and any(s.alive and not s.reason for s in rows):
        steps = (*steps, Step("the writer says that it works, but ...", _weights(rules)(Tier.STATE.value) / 2))
    return Choice(why.value, why, steps)


def _finding(text: str, s: Statement, version: str, steps: tuple[Step, ...], status: FindingStatus, detail: str) -> Finding:
    score = max(0.0, min(1.0, sum(step.delta for step in steps)))
    return Finding(
        Field.IMPACT,
        s.value.value,
        text[s.span[0] : s.span[1]],
        (s.span,),
        s.rule,
        version,
        round(score, 3),
        steps,
        status,
        detail=detail,
    )


def findings(text: str, rows: Sequence[Statement], rules: RuleSet, over: bool = False) -> list[Finding]:
    """The decision first, then every other candidate with the reason why it is not the answer."""
    choice = choose(rows, rules, over)
    out = []
    if choice:
        doubtful = any(s.cause in _DOUBTS for s in choice.steps)
        status = FindingStatus.CONFIRM if doubtful else FindingStatus.FILLED
        out.append(_finding(text, choice.why, rules.version, choice.steps, status, choice.steps[0].cause))
    for row in rows:
        if choice and row is choice.why:
            continue
        refused = row.reason not in {"", "past"}
        detail = _REASONS.get(row.reason, row.reason) or "another statement weighs more"
        steps = (Step(detail, 0.1 if refused else _weights(rules)(row.tier.value) / 2),)
        status = FindingStatus.REFUSED if refused else FindingStatus.OPEN
        out.append(_finding(text, row, rules.version, steps, status, detail))
    return out
