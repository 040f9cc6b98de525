"""What IDs of this directory look like, learned from the directory itself."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from models.directory import Directory, IdFormat
from parsers.lexicons import OPTIONS, re2

_RUN = re.compile(r"[^\W\d_]+|\d+|[\W_]+")
_COMPANY = re.compile(r"[/.]\s?([A-Za-z]{2,5})[/.]{0,2}$")
_DASHES = "-–—‑‒_"
_PUT_IN = 1000
_MOST_SHAPES, _MOST_RUNS, _LEADING, _SHORTEST = 12, 11, 3, 5
_GLUE_BEFORE, _GLUE_AFTER = "/.@-_", "/@-_"


@dataclass(frozen=True, slots=True)
class Shape:
    """One order of letters and digits, as in "DIA-118402".

    `gaps` stand behind its runs, the last one's is empty; `words` are the letters seen at each run (empty for digits);
    `heads` is how an ID of figures alone begins.
    """

    kind: str
    pattern: str
    gaps: tuple[str, ...]
    words: tuple[frozenset[str], ...]
    heads: frozenset[str]

    def written(self, raw: str) -> str | None:
        """The ID in the directory's spelling: upper case, its separators, zeros for O; None if it is not of this form."""
        squeezed = re.sub(r"[\W_]", "", raw).upper()
        runs: list[str] = []
        m = re.fullmatch(self.pattern, squeezed)
        for n, run in enumerate(m.groups() if m else ()):
            runs.append(run if self.words[n] else run.replace("O", "0"))
        if m is None or not self._ours(runs):
            return None
        return "".join(run + gap for run, gap in zip(runs, self.gaps, strict=True))

    def _ours(self, runs: Sequence[str]) -> bool:
        """Whether one of the words, or the beginning of the figures, stands in IDs on file too."""
        letters = [(run, seen) for run, seen in zip(runs, self.words, strict=True) if seen]
        if letters:
            return any(run in seen for run, seen in letters)
        return runs[0] + runs[1][:_LEADING] in self.heads


@dataclass(frozen=True)
class Shapes:
    """The shapes with one expression for all of them, and the length of the longest ID on file.

    `companies` end its circuit IDs; `bare` are length and beginning of its IDs of figures alone.
    """

    shapes: tuple[Shape, ...]
    pattern: Any
    longest: int
    companies: frozenset[str]
    bare: frozenset[tuple[int, str]]


def _learn(directory: Directory) -> Shapes:
    off = directory.formats_off
    ids = [s.id for s in directory.services if not off or _RUN.findall(s.id)[0].upper() not in off]
    # A form that somebody has put in counts as if many IDs had it.
    ids += [f"{f.prefix}{f.separator}{'0' * f.digits}" for f in directory.formats] * _PUT_IN
    circuits = [c for s in directory.services for c in s.circuits]
    found = [
        row for kind, names, least in (("service", ids, 1), ("circuit", circuits, 2)) for row in _shapes(kind, names, least)
    ]
    body = "|".join(loose for _, loose in found)
    return Shapes(
        tuple(shape for shape, _ in found),
        re2.compile(rf"(?i)\b(?:{body})\b", OPTIONS) if body else None,
        max((len(x) for x in (*ids, *circuits)), default=0),
        frozenset(filter(None, map(company_of, circuits))),
        frozenset((len(x), x[:_LEADING]) for x in ids if x.isdigit() and len(x) > _SHORTEST),
    )


def company_of(circuit: str) -> str:
    """The letters of the company at the end of a circuit ID in carrier form, or nothing."""
    m = _COMPANY.search(circuit)
    return m[1].upper() if m else ""


def companies_of(directory: Directory) -> frozenset[str]:
    """The companies at the end of the circuit IDs on file."""
    return shapes_of(directory).companies


def _shapes(kind: str, names: Iterable[str], least: int) -> Iterator[tuple[Shape, str]]:
    """The commonest shapes of the names, each with the expression that finds it in a text."""
    groups: defaultdict[tuple[str, ...], list[list[str]]] = defaultdict(list)
    for name in names:
        runs = _RUN.findall(name)
        if 2 <= len(runs) <= _MOST_RUNS and name[0].isalnum() and name[-1].isalnum():
            groups[tuple("A" if r.isalpha() else "D" if r.isdigit() else r for r in runs)].append(runs)
    for key, rows in sorted(groups.items(), key=lambda g: -len(g[1]))[:_MOST_SHAPES]:
        if len(rows) >= least and "D" in key and (key.count("D") > 1 or "A" in key):
            yield _shape(kind, key, rows), _loose(key, rows)


def _shape(kind: str, key: Sequence[str], rows: Sequence[Sequence[str]]) -> Shape:
    at = [n for n, part in enumerate(key) if part in ("A", "D")]
    gaps = tuple(key[n + 1] if n + 1 < len(key) and n + 1 not in at else "" for n in at)
    words = tuple(frozenset(row[n].upper() for row in rows) if key[n] == "A" else frozenset[str]() for n in at)
    heads = frozenset(row[at[0]] + row[at[1]][:_LEADING] for row in rows) if "A" not in key else frozenset[str]()
    return Shape(kind, "".join(f"({_counted(key[n], rows, n)})" for n in at), gaps, words, heads)


def _loose(key: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Dashes of any kind or blanks for a dash, but nothing loose between figures alone, which may be a phone number."""
    blank = r"\s?" if "A" in key else ""
    out = []
    for n, part in enumerate(key):
        if part in ("A", "D"):
            out.append(_counted(part, rows, n))
            plain = (part, *key[n + 1 : n + 2]) == ("A", "D") and len(key) == 2
            out.append(rf"[{_DASHES}\s]?" if plain else "")
        elif part in _DASHES and blank:
            out.append(rf"\s?[{_DASHES} ]?\s?")
        else:
            out.append(f"{blank}{re2.escape(part)}{blank}")
    return "".join(out)


def _counted(part: str, rows: Sequence[Sequence[str]], n: int) -> str:
    low, high = min(len(row[n]) for row in rows), max(len(row[n]) for row in rows)
    return f"{'[A-Za-z]' if part == 'A' else '[0-9Oo]'}{{{low},{high}}}"


# Asked for each mail: even to look up 50,000 IDs in a cache by value would take longer than the reading.
_last: list[tuple[Directory, Shapes]] = []


def shapes_of(directory: Directory) -> Shapes:
    """The shapes of the directory's IDs, worked out once per directory."""
    for known, shapes in _last:
        if known is directory:
            return shapes
    shapes = _learn(directory)
    _last[:] = [(directory, shapes), *_last[:3]]
    return shapes


def unknown_ids(text: str, shapes: Shapes) -> Iterator[tuple[str, str, int, int]]:
    """Kind, spelling and place of everything in the text that looks like an ID of this provider."""
    for m in shapes.pattern.finditer(text) if shapes.pattern else ():
        start, end = m.span()
        if not any(c.isdigit() for c in text[start:end]) or not _apart(text, start, end):
            continue
        for shape in shapes.shapes:
            name = shape.written(text[start:end])
            if name and len(name) >= _SHORTEST:
                yield shape.kind, name, start, end
                break


def _apart(text: str, start: int, end: int) -> bool:
    """Whether it is not the middle of something longer."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 2]
    glued = after[:1] == "." and after[1:2].isalnum()
    return not (before and before in _GLUE_BEFORE) and not (after[:1] and after[0] in _GLUE_AFTER) and not glued


def learned(directory: Directory) -> list[tuple[IdFormat, int]]:
    """The forms of letters and digits that the services' own IDs show, each with how many IDs it has."""
    counts: Counter[IdFormat] = Counter()
    for service in directory.services:
        runs = _RUN.findall(service.id)
        if runs and runs[0].isalpha() and runs[-1].isdigit() and len(runs) in (2, 3):
            counts[IdFormat(runs[0].upper(), runs[1] if len(runs) == 3 else "", len(runs[-1]))] += 1
    return counts.most_common()
