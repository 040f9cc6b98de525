"""Finds every written form of a directory ID in a text, and well-formed IDs that the directory lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.directory import Directory, canonical
from parsers.id_families import families
from parsers.id_shapes import shapes_of, unknown_ids
from parsers.rules import RuleSet

_CHUNK = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[\s\-–—‑‒−./_:()]{0,4}")
_WORDS_BEFORE = 4
_LONG_DIGITS = 6
_TAIL = re.compile(r"\s?(?:[,/&+]|and|und|et|y|e|en|i|и|ve|or|oder|ou|o|of)\s?[.-]?(\d{2,6}[A-Za-z]?)(?![\w/]|[.-]\d)")
_LOOKALIKE = re.compile(r"(?<=\d)[OQ]|[OQ](?=\d)")


@dataclass(frozen=True, slots=True)
class Written:
    """One place in the text: `how` is exact, lookalike, digits, unknown or family."""

    kind: str
    value: str
    start: int
    end: int
    how: str
    rule: str = ""


def scan(text: str, directory: Directory, rules: RuleSet, min_digits: int) -> list[Written]:
    """All candidates in order; a known ID hides what overlaps it."""
    shapes = shapes_of(directory)
    out = list(_known(text, directory, shapes.longest))
    out += _tails(text, directory, out)
    taken = [(w.start, w.end) for w in out]
    for kind, value, start, end in unknown_ids(text, shapes):
        if _free((start, end), taken):
            out.append(Written(kind, value, start, end, "unknown"))
            taken.append((start, end))
    for rule, start, end in families(text, rules):
        if _free((start, end), taken) and any(c.isdigit() for c in text[start:end]):
            out.append(Written(rule.field.removesuffix("_id"), text[start:end], start, end, "family", rule.id))
            taken.append((start, end))
    for m in re.finditer(rf"\d{{{min_digits},}}", text):
        hit = directory.services_by_digits.get(m.group(), ())
        if len(hit) == 1 and _free(m.span(), taken):
            out.append(Written("service", hit[0].id, *m.span(), "digits"))
        elif not hit and (len(m.group()), m.group()[:3]) in shapes.bare and _free(m.span(), taken):
            out.append(Written("service", m.group(), *m.span(), "bare"))
    return sorted(out, key=lambda w: w.start)


def _known(text: str, directory: Directory, longest: int) -> Iterator[Written]:
    services, circuits = directory.service_by_canonical, directory.circuit_spelling
    chunks = [(m.group().upper(), m.start(), m.end()) for m in _CHUNK.finditer(text)]
    numbered = _next_numbered(chunks)
    i = 0
    while i < len(chunks):
        if numbered[i] - i > _WORDS_BEFORE:
            i = numbered[i] - _WORDS_BEFORE
            continue
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
            if not has_digit:
                continue
            if k > i and joined.isdigit() and any(c.isspace() for c in text[chunks[i][1] : end]):
                if joined in services and len(joined) >= _LONG_DIGITS and len(word) > 1:
                    best = (k, Written("service", services[joined].id, chunks[i][1], end, "spaced"))
                continue
            found = _lookup(joined, services, circuits)
            if found:
                kind, value, how = found
                best = (k, Written(kind, value, chunks[i][1], end, how))
        if best:
            yield best[1]
            i = best[0]
        i += 1


def _tails(text: str, directory: Directory, known: list[Written]) -> list[Written]:
    """ "DIA-118402 / 403", "DNVR.BMS.0311 and .0312": digits that replace the last ones of the ID before them."""
    out: list[Written] = []
    taken = {w.start for w in known}
    for w in known:
        last, at = w, w.end
        while last.kind == "service" and (m := _TAIL.match(text, at)) and m.start(1) not in taken:
            name = canonical(last.value)
            digits = canonical(m[1])
            found = directory.service_by_canonical.get(name[: -len(digits)] + digits) if len(digits) < len(name) else None
            if found is None or found.id == last.value or _shape(name[-len(digits) :]) != _shape(digits):
                break
            last = Written("service", found.id, m.start(1), m.end(1), "exact")
            at = last.end
            out.append(last)
    return out


def _shape(name: str) -> str:
    return "".join("9" if c.isdigit() else "A" for c in name)


def _next_numbered(chunks: list[tuple[str, int, int]]) -> list[int]:
    """For each chunk the index of the next one with a digit: an ID without any digit is a word."""
    out = [len(chunks) + _WORDS_BEFORE] * len(chunks)
    at = len(chunks) + _WORDS_BEFORE
    for n in range(len(chunks) - 1, -1, -1):
        if not chunks[n][0].isalpha():
            at = n
        out[n] = at
    return out


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
