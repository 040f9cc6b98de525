"""The lines of a text with what each one is, and the output below a command at a prompt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.words import ZoneKind
from parsers.log_lines import PROMPT


@dataclass(slots=True)
class Line:
    start: int
    end: int
    text: str
    kind: ZoneKind = ZoneKind.PROSE


def paint(lines: Sequence[Line], kind: ZoneKind) -> None:
    """Marks all of the lines as one kind."""
    for line in lines:
        line.kind = kind


def mark_output(lines: list[Line]) -> None:
    """What follows a command at a prompt is its output, up to a blank line or a line of plain words."""
    inside = False
    for line in lines:
        if PROMPT.match(line.text):
            inside = True
        elif not line.text.strip() or line.kind not in (ZoneKind.PROSE, ZoneKind.LOG) or _is_sentence(line.text):
            inside = False
        if inside:
            line.kind = ZoneKind.LOG


def _is_sentence(text: str) -> bool:
    """Whether the line reads as a person's: many words, hardly a figure, a full stop."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    return len(words) >= 5 and text.strip()[-1] in ".!?," and sum(c.isdigit() for c in text) < 5
