"""Documents that go out as PDF, as plain values: filled by tickets/, drawn by outbound/pdf.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TimelineLine:
    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class ActionLine:
    """A preventive action: what, by whom, until when (as words)."""

    what: str
    owner: str
    due: str


@dataclass(frozen=True, slots=True)
class RfoDocument:
    """A Reason for Outage report as the customer reads it."""

    provider: str
    ticket: str
    customer: str
    number: str
    issued_at: datetime
    title: str
    services: tuple[str, ...]
    impact: str
    priority: str
    began_at: datetime | None
    opened_at: datetime
    ended_at: datetime | None
    duration: str
    summary: str
    cause: str
    resolution: str
    actions: tuple[ActionLine, ...] = ()
    timeline: tuple[TimelineLine, ...] = field(default=())
    draft: bool = False


@dataclass(frozen=True, slots=True)
class MatrixLine:
    level: int
    title: str
    persons: tuple[tuple[str, tuple[str, ...]], ...]
    ages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatrixDocument:
    """An escalation matrix as handed over for a service."""

    provider: str
    service: str
    customer: str
    name: str
    version: int
    issued_at: datetime
    priorities: tuple[str, ...]
    lines: tuple[MatrixLine, ...]
    response: tuple[str, ...]
    repair: tuple[str, ...]
    channels: tuple[tuple[str, str], ...]
    hours: str
