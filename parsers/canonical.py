"""One canonical text of a contact: subject, empty line, body, then what was attached or forwarded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from parsers.charset import clean
from parsers.mime import OpenedMail

MAX_TEXT, MAX_SUBJECT = 65_536, 2000
_SAME_RUN = re.compile(r"([^\w\s])\1{199,}")


class Part(StrEnum):
    """Where a stretch of the canonical text came from."""

    SUBJECT = "subject"
    BODY = "body"
    ATTACHED = "attached"
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True)
class Segment:
    part: Part
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Canonical:
    text: str
    segments: tuple[Segment, ...]
    cut: bool = False


def canonical_text(subject: str, pieces: list[tuple[Part, str]]) -> Canonical:
    """Joins the pieces and notes which code points came from where; over 64 KB it is cut."""
    text = clean(subject[:MAX_SUBJECT]).replace("\n", " ").strip()
    segments = [Segment(Part.SUBJECT, 0, len(text))]
    for part, piece in pieces:
        piece = _folded(piece[: 2 * MAX_TEXT].strip("\n").rstrip())
        if not piece.strip():
            continue
        text += "\n\n"
        segments.append(Segment(part, len(text), len(text) + len(piece)))
        text += piece
    if len(text) <= MAX_TEXT:
        return Canonical(text, tuple(segments))
    kept = [Segment(s.part, s.start, min(s.end, MAX_TEXT)) for s in segments if s.start < MAX_TEXT]
    return Canonical(text[:MAX_TEXT], tuple(kept), True)


def _folded(text: str) -> str:
    """Over-long lines as paragraphs and endless rows of one sign shortened, so that every reader stays quick."""
    text = _SAME_RUN.sub(lambda m: m.group(1) * 80, text)
    if all(len(line) < 2000 for line in text.split("\n")):
        return text
    return "\n".join(x for line in text.split("\n") for x in _pieces(line))


def _pieces(line: str) -> list[str]:
    out: list[str] = []
    while len(line) > 2000:
        cut = max(line.rfind(". ", 1000, 1800) + 1, 0) or line.rfind(" ", 1000, 1800)
        cut = cut if cut > 0 else 1800
        out += [line[:cut], ""]
        line = line[cut:].lstrip(" ")
    return [*out, line]


def canonical_mail(mail: OpenedMail) -> Canonical:
    """The canonical text of an opened mail."""
    pieces = [(Part.BODY, mail.body)]
    for inner in mail.forwarded:
        pieces.append((Part.FORWARDED, "\n\n".join(x for x in (inner.subject, inner.text) if x.strip())))
    pieces += [(Part.ATTACHED, a.text) for a in mail.attachments if a.text]
    return canonical_text(mail.subject, [(p, clean(t)) for p, t in pieces])
