"""Figures that tell a class: loss in percent, throughput against the contract."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from models.reading import Zone
from models.words import Impact, ZoneKind
from parsers.impact.scan import READ
from parsers.impact.states import Statement, Tier

TOTAL_LOSS = 99.5
_NUMBER = r"(\d{1,3}(?:[.,]\d+)?)"
_WORD = (
    r"(?:loss|lost|verlust\w*|verlies|pertes?|perdid[oa]s?|"
    r"p[ée]rdidas?|perdas?|perdita|gubit\w+|strat\w*|kay[ıi]p\w*|потер\w*)"
)
_LOSS = re.compile(
    rf"\b(?:los(?:e|es|ing)|verlier\w+|verlie[sz]\w*|perd\w+|gub\w+|теря\w+)\s+(?:\w+\s+){{0,2}}(?:\d+\s?[-–]\s?)?{_NUMBER}\s?%"
    rf"|{_NUMBER}\s?%\s*(?:of\s+|de\s+|di\s+)?(?:\w+\s+){{0,2}}{_WORD}"
    rf"|\b{_WORD}[ :=]+(?:\w+\s+){{0,3}}(?:\d+\s?[-–]\s?)?{_NUMBER}\s?%",
    re.I,
)
_RATE = r"(?:[kmg]b(?:it)?(?:/s|ps|s)|[kmg]bits?/s\w*|mega)"
_SLOW = re.compile(
    rf"\bonly\s+(?:\w+\s+){{0,2}}{_NUMBER}(?:\s+(?:to|-)\s+\d+)?\s*{_RATE}|{_NUMBER}\s*{_RATE}\s+only"
    rf"|{_NUMBER}\s*{_RATE}[^.\n]{{0,30}}?\b"
    r"(?:instead of|statt|in plaats van|au lieu de|en lugar de|em vez de|invece di|umesto|zamiast|yerine|вместо)\b",
    re.I,
)


def numbers(text: str, zones: Sequence[Zone]) -> Iterator[Statement]:
    """Statements from figures; in a log they are weak evidence."""
    for zone in zones:
        if zone.kind not in READ and zone.kind is not ZoneKind.LOG:
            continue
        part = text[zone.start : zone.end]
        if "%" in part:
            yield from _losses(part, zone)
        for hit in _SLOW.finditer(part):
            span = (zone.start + hit.start(), zone.start + hit.end())
            yield Statement(Impact.DEGRADATION, Tier.STATE, "impact.number.rate", span, zone.kind)


def _losses(part: str, zone: Zone) -> Iterator[Statement]:
    for hit in _LOSS.finditer(part):
        share = float((hit[1] or hit[2] or hit[3]).replace(",", "."))
        if share == 0:
            continue
        value = Impact.SERVICE_AFFECTING if share >= TOTAL_LOSS else Impact.DEGRADATION
        tier = Tier.NUMBER if zone.kind is ZoneKind.LOG else Tier.STATE
        yield Statement(value, tier, "impact.number.loss", (zone.start + hit.start(), zone.start + hit.end()), zone.kind)
