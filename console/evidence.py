"""The canonical text of a contact cut into pieces, each with what was read from it, what was refused there, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TAKEN = ("filled", "confirm")
_MOST_REFUSED = 4


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch of text from code point `at`; `found` is the evidence that it carries (empty: plain text)."""

    at: int
    text: str
    found: Mapping[str, Any] | None = None
    field: str = ""
    number: int = 0
    refused: Sequence[Mapping[str, Any]] = ()

    @property
    def taken(self) -> bool:
        return self.found is not None and self.found["status"] in TAKEN


def marked(data: Mapping[str, Any]) -> list[Marked]:
    """Cuts `data["text"]` at the spans of its evidence; where spans overlap, what was taken wins, then the longer one."""
    text: str = data.get("text") or ""
    evidence: Mapping[str, Sequence[Mapping[str, Any]]] = data.get("evidence") or {}
    out: list[Marked] = []
    at = 0
    for start, end, field, found in _chosen(evidence, len(text)):
        if start > at:
            out.append(Marked(at, text[at:start]))
        refused = [e for e in evidence[field] if e["status"] not in TAKEN][:_MOST_REFUSED] if found["status"] in TAKEN else ()
        out.append(Marked(start, text[start:end], found, field, len(out) + 1, refused))
        at = end
    return [*out, Marked(at, text[at:])]


def _chosen(evidence: Mapping[str, Sequence[Mapping[str, Any]]], length: int) -> list[tuple[int, int, str, Mapping[str, Any]]]:
    spans = [
        (int(s[0]), int(s[1]), field, e)
        for field, rows in evidence.items()
        for e in rows
        if field != "description"
        for s in e["spans"]
        if 0 <= s[0] < s[1] <= length
    ]
    spans.sort(key=lambda s: (s[3]["status"] not in TAKEN, s[0] - s[1]))
    kept: list[tuple[int, int, str, Mapping[str, Any]]] = []
    for span in spans:
        if all(span[1] <= k[0] or span[0] >= k[1] for k in kept):
            kept.append(span)
    return sorted(kept, key=lambda s: s[0])
