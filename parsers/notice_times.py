"""The windows of planned work: full dates with a clock and a zone, past or future, as carriers write them."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from parsers.times import zones

_MONTHS = {m: n for n, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_NAME = r"(?P<{0}>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{{0,6}}"
_DATES = (
    re.compile(r"(?<!\d)(?P<y>20\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(rf"(?i)(?<!\d)(?P<y>20\d\d)[-\s/]{_NAME.format('n')}[-\s/](?P<d>\d{{1,2}})(?!\d)"),
    re.compile(
        rf"(?i)(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-\s./]+(?:of\s+)?{_NAME.format('n')}\.?[-\s.,/]+(?P<y>20\d\d|\d\d)(?!\d)"
    ),
    re.compile(rf"(?i)\b{_NAME.format('n')}\.?[-\s]+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[,\s-]+(?P<y>20\d\d)(?!\d)"),
    re.compile(r"(?<![\d/.])(?P<a>\d{1,2})(?P<sep>[/.])(?P<b>\d{1,2})(?P=sep)(?P<y>20\d\d|\d\d)(?![\d/])"),
)
_CLOCK = re.compile(
    r"(?i)(?<![\d:.-])(?:(?P<h>[01]?\d|2[0-4])[:.h](?P<min>[0-5]\d)(?:[:.]\d\d(?:\.\d+)?)?\s*(?P<half>[ap]\.?m\b\.?)?"
    r"|(?P<h12>1[0-2]|0?\d)\s*(?P<half12>[ap]\.?m\b\.?)|(?P<mil>[0-2]\d[0-5]\d)(?=\s*(?:hrs|hours|h\b|utc|gmt|z\b)))"
)
_ZONE = re.compile(
    r"(?i)[\s,(]{0,3}(?:(?:local time|hrs\.?|hours)[\s,(]{1,3})?"
    r"(?P<zone>(?:utc|gmt)\s?[+-]\d{1,2}(?::?\d{2})?(?![\d:])|[+-]\d{2}:?\d{2}(?![\d:])|[a-z]{1,8}\b)[ )]{0,2}"
)
_JOINT = re.compile(r"(?i)^[\s,;()\w/+:]{0,24}?(?:-|–|—|to|until|till|through|thru|bis|/)\s*$")
_RANGE = re.compile(r"(?i)[\s)]*(?:-|–|—|to|until|till|through|thru|bis|/)?[\s(]*")
_AFTER, _BEFORE = 30, 26


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time in UTC and where it stands in the text."""

    at: datetime
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Read:
    naive: datetime
    zone: tzinfo | None
    american: bool
    start: int
    end: int


def instants(text: str, *, zone: str = "") -> list[Instant]:
    """All full points in time of a text in UTC, in order; a second clock after "to" takes the day of the first.

    `zone` is a zone word that holds where none is written beside the clock.
    """
    found: list[_Read] = []
    for day, start, end, american in _days(text):
        if found and start < found[-1].end:
            continue
        clock = _CLOCK.search(text[end : end + _AFTER])
        if clock and "\n\n" not in text[end : end + clock.start()]:
            tail = end + clock.end()
            where, tail = _zone(text, tail)
        else:
            before = list(_CLOCK.finditer(text, max(0, start - _BEFORE), start))
            if not before:
                continue
            clock = before[-1]
            where, tail = _zone(text, clock.end())
            where, tail = (where, end) if where else _zone(text, end)
        found.append(_Read(_naive(day, clock), where, american, start, tail))
        second = _second(text, found[-1], day)
        if second:
            found.append(second)
    return [_instant(found, n, text, zone) for n in range(len(found))]


def window(text: str, *, zone: str = "") -> tuple[datetime, datetime] | None:
    """The first two points in time of a text when the second is after the first."""
    found = instants(text, zone=zone)
    for a, b in itertools.pairwise(found):
        if a.at < b.at <= a.at + timedelta(days=31):
            return a.at, b.at
    return None


def zone_in(label: str) -> str:
    """The zone word in a label such as "Window (UTC)", or an empty string."""
    return next((w.lower() for w in re.findall(r"[A-Za-z]{2,8}", label) if _known(w)), "")


def _days(text: str) -> list[tuple[date, int, int, bool]]:
    out: list[tuple[date, int, int, bool]] = []
    for pattern in _DATES:
        for m in pattern.finditer(text):
            if any(m.start() < e and m.end() > s for _, s, e, _ in out):
                continue
            day, american = _day(m, text)
            if day:
                out.append((day, m.start(), m.end(), american))
    return sorted(out, key=lambda x: x[1])


def _day(m: re.Match[str], text: str) -> tuple[date | None, bool]:
    got = m.groupdict()
    year = int(got["y"]) + (2000 if len(got["y"]) == 2 else 0)
    american = False
    if got.get("a"):
        a, b = int(got["a"]), int(got["b"])
        near = text[max(0, m.start() - 40) : m.end() + 40].lower()
        american = got["sep"] == "/" and (b > 12 or (a <= 12 and bool(set(re.findall(r"[a-z]+", near)) & zones.AMERICAN)))
        day, month = (b, a) if american else (a, b)
    else:
        month = _MONTHS[got["n"].lower()] if got.get("n") else int(got["m"])
        day = int(got["d"])
    try:
        return date(year, month, day), american
    except ValueError:
        return None, american


def _naive(day: date, clock: re.Match[str]) -> datetime:
    if clock["mil"]:
        hour, minute = int(clock["mil"][:2]), int(clock["mil"][2:])
    else:
        hour, minute = int(clock["h"] or clock["h12"]), int(clock["min"] or 0)
    half = (clock["half"] or clock["half12"] or "")[:1].lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return datetime(day.year, day.month, day.day, hour % 24, minute) + timedelta(days=hour // 24)  # noqa: DTZ001


def _instant(found: list[_Read], n: int, text: str, default: str) -> Instant:
    """With the zone as written, else that of the other end of the same range, else the default, else UTC."""
    r = found[n]
    near = [found[k] for k in (n + 1, n - 1) if 0 <= k < len(found)]
    joined = [x for x in near if x.zone and _RANGE.fullmatch(text[min(r.end, x.end) : max(r.start, x.start)])]
    where = r.zone or (joined[0].zone if joined else None) or _known(default) or _known("et" if r.american else "utc") or UTC
    return Instant(r.naive.replace(tzinfo=where).astimezone(UTC), r.start, r.end)


def _zone(text: str, at: int) -> tuple[tzinfo | None, int]:
    """The zone right behind a clock, and where it ends."""
    m = _ZONE.match(text, at)
    if not m:
        return None, at
    word = m["zone"].strip().lower()
    offset = zones.OFFSET_RE.fullmatch(word)
    made = zones.of_offset(offset[1], offset[2], offset[3]) if offset else _known(word)
    return (made, m.end()) if made else (None, at)


def _known(word: str) -> tzinfo | None:
    word = word.lower()
    if word not in zones.OFFSETS and word not in zones.REGIONS and word not in zones.AMBIGUOUS:
        return None
    found = zones.of_word(word, None)
    return found[0] if found else None


def _second(text: str, first: _Read, day: date) -> _Read | None:
    clock = _CLOCK.search(text, first.end, min(len(text), first.end + 22))
    if not clock or not _JOINT.match(text[first.end : clock.start()]):
        return None
    if any(d.match(text, k) for d in _DATES for k in range(first.end, clock.end())):
        return None
    zone, tail = _zone(text, clock.end())
    at = _naive(day, clock)
    return _Read(at if at > first.naive else at + timedelta(days=1), zone, first.american, clock.start(), tail)
