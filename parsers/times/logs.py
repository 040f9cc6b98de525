"""Time stamps at the beginning of log lines, as routers, firewalls and syslog write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from parsers.times.atoms import ClockLit, DateLit, month_number
from parsers.times.expr import Expr

# All on folded text. The optional head is a syslog priority and version, a sequence number, or the mark of a clock
# that is not synchronised.
_HEAD = r"^[ \t>|]*(?:<\d{1,3}>\s?(?:1\s)?)?(?:\d{1,8}:\s)?[*.%]?\[?"
_CLOCK = r"(?P<h>[0-2]\d):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d)(?:[.,]\d+)?)?"
_MONTH = r"(?P<mon>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_STAMPS = tuple(
    re.compile(_HEAD + stamp + r"(?=(?P<rest>[^\n]*(?:\n[^\n]*)?))", re.M)
    for stamp in (
        rf"(?:date=)?(?P<y>\d{{4}})[-/.](?P<mo>\d\d)[-/.](?P<d>\d\d)(?:t|,?\s+(?:time=)?){_CLOCK}",
        rf"(?:[a-z]{{3}},?\s+)?{_MONTH}[ /]+(?P<d>\d{{1,2}})(?:[/ ](?P<y>\d{{4}}))?[ ,]+{_CLOCK}(?:\s+(?P<y2>20\d\d))?",
        rf"(?P<d>\d{{1,2}})[-/ ]{_MONTH}[-/ ](?P<y>\d{{4}})[ :,t]+{_CLOCK}",
        rf"(?P<d>\d{{1,2}})[./](?P<mo>\d{{1,2}})[./](?P<y>\d{{4}}),?\s+(?=\d\d:\d\d:\d\d){_CLOCK}",
        r"(?P<epoch>1[6-9]\d{8})(?:\.\d+)?(?=[\]\s:])",
    )
)
_QUICK = re.compile(r"\d\d:\d\d|1[6-9]\d{8}")
_ZONE = re.compile(
    r"^\s?(?:\(?(z|utc|gmt|cest|cet|[ecmp][sd]t|msk|bst|ist|e[ei]s?t|wes?t|sast|ae[sd]t|nz[sd]t|jst|sgt|hkt|gst|pkt|brt"
    r"|cat|eat)(?![\w]|[-.][a-z])|([+-]\d\d:?\d\d)\b)|\btz=\"?([+-]\d{4})"
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """One stamped line: where the stamp stands, what it says, and what follows it."""

    start: int
    end: int
    expr: Expr
    rest: str


def stamps(folded: str) -> Iterator[Stamp]:
    """The stamped lines of a folded text, in order."""
    if not _QUICK.search(folded):
        return
    found = [m for pattern in _STAMPS for m in pattern.finditer(folded)]
    taken = -1
    for m in sorted(found, key=lambda m: m.start()):
        line = m.start()
        expr = _expr(m)
        if expr is not None and line > taken:
            taken = line
            yield Stamp(line, m.start("rest"), expr, m["rest"])


def stamp_at(folded: str, line: int) -> bool:
    """Whether the line that begins at this offset begins with a stamp."""
    return any(p.match(folded, line) for p in _STAMPS)


def _expr(m: re.Match[str]) -> Expr | None:
    groups = m.groupdict()
    if groups.get("epoch"):
        return Expr(0, 0, epoch=int(m["epoch"]))
    month = int(groups["mo"]) if groups.get("mo") else month_number(groups["mon"])
    year = groups.get("y") or groups.get("y2")
    day = int(m["d"])
    if month is None or not (1 <= month <= 12 and 1 <= day <= 31 and int(m["h"]) < 24):
        return None
    swap = "mon" not in groups and len(groups.get("y") or "") == 4 and m.start("d") < m.start("mo") and day <= 12
    zone = _ZONE.search(m["rest"].split("\n")[0])
    written = next((g for g in zone.groups() if g), None) if zone else None
    clock = ClockLit(int(m["h"]), int(m["m"]), int(m["s"]) if m["s"] else None, two=True)
    return Expr(0, 0, DateLit(int(year) if year else None, month, day, swap), clock, zone=written)
