"""What IDs of this directory look like, learned from the directory itself, and generic circuit families."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from models.directory import Directory

_RUN = re.compile(r"[^\W\d_]+|\d+|[\W_]+")
_GENERIC = (
    r"(?<![\w/.])(?:[A-Z0-9]{1,3})?\s?/?[A-Z0-9]{4}/\d{3,7}/(?:\d{0,3}|\s{1,3})/?\s?[A-Z]{2,5}(?:/\d{0,3}|/)?(?![\w/])",
    r"(?<![\w.])\d{0,2}\.?[A-Z0-9]{4}\.\d{4,7}\.{1,2}(?:\d{0,3}\.{1,2})?[A-Z]{2,5}(?:\.{1,2}(?!\w))?(?!\w)",
    r"(?<![\w/.])/[A-Z]{4}/\d{4,7}/(?:\d{0,3}|\s*)/\s?[A-Z]{2,5}/?",
)
GENERIC = tuple(re.compile(g) for g in _GENERIC)


@dataclass(frozen=True)
class Shapes:
    """Expressions for well-formed IDs with prefixes that the directory uses, and the lengths of its digit runs."""

    unknown: re.Pattern[str] | None
    prefixes: dict[str, int]
    separators: dict[str, str]
    digit_lengths: frozenset[int]
    longest: int


@lru_cache(maxsize=4)
def _shapes(ids: tuple[str, ...], circuits: tuple[str, ...]) -> Shapes:
    patterns: dict[str, int] = {}
    prefixes: dict[str, int] = {}
    separators: dict[str, str] = {}
    lengths: Counter[int] = Counter()
    for one in ids:
        runs = _RUN.findall(one)
        digits = [r for r in runs if r.isdigit()]
        lengths[len("".join(digits))] += 1
        if not runs or not runs[0].isalpha() or not digits or len(runs) > 3 or not runs[-1].isdigit():
            continue
        prefix = runs[0].upper()
        prefixes[prefix] = len(runs[-1])
        separators[prefix] = runs[1] if len(runs) == 3 else ""
        patterns[rf"{re.escape(prefix)}\s?[-–—‑‒_ ]?\s?[0-9O]{{{len(runs[-1])}}}"] = 1
    unknown = re.compile(r"(?i)(?<![\w-])(?:" + "|".join(patterns) + r")(?![\w-])") if patterns else None
    longest = max((len(x) for x in (*ids, *circuits)), default=0)
    return Shapes(unknown, prefixes, separators, frozenset(lengths), longest)


# Asked for each mail: even to look up 50,000 IDs in a cache by value would take longer than the reading.
_last: list[tuple[Directory, Shapes]] = []


def shapes_of(directory: Directory) -> Shapes:
    """The shapes of the directory's IDs, worked out once per directory."""
    for known, shapes in _last:
        if known is directory:
            return shapes
    shapes = _shapes(tuple(s.id for s in directory.services), tuple(c for s in directory.services for c in s.circuits))
    _last[:] = [(directory, shapes), *_last[:3]]
    return shapes


def written(shapes: Shapes, raw: str) -> str:
    """An unknown but well-formed ID in the directory's spelling: upper case, its separator, zeros for O."""
    squeezed = re.sub(r"[\W_]", "", raw).upper()
    for prefix, count in shapes.prefixes.items():
        if squeezed.startswith(prefix) and len(squeezed) == len(prefix) + count:
            return prefix + shapes.separators[prefix] + squeezed[len(prefix) :].replace("O", "0")
    return raw.upper()
