"""Escalation matrices as an admin or a directory file gives them, checked at the door, each mistake by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from models.durations import Length, Unit, length
from models.errors import UserError
from models.words import NoticeWay, Priority

_MAIL = re.compile(r"[^\s@<>,;\"]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")
_NUMBER = re.compile(r"\+[0-9][0-9 ()/-]{5,24}")


# What a matrix holds when nothing else is said: hours by the clock, for Low in business days (docs/domain.md, 3).
DEFAULT_AGES: dict[Priority, tuple[str, ...]] = {
    Priority.CRITICAL: ("1h", "2h", "3h", "4h"),
    Priority.MAJOR: ("2h", "4h", "8h", "16h"),
    Priority.MINOR: ("4h", "8h", "16h", "32h"),
    Priority.LOW: ("1bd", "2bd", "3bd", "5bd"),
}


def default_ages(level: int) -> dict[Priority, str]:
    """The ages of a level, 1 to 4, where the admin gives none."""
    return {p: ages[level - 1] for p, ages in DEFAULT_AGES.items() if level <= len(ages)}


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class WayRow(_Row):
    """One way to reach a person; ways are tried in the order given."""

    by: NoticeWay
    to: str

    @model_validator(mode="after")
    def usable(self) -> WayRow:
        pattern = _MAIL if self.by is NoticeWay.MAIL else _NUMBER
        if not pattern.fullmatch(self.to):
            kind = "mail address" if self.by is NoticeWay.MAIL else "number in international form, such as +49 30 5550100"
            raise ValueError(f"{self.to!r} is no {kind}")
        return self


class PersonRow(_Row):
    name: str
    ways: list[WayRow]

    @model_validator(mode="after")
    def reachable(self) -> PersonRow:
        if not self.ways:
            raise ValueError(f"{self.name!r} has no way to be reached; give a mail address or a number")
        return self


class LevelRow(_Row):
    """A level: who, and at what age of a ticket of each priority; a priority without an age never gets here by age."""

    level: int
    title: str
    persons: list[PersonRow]
    after: dict[Priority, str]

    @model_validator(mode="before")
    @classmethod
    def usual_ages(cls, value: Any) -> Any:
        if isinstance(value, dict) and "after" not in value and isinstance(value.get("level"), int):
            return value | {"after": default_ages(value["level"])}
        return value

    @field_validator("after")
    @classmethod
    def lengths(cls, value: dict[Priority, str]) -> dict[Priority, str]:
        for text in value.values():
            _length(text)
        return value

    @model_validator(mode="after")
    def has_persons(self) -> LevelRow:
        if not self.persons:
            raise ValueError(f"level {self.level} ({self.title}) has no persons")
        return self

    def age(self, priority: Priority) -> Length | None:
        text = self.after.get(priority)
        return length(text) if text else None


class MatrixRow(_Row):
    """A matrix for named services, for all services of named customers, or the default for the rest."""

    name: str
    default: bool = False
    customers: list[str] = []
    services: list[str] = []
    by_age: bool = True
    calendar: str = "default"
    levels: list[LevelRow] = []

    @model_validator(mode="after")
    def sound(self) -> MatrixRow:
        if not (self.default or self.customers or self.services):
            raise ValueError(f"matrix {self.name!r} is for nobody; give services, customers or default")
        numbers = [level.level for level in self.levels]
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(f"matrix {self.name!r}: levels must run 1, 2, 3 ...; given are {numbers}")
        if self.by_age and not self.levels:
            raise ValueError(f"matrix {self.name!r} has no levels; a service without escalation by age has by_age: false")
        for priority in Priority:
            _rising(self, priority)
        return self

    def level(self, number: int) -> LevelRow | None:
        return self.levels[number - 1] if 0 < number <= len(self.levels) else None


@dataclass(frozen=True, slots=True)
class MatrixVersion:
    """A matrix with the number of its version, as tickets and documents name it."""

    row: MatrixRow
    version: int


def check_overlaps(rows: Iterable[MatrixRow]) -> None:
    """Each service, each customer and the default have at most one matrix. Raises UserError naming both matrices."""
    owner: dict[tuple[str, str], str] = {}
    names: set[str] = set()
    for row in rows:
        if row.name in names:
            raise UserError(f"matrix {row.name!r} stands twice")
        names.add(row.name)
        claims = [("service", s) for s in row.services] + [("customer", c) for c in row.customers]
        for claim in [*claims, *([("default", "")] if row.default else [])]:
            if claim in owner:
                what = f"{claim[0]} {claim[1]}".strip()
                raise UserError(f"matrices {owner[claim]!r} and {row.name!r} overlap: both are for {what}")
            owner[claim] = row.name


def _rising(matrix: MatrixRow, priority: Priority) -> None:
    before: tuple[float, int] | None = None
    for level in matrix.levels:
        age = level.age(priority)
        if age is None:
            continue
        at = _nominal(age)
        if before and at <= before[0]:
            raise ValueError(
                f"matrix {matrix.name!r}: level {level.level} is not later than level {before[1]} for {priority.value}"
            )
        before = (at, level.level)


def _nominal(age: Length) -> float:
    return age.amount * 86400 if age.unit is Unit.BUSINESS_DAY else age.amount


def _length(text: str) -> None:
    try:
        length(text)
    except UserError as e:
        raise ValueError(str(e)) from e
