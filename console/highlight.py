"""The canonical text cut into pieces, so that each value's words carry their field's colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SHOWN = ("filled", "confirm")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `field` is empty for plain text, `title` explains the value."""

    text: str
    field: str = ""
    title: str = ""


def pieces(data: Mapping[str, Any]) -> list[Piece]:
    """Cuts `data["text"]` at the spans of its evidence; where spans overlap the earlier, longer one wins."""
    text: str = data.get("text", "")
    out: list[Piece] = []
    at = 0
    for start, end, field, title in _spans(data):
        if start < at or end > len(text):
            continue
        if start > at:
            out.append(Piece(text[at:start]))
        out.append(Piece(text[start:end], field, title))
        at = end
    return [*out, Piece(text[at:])]


def _spans(data: Mapping[str, Any]) -> list[tuple[int, int, str, str]]:
    found = [
        (span[0], span[1], field, _title(field, e))
        for field, candidates in data.get("evidence", {}).items()
        for e in candidates
        if e["status"] in _SHOWN and field != "description"
        for span in e["spans"]
        if span[0] < span[1]
    ]
    return sorted(found, key=lambda s: (s[0], -s[1]))


def _title(field: str, evidence: Mapping[str, Any]) -> str:
    steps = ", ".join(f"{cause} {delta:+.2f}" for cause, delta in evidence["steps"])
    return f"{field.replace('_', ' ')}: {evidence['value']} (rule {evidence['rule']}, score {evidence['score']:.2f}: {steps})"
