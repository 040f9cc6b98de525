"""Maintenance notices as calendar entries with X-MAINTNOTE properties (BCOP of the NANOG group), and calendar methods."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from models.mail import Notice
from parsers.times import zones

_STATUS = {
    "TENTATIVE": "planned",
    "CONFIRMED": "planned",
    "CANCELLED": "cancelled",
    "IN-PROCESS": "in progress",
    "COMPLETED": "completed",
    "RE-SCHEDULED": "rescheduled",
}
_LINE = re.compile(r"^([A-Za-z-]+)((?:;[^:\"\n]*(?:\"[^\"\n]*\")?[^:\"\n]*)*):(.*)$")


def calendar_method(text: str) -> str:
    """REQUEST, REPLY, CANCEL, ... of a calendar part, in upper case."""
    found = re.search(r"(?im)^METHOD:\s*([A-Za-z-]+)", text)
    return found[1].upper() if found else ""


def read_maintnote(text: str) -> Notice | None:
    """The notice in a calendar part, or None when it has no X-MAINTNOTE properties."""
    properties = _properties(text)

    def first(name: str) -> str:
        return next((v for n, _, v in properties if n == name), "").strip()

    if not any(n.startswith("X-MAINTNOTE-") for n, _, _ in properties):
        return None
    objects = tuple(dict.fromkeys(v.strip() for n, _, v in properties if n == "X-MAINTNOTE-OBJECT-ID" and v.strip()))
    return Notice(
        carrier=first("X-MAINTNOTE-PROVIDER"),
        reference=first("X-MAINTNOTE-MAINTENANCE-ID"),
        status=_STATUS.get(
            first("X-MAINTNOTE-STATUS").upper(), "cancelled" if first("STATUS").upper() == "CANCELLED" else "planned"
        ),
        impact=first("X-MAINTNOTE-IMPACT"),
        starts_at=_when(properties, "DTSTART"),
        ends_at=_when(properties, "DTEND"),
        circuits=objects,
        sure=True,
        calendar=True,
    )


def _properties(text: str) -> list[tuple[str, str, str]]:
    """Name, parameters and value of each line, unfolded (RFC 5545, 3.1)."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text[:200_000])
    found = (_LINE.match(line) for line in unfolded.splitlines()[:2000])
    return [(m[1].upper(), m[2], re.sub(r"\\([\\;,])", r"\1", m[3])) for m in found if m]


def _when(properties: list[tuple[str, str, str]], name: str) -> datetime | None:
    for n, parameters, value in properties:
        stamp = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", value.strip()) if n == name else None
        if not stamp:
            continue
        named = re.search(r"(?i)TZID=\"?([^\";:]+)", parameters)
        zone = UTC if stamp[7] else zones.load(named[1] if named else None) or UTC
        parts = [int(x or 0) for x in stamp.groups()[:6]]
        try:
            return datetime(*parts, tzinfo=zone).astimezone(UTC)  # type: ignore[misc,arg-type]
        except ValueError:
            return None
    return None
