"""One canonical text of a contact: subject, empty line, body, then what was attached or forwarded."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from enum import StrEnum

from parsers.charset import clean
from parsers.mime import OpenedMail
from parsers.mime_parts import Forwarded

MAX_TEXT, MAX_SUBJECT = 65_536, 2000
_SAME_RUN = re.compile(r"([^\w\s])\1{199,}")
# A row of a notice in JSON: the name in quote marks, a value, a comma.
_PAIR = re.compile(r'^([ \t]*)"([\w .-]{1,40})"[ \t]*:[ \t]*(?:"([^"\n]*)"|([^\n]*?)),?[ \t]*$', re.M)
# A leaf of a notice in XML on a line of its own; the other tags only hold leaves.
_LEAF = re.compile(r"^([ \t]*)<(?:\w+:)?([A-Za-z][\w.-]{0,40})(?:\s[^<>\n]*)?>([^<>]*)</(?:\w+:)?\2>[ \t]*$", re.M)
_TAG = re.compile(r"^[ \t]*(?:<[?!/]?[A-Za-z][^<>\n]*>[ \t]*)+$", re.M)
_HTML = re.compile(r"(?i)</?(?:html|body|div|span|table|td|tr|br|p|b|i)\b[^<>]*>")
_HUMP = re.compile(r"(?<=[a-z\d])(?=[A-Z])")
_FEWEST_PAIRS = 3


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


def _without_quote_marks(text: str) -> str:
    """A notice in JSON as the form that it is: one name and value a line."""
    if text.count('":') < _FEWEST_PAIRS or len(_PAIR.findall(text)) < _FEWEST_PAIRS:
        return text
    return _PAIR.sub(lambda m: f"{m[1]}{_name(m[2])}: {m[3] if m[3] is not None else m[4]}", text)


def _name(written: str) -> str:
    """`firstOccurrence`, `first_occurrence` as words."""
    return _HUMP.sub(" ", written.replace("_", " "))


def _as_form(text: str) -> str:
    """A notice for machines as the form that it is."""
    return _without_tags(_without_quote_marks(text))


def _without_tags(text: str) -> str:
    """A notice in XML as a form: one name and value a line."""
    if text.count("</") < _FEWEST_PAIRS or _HTML.search(text) or len(_LEAF.findall(text)) < _FEWEST_PAIRS:
        return text
    return _TAG.sub("", _LEAF.sub(lambda m: f"{m[1]}{_name(m[2])}: {html.unescape(' '.join(m[3].split()))}", text))


def _inner(mail: Forwarded) -> str:
    """A forwarded message with the head lines that its reader needs: "today" in it is the day it was sent."""
    head = "\n\n".join(x for x in (mail.subject, f"Date: {mail.sent}" if mail.sent else "") if x.strip())
    return "\n\n".join(x for x in (head, mail.text) if x.strip())


def canonical_mail(mail: OpenedMail) -> Canonical:
    """The canonical text of an opened mail."""
    pieces = [(Part.BODY, _as_form(mail.body))]
    for inner in mail.forwarded:
        pieces.append((Part.FORWARDED, _inner(inner)))
    pieces += [(Part.ATTACHED, _as_form(a.text)) for a in mail.attachments if a.text]
    return canonical_text(mail.subject, [(p, clean(t)) for p, t in pieces])
