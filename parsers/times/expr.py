"""One time expression as it stands in a text, before it becomes an interval."""

from __future__ import annotations

from dataclasses import dataclass

from parsers.times.atoms import ClockLit, DateLit

STRETCH = frozenset(
    (
        "past last letzten letzte laatste afgelopen derniere dernieres derniers ultima ultimas ultime ultimi ultimos poslednji "
        "poslednja poslednje poslednjeg poslednjih zadnja последња последњи последњих ostatniej ostatnich ostatnie son "
        "последний последние"
    ).split()
)
Age = tuple[float, float]
"""Shortest and longest age in seconds."""


@dataclass(frozen=True, slots=True)
class Expr:
    """One time expression; `i` and `j` are the first atom and the one past the last."""

    i: int
    j: int
    date: DateLit | None = None
    clock: ClockLit | None = None
    end_clock: ClockLit | None = None
    day: int | None = None
    weekday: int | None = None
    part: str | None = None
    night: bool = False
    zone: str | None = None
    approx: bool = False
    lean: int = 0
    """Below zero shortly before the clock, above zero shortly after it."""
    age: Age | None = None
    lasting: str = ""
    epoch: int | None = None
    weakdate: bool = False
    spoken: bool = False
    over: bool = False
    """Whether it is told when it ended."""

    @property
    def has_day(self) -> bool:
        return self.date is not None or self.day is not None or self.weekday is not None

    @property
    def empty(self) -> bool:
        return not (self.has_day or self.clock or self.part or self.age or self.epoch)
