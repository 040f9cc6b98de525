"""What the words around a time say about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """`label` and `cue` speak for a start, `against` names another event, `hint` a zone that the label carries."""

    label: str = ""
    cue: str = ""
    weight: float = 0.0
    against: str = ""
    hint: str | None = None
