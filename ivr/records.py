"""What is counted of a call: tries in vain, wrong turns, and where and why a person took over."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ivr.words import Call, State

_BRANCHES = frozenset({State.SVC.value, State.TKT.value, State.WHEN.value})
_MENU, _PERSON = State.MENU.value, State.HUMAN.value


@dataclass(frozen=True, slots=True)
class Counts:
    """`misroutes` counts returns to the menu after a branch was chosen there; `handed_from` is the state before the person."""

    retries: int
    misroutes: int
    handed_from: str = ""
    handed_why: str = ""


def counts(call: Call) -> Counts:
    path = call.path
    turned = sum(b == _MENU and any(s in _BRANCHES for s in path[:at]) for at, (_, b) in enumerate(pairwise(path), 1))
    at = path.index(_PERSON) if _PERSON in path else -1
    if at < 0:
        return Counts(call.total, turned)
    before = path[at - 1] if at else State.START.value
    return Counts(call.total, turned, before, _why(call, before))


def _why(call: Call, before: str) -> str:
    if before in (State.ESCALATE.value, State.TOLD.value):
        return "offered after the report" if before == State.TOLD.value else "after an escalation"
    return "not understood" if call.why.startswith("not understood") else "asked for"
