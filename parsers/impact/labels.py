"""Labelled values: "Impact: degradation", "Service affecting (Y/N): N", ticked boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from models.reading import Span, Zone
from parsers.impact.fold import tokens
from parsers.impact.lexicon import Lexicon

_LINE = re.compile(
    r"(?:^|(?<=\. ))[ \t>*|#•-]*(?:\d{1,2}[.)][ \t]*)?(?P<key>[^\n:=.!?]{2,60}?)[ \t]*"
    r"(?:\??[ \t]*(?::(?!\d)|=|\.{3,}|\t)+|\?(?=[ \t]+\S)|(?<=[ ]{3}))[ \t]*(?P<value>[^\n]*)",
    re.M,
)
_TICKED = re.compile(r"\[\s*[xX✓✔]\s*\]\s*([^\[\n]+)|[☒☑]\s*([^☐☒☑\n]+)")
_BOXES = re.compile(r"(?:\n[ \t>]*(?:\[[^\]\n]?\]|[☐☒☑])[^\n]*)+")
_NEXT = re.compile(r"\s*\n[ \t>]*([^\n]+)")
_PAREN = re.compile(r"\([^)]*\)")
# A word with three digits or more, as IDs have them: "Unaffected: XC.4471" names other services.
_ID = re.compile(r"(?=(?:\S*\d){3})\S{4,}")
_SPARED = frozenset({"unaffected", "affect", "neg", "alive"})
_MAX_KEY_WORDS = 5
Topic = Literal["impact", "pattern", "other"]


@dataclass(frozen=True, slots=True)
class Label:
    """A label about `topic` with its value; `masks` are the spans that prose reading leaves out."""

    topic: Topic
    key: str
    value: str
    span: Span
    masks: tuple[Span, ...]


def _topic(key: str, lexicon: Lexicon) -> Topic | None:
    words = tokens(_PAREN.sub(" ", key))
    if not words or len(words) > _MAX_KEY_WORDS:
        return None
    found = lexicon.keys.find(words)
    kinds = {m.cls for m in found}
    if "key_pattern" in kinds:
        return "pattern"
    if "key_impact" in kinds:
        return "impact"
    classes = {m.cls for m in lexicon.states.find(words)} & {"hard", "soft", "stated_dg", "weak", "stated_sa", "stated_nsa"}
    if len(classes) > 1:
        return "impact"
    return "other" if "key_other" in kinds else None


def _value(text: str, match: re.Match[str], end: int) -> tuple[str, Span]:
    """The value on the line, or the next line where the label stands alone."""
    ticked = _TICKED.search(match["value"])
    if ticked:
        group = 1 if ticked[1] else 2
        return ticked[group].strip(), ticked_span(match, ticked, group)
    if match["value"].strip():
        return match["value"].strip(), match.span("value")
    boxes = _BOXES.match(text, match.end(), end)
    ticked = boxes and _TICKED.search(text, boxes.start(), boxes.end())
    if ticked:
        group = 1 if ticked[1] else 2
        return ticked[group].strip(), ticked.span(group)
    below = _NEXT.match(text, match.end(), end)
    return (below[1].strip(), below.span(1)) if below else ("", match.span("value"))


def ticked_span(match: re.Match[str], ticked: re.Match[str], group: int) -> Span:
    """The span of a ticked choice in the whole text."""
    start = match.start("value")
    return start + ticked.start(group), start + ticked.end(group)


def _read(text: str, match: re.Match[str], end: int, lexicon: Lexicon) -> Label | None:
    topic = _topic(match["key"], lexicon)
    if topic is None and _ID.search(match["value"]) and _only_spared(match["key"], lexicon):
        topic = "other"
    if topic is None:
        return None
    if topic == "other":
        return Label(topic, match["key"], "", match.span("key"), (match.span("key"),))
    value, span = _value(text, match, end)
    boxes = _BOXES.match(text, match.end(), end)
    return Label(topic, match["key"], value, span, (match.span(), span, *([boxes.span()] if boxes else [])))


def _only_spared(key: str, lexicon: Lexicon) -> bool:
    """Whether a label says nothing but who is not touched ("Unaffected", "Not affected")."""
    words = tokens(key)
    told = {i for m in lexicon.states.find(words) if m.cls in _SPARED for i in range(m.first, m.last)}
    return bool(words) and len(words) - len(told) <= 1 and bool(told)


def _in_zone(text: str, zone: Zone, lexicon: Lexicon) -> Iterator[Label]:
    for match in _LINE.finditer(text, zone.start, zone.end):
        label = _read(text, match, zone.end, lexicon)
        if label:
            yield label


def labels(text: str, zones: Sequence[Zone], lexicon: Lexicon) -> list[Label]:
    """The labels about impact and pattern, and the keys that must not be read as prose."""
    return [label for zone in zones for label in _in_zone(text, zone, lexicon)]
