"""Marks what each stretch of the canonical text is; quotes are marked, never deleted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.reading import Zone
from models.words import ZoneKind
from parsers.canonical import Canonical, Part
from parsers.log_lines import TOOL_HEAD, is_log
from parsers.signatures import mark_signature
from parsers.zone_lines import Line, mark_output, paint
from parsers.zone_marks import (
    ANSWERED,
    DATEISH,
    DISCLAIMER,
    FORWARD,
    HEAD_FROM,
    HEAD_OTHER,
    ORIGINAL,
    POINTER,
    POINTER_NO,
    QUOTE,
    SUBJECT_FORWARD,
    WHO,
    WROTE,
)

# Words that take an old text out of the matter: a forwarded mail that is closed, that has nothing to do with it.
_DISOWNS = re.compile(
    r"(?i)\b(?:closed|no bearing|unrelated|nothing to do|not related|only (?:for|to show)|as background|old (?:exchange"
    r"|thread|mail"
    r"|case)|erledigt|geschlossen|abgeschlossen|alte[nrms]?|nichts (?:\w+ )?zu tun|clos|close|ancien\w*|rien à voir|cerrad\w*"
    r"|antigu\w*|nada que ver|chius\w*|vecchi\w*|niente a che|gesloten|afgesloten|oude|niets te maken|zamkni\w*|star\w{1,3}"
    r"|zatvoren\w*|nema veze|закрыт\w*|стар\w{2,3}|не связан\w*|затворен\w*|kapan\w*|eski|encerrad\w*|fechad\w*|nada a ver)\b"
)
NEW = (ZoneKind.SUBJECT, ZoneKind.PROSE, ZoneKind.FORM, ZoneKind.LOG)
READ = (*NEW, ZoneKind.FORWARDED)
_LABEL = re.compile(r"^\s*(?:\d{1,2}[.)]\s+|[-*•]\s+|\|\s*)?([^\W\d][^:\n\t|]{1,44}?)\s*(?::|:|\.{3,}:?|\t|\s{3,})\s*(\S.*)?$")


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, whose house reads, and how a label and the words for another fault are recognised."""

    is_label: Callable[[str], bool]
    says_other: Callable[[str], bool] = lambda text: False
    sender: str = ""
    own_domains: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    """What the writer and the customer's other persons sign with, in lower case."""


def mark_zones(canonical: Canonical, writer: Writer) -> tuple[Zone, ...]:
    """The zones of the text, in order and without gaps between lines of one kind."""
    lines: list[Line] = []
    subject = canonical.text[: canonical.segments[0].end] if canonical.segments else ""
    for segment in canonical.segments:
        block = _lines(canonical.text, segment.start, segment.end)
        if segment.part is Part.SUBJECT:
            paint(block, ZoneKind.SUBJECT)
        elif segment.part is Part.FORWARDED:
            paint(block, ZoneKind.FORWARDED)
        else:
            _mark_block(block, subject, writer)
        lines.extend(block)
    return _merge(lines)


def own_lines(text: str, zones: Sequence[Zone], kinds: Sequence[ZoneKind] = NEW) -> list[str]:
    """The lines the writer has written now: no quotes, signatures or disclaimers."""
    return [line for z in zones if z.kind in kinds for line in text[z.start : z.end].split("\n")]


def masked(text: str, zones: Sequence[Zone], kinds: Sequence[ZoneKind]) -> str:
    """The text with everything outside these zones blanked, so that offsets stay."""
    out = [" " if c != "\n" else c for c in text]
    for z in zones:
        if z.kind in kinds:
            out[z.start : z.end] = text[z.start : z.end]
    return "".join(out)


def _lines(text: str, start: int, end: int) -> list[Line]:
    out: list[Line] = []
    at = start
    for piece in text[start:end].split("\n"):
        out.append(Line(at, at + len(piece), piece))
        at += len(piece) + 1
    return out


def _mark_block(lines: list[Line], subject: str, writer: Writer) -> None:
    head = _quote_start(lines)
    new = lines[:head]
    if head < len(lines):
        _mark_old(lines, head, subject)
    quoted = [x for x in lines if x.kind in (ZoneKind.QUOTED, ZoneKind.FORWARDED)]
    inside = {id(x) for x in quoted}
    for line in lines:
        if id(line) not in inside and QUOTE.match(line.text):
            line.kind = ZoneKind.QUOTED
    own = [x for x in lines if x.kind is ZoneKind.PROSE]
    _mark_own(own, writer)
    words = "\n".join(x.text for x in lines if x.kind in (ZoneKind.PROSE, ZoneKind.FORM))
    empty = len(re.findall(r"\w+", words)) < 3
    if _counts(lines, head, words, subject, writer) or (empty and not new):
        for line in lines:
            if line.kind is ZoneKind.QUOTED:
                line.kind = ZoneKind.FORWARDED
    elif writer.says_other(words) and _DISOWNS.search(words) and not points_below(words):
        for line in lines:
            if line.kind is ZoneKind.FORWARDED:
                line.kind = ZoneKind.QUOTED


def _counts(lines: list[Line], head: int, words: str, subject: str, writer: Writer) -> bool:
    """Whether the quote speaks for the writer: pointed to, answered inside, or the writer's own first mail."""
    if points_below(words):
        author = "\n".join(x.text for x in lines[head : head + 4]).lower()
        ours = any("@" + d in author or "." + d in author for d in writer.own_domains)
        answered = bool(ANSWERED.search(words))
        # Where the answers stand between the quoted lines, the quoted lines are only what was asked.
        return answered and not _between(lines[head:]) if ours or answered else True
    intro = " ".join(x.text for x in lines[head : head + 3]).lower()
    mine = bool(writer.sender) and writer.sender in intro and "INC-" not in subject
    return mine and not writer.says_other(words)


def _between(lines: list[Line]) -> bool:
    """Whether new lines stand below quoted ones and above others."""
    marked = [QUOTE.match(x.text) is not None for x in lines if x.text.strip()]
    new = [n for n, m in enumerate(marked) if not m]
    return any(any(marked[:n]) and any(marked[n:]) for n in new)


def points_below(words: str) -> bool:
    """Whether the new text sends the reader to the quoted text."""
    return bool(POINTER.search(words)) and not POINTER_NO.search(words)


def _quote_start(lines: list[Line]) -> int:
    for i, line in enumerate(lines):
        if FORWARD.match(line.text) or ORIGINAL.match(line.text) or _is_head_block(lines, i) or _is_wrote(lines, i):
            return i
    return len(lines)


def _is_head_block(lines: list[Line], i: int) -> bool:
    if not HEAD_FROM.match(lines[i].text):
        return False
    following = [x.text for x in lines[i + 1 : i + 7] if x.text.strip()][:5]
    return sum(bool(HEAD_OTHER.match(x)) for x in following) >= 2


def _is_wrote(lines: list[Line], i: int) -> bool:
    first = lines[i].text.strip()
    if not first or QUOTE.match(first) or len(first) > 200:
        return False
    joined = first
    for k in range(3):
        if k:
            if i + k >= len(lines) or not lines[i + k].text.strip():
                return False
            joined += " " + lines[i + k].text.strip()
        if joined.endswith((":", ":")) and DATEISH.search(joined):
            after = next((x.text for x in lines[i + k + 1 : i + k + 4] if x.text.strip()), "")
            return bool(WROTE.search(joined) or (QUOTE.match(after) and WHO.search(joined)))
    return False


def _mark_old(lines: list[Line], head: int, subject: str) -> None:
    """Marks from the first head on; lines below '>' lines may again be the writer's own."""
    first = lines[head].text
    wrote = WROTE.search(first) or _is_wrote(lines, head)
    forward = bool(FORWARD.match(first)) or (bool(SUBJECT_FORWARD.match(subject)) and not wrote)
    kind = ZoneKind.FORWARDED if forward else ZoneKind.QUOTED
    rest = lines[head:]
    marked = [bool(QUOTE.match(x.text)) for x in rest]
    body = next((n for n, m in enumerate(marked) if m), None)
    head_only = body is not None and body <= 4
    for n, line in enumerate(rest):
        if head_only and body is not None and n > body and line.text.strip() and not marked[n]:
            continue
        line.kind = kind
    if kind is ZoneKind.FORWARDED:
        _mark_tail(rest)


def _mark_tail(lines: list[Line]) -> None:
    for block in _paragraphs(lines):
        if DISCLAIMER.search("\n".join(x.text for x in block)):
            paint(block, ZoneKind.DISCLAIMER)


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    out: list[list[Line]] = [[]]
    for line in lines:
        if line.text.strip():
            out[-1].append(line)
        elif out[-1]:
            out.append([])
    return [b for b in out if b]


def _mark_own(lines: list[Line], writer: Writer) -> None:
    for block in _paragraphs(lines):
        if DISCLAIMER.search("\n".join(x.text for x in block)) and len(" ".join(x.text for x in block)) > 60:
            paint(block, ZoneKind.DISCLAIMER)
    mark_signature(lines, writer.names)
    body = [x for x in lines if x.kind is ZoneKind.PROSE]
    for line in body:
        if TOOL_HEAD.match(line.text) or (is_log(line.text) and not _label_line(line.text, writer.is_label)):
            line.kind = ZoneKind.LOG
    mark_output(lines)
    _mark_form([x for x in body if x.kind is ZoneKind.PROSE], writer.is_label)


def _label_line(text: str, is_label: Callable[[str], bool]) -> bool:
    m = _LABEL.match(text)
    return bool(m and is_label(m.group(1)))


def _mark_form(lines: list[Line], is_label: Callable[[str], bool]) -> None:
    shapes = [_LABEL.match(x.text) for x in lines]
    in_form = False
    for i, line in enumerate(lines):
        shape = shapes[i]
        near = sum(bool(s) for s in shapes[max(0, i - 1) : i + 2])
        if shape and (is_label(shape.group(1)) or (near >= 3 and len(shape.group(1).split()) <= 5)):
            line.kind, in_form = ZoneKind.FORM, True
        elif not line.text.strip() or not (in_form and re.match(r"^\s{2,}\S", line.text)):
            in_form = False
        else:
            line.kind = ZoneKind.FORM


def _merge(lines: list[Line]) -> tuple[Zone, ...]:
    out: list[Zone] = []
    for line in lines:
        if not line.text.strip():
            continue
        if out and out[-1].kind is line.kind and line.kind is not ZoneKind.SUBJECT:
            out[-1] = Zone(line.kind, out[-1].start, line.end)
        else:
            out.append(Zone(line.kind, line.start, line.end))
    return tuple(out)
