"""Finds every written form of a directory ID in a text, and well-formed IDs that the directory lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.directory import Directory, canonical
from parsers.id_shapes import GENERIC, shapes_of, written

_CHUNK = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[\s\-–—‑‒−./_:()]{0,4}")
_LOOKALIKE = re.compile(r"(?<=\d)[OQ]|[OQ](?=\d)")


@dataclass(frozen=True, slots=True)
class Written:
    """One place in the text: `how` is exact, lookalike, digits, unknown or family."""

    kind: str
    value: str
    start: int
    end: int
    how: str


def scan(text: str, directory: Directory, min_digits: int) -> list[Written]:
    """All candidates in order; a known ID hides what overlaps it."""
    shapes = shapes_of(directory)
    out = list(_known(text, directory, shapes.longest))
    taken = [(w.start, w.end) for w in out]
    for pattern in (shapes.unknown, *GENERIC):
        for m in pattern.finditer(text) if pattern else ():
            span = (m.start() + len(m.group()) - len(m.group().lstrip()), m.end())
            if _free(span, taken) and any(c.isdigit() for c in m.group()):
                known_shape = pattern is shapes.unknown
                value = written(shapes, m.group()) if known_shape else m.group().strip()
                kind, how = ("service", "unknown") if known_shape else ("circuit", "family")
                out.append(Written(kind, value, *span, how))
                taken.append(span)
    for m in re.finditer(rf"\d{{{min_digits},}}", text):
        hit = directory.services_by_digits.get(m.group(), ())
        if len(hit) == 1 and _free(m.span(), taken):
            out.append(Written("service", hit[0].id, *m.span(), "digits"))
    return sorted(out, key=lambda w: w.start)


def _known(text: str, directory: Directory, longest: int) -> Iterator[Written]:
    services, circuits = directory.service_by_canonical, directory.circuit_spelling
    chunks = [(m.group().upper(), m.start(), m.end()) for m in _CHUNK.finditer(text)]
    i = 0
    while i < len(chunks):
        best: tuple[int, Written] | None = None
        joined, has_digit = "", False
        for k in range(i, min(i + 8, len(chunks))):
            word, start, end = chunks[k]
            if k > i and not _GAP.fullmatch(text, chunks[k - 1][2], start):
                break
            if k > i and text.count("\n", chunks[k - 1][2], start) > 1:
                break
            joined += word
            if len(joined) > longest + 2:
                break
            has_digit = has_digit or any(c.isdigit() for c in word)
            if not has_digit or (k > i and joined.isdigit() and " " in text[chunks[i][1] : end]):
                continue
            found = _lookup(joined, services, circuits)
            if found:
                kind, value, how = found
                best = (k, Written(kind, value, chunks[i][1], end, how))
        if best:
            yield best[1]
            i = best[0]
        i += 1


def _lookup(joined: str, services: dict[str, object] | object, circuits: dict[str, str]) -> tuple[str, str, str] | None:
    table = services if isinstance(services, dict) else {}
    for name, how in ((joined, "exact"), (_LOOKALIKE.sub("0", _LOOKALIKE.sub("0", joined)), "lookalike")):
        if name in table:
            return "service", str(getattr(table[name], "id", name)), how
        if name in circuits and not (name.isdigit() and len(name) < 5):
            return "circuit", circuits[name], how
        if name == joined and "O" not in joined and "Q" not in joined:
            return None
    return None


def _free(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return all(span[1] <= a or span[0] >= b for a, b in taken)


def same_id(a: str, b: str) -> bool:
    return canonical(a) == canonical(b)
