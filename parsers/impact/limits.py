"""What takes the edge off a hard word: "almost dead", "does not get past 5 Mbit"."""

from __future__ import annotations

from parsers.impact.lexicon import Mark
from parsers.impact.scan import Line

_NEAR = 1
_REACH = 5
_UNITS = frozenset({"m", "k", "g", "pps", "%"})
# These are rates with a second behind them.
_VOLUMES = frozenset({"kb", "mb", "gb"})
_RATES = (
    "mbit",
    "kbit",
    "gbit",
    "mbps",
    "kbps",
    "gbps",
    "mega",
    "megs",
    "meg",
    "percent",
    "prozent",
    "мбит",
    "кбит",
    "мегабит",
    "процент",
)


def nearly(line: Line, mark: Mark, neg: Mark | None) -> bool:
    """ "Almost dead" and "fast nichts geht": almost, right before the words; not the German "fast" before an English word."""
    first = min(mark.first, neg.first) if neg is not None else mark.first
    return any(
        m.cls == "nearly" and (m.lang == "en" or mark.lang != "en") and m.last <= first <= m.last + _NEAR for m in line.states
    )


def capped(line: Line, mark: Mark) -> bool:
    """ "Does not go beyond 5 Mbit": a figure of speed or share right behind the verb bounds it."""
    _, last = line.clause_of(mark)
    words = [t.word for t in line.sentence.words[mark.last : min(last, mark.last + _REACH)]]
    at = next((i for i, w in enumerate(words) if w[:1].isdigit()), None)
    if at is None:
        return False
    unit = words[at].lstrip("0123456789.,") or next(iter(words[at + 1 : at + 2]), "")
    unit = unit if not unit.isdigit() else next(iter(words[at + 2 : at + 3]), "")
    behind = words[at + 1 : at + 4]
    return unit in _UNITS or unit.startswith(_RATES) or (unit in _VOLUMES and "s" in behind)
