"""Figures that tell a class: loss in percent, throughput against the contract."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from models.reading import Zone
from models.words import Impact, ZoneKind
from parsers.impact.rates import late, slow
from parsers.impact.scan import READ
from parsers.impact.states import Statement, Tier
from parsers.rules import RuleSet

_NUMBER = r"(\d{1,3}(?:[.,]\d+)?)"
_WORD = (
    r"(?:loss|lost|\w*verlust\w*|\w*verlies|pertes?|perdid[oa]s?|"
    r"p[ée]rdidas?|perdas?|perdita|gubit\w+|strat\w*|kay[ıi]p\w*|потер\w*)"
)
_LOSS = re.compile(
    rf"\b(?:los(?:e|es|ing)|verlier\w+|verlie[sz]\w*|perd\w+|gub\w+"
    rf"|теря\w+)\s+(?:\w+\s+){{0,2}}(?:\d+\s?[-–]\s?)?{_NUMBER}\s?(?:%|per ?cent|prozent|procent\w*|процент\w*)"
    rf"|{_NUMBER}\s?(?:%|per ?cent|prozent|procent\w*|por ?c[ie]e?nto|per ?cento|процент\w*)\s*(?:of\s+|de\s+"
    rf"|di\s+)?(?:\w+\s+){{0,2}}{_WORD}"
    rf"|\b{_WORD}[ :=]+(?:\w+\s+){{0,3}}(?:\d+\s?[-–]\s?)?{_NUMBER}\s?(?:%|per ?cent|prozent|procent\w*|процент\w*)",
    re.I,
)
_SHARE = re.compile(
    r"\b(\d{1,3})\s+(?:out of|of|in|von|van|sur|de cada|de|em cada|su|od|z|из|her)\s+(?:every\s+|cada\s+)?(\d{1,4})\s+"
    r"(?:packets?|pings?|paketen?|pakketten|paquets|paquetes|pacotes|pacchetti|paketa|pakietów|пакетов|пингов)",
    re.I,
)
_MS = r"(\d{1,5}(?:[.,]\d+)?)\s?(?:ms|msec|millis\w*|мс)"
_GROWN = re.compile(
    rf"\b(?:from|von|van|de|da|od|с|z)\s+(?:\w+\s+){{0,2}}?(\d{{1,5}}(?:[.,]\d+)?)\s?(?:ms|msec|мс)?\s+(?:to|auf|naar|à"
    rf"|a|na|do|до)"
    rf"\s+(?:\w+\s+){{0,2}}?{_MS}"
    rf"|{_MS}\s+(?:instead of|rather than|statt|in plaats van|au lieu de|en lugar de|em vez de|invece di|umesto|zamiast"
    rf"|вместо)"
    rf"\s+(?:\w+\s+){{0,2}}?(\d{{1,5}}(?:[.,]\d+)?)",
    re.I,
)


def _delays(part: str, zone: Zone, factor: float) -> Iterator[Statement]:
    """ "From 12 ms to 240 ms", "140 ms instead of 22": the delay has grown."""
    for hit in _GROWN.finditer(part):
        before, after = (hit[1], hit[2]) if hit[1] else (hit[4], hit[3])
        if float(after.replace(",", ".")) >= factor * float(before.replace(",", ".")) > 0:
            span = (zone.start + hit.start(), zone.start + hit.end())
            yield Statement(Impact.DEGRADATION, Tier.STATE, "impact.number.delay", span, zone.kind)


def numbers(text: str, zones: Sequence[Zone], rules: RuleSet) -> Iterator[Statement]:
    """Statements from figures; in a log they are weak evidence."""
    for zone in zones:
        if zone.kind not in READ and zone.kind is not ZoneKind.LOG:
            continue
        part = text[zone.start : zone.end]
        if "%" in part or "cent" in part or "roz" in part or "roc" in part or "роц" in part:
            yield from _losses(part, zone, rules)
        yield from _shares(part, zone)
        factor = rules.number("threshold.delay.factor")
        for rule, spans in (("rate", slow(part)), ("delay", late(part, factor))):
            for a, b in spans:
                yield Statement(
                    Impact.DEGRADATION, Tier.STATE, f"impact.number.{rule}", (zone.start + a, zone.start + b), zone.kind
                )
        if "ms" in part or "мс" in part:
            yield from _delays(part, zone, factor)


def _shares(part: str, zone: Zone) -> Iterator[Statement]:
    """ "3 out of 10 packets" are lost, whatever word says so."""
    for hit in _SHARE.finditer(part):
        if 0 < int(hit[1]) < int(hit[2]):
            span = (zone.start + hit.start(), zone.start + hit.end())
            yield Statement(Impact.DEGRADATION, Tier.STATE, "impact.number.share", span, zone.kind)


def _losses(part: str, zone: Zone, rules: RuleSet) -> Iterator[Statement]:
    some, total = rules.number("threshold.loss.some"), rules.number("threshold.loss.total")
    for hit in _LOSS.finditer(part):
        share = float((hit[1] or hit[2] or hit[3]).replace(",", "."))
        if share < some:
            continue
        value = Impact.SERVICE_AFFECTING if share >= total else Impact.DEGRADATION
        tier = Tier.NUMBER if zone.kind is ZoneKind.LOG else Tier.STATE
        yield Statement(value, tier, "impact.number.loss", (zone.start + hit.start(), zone.start + hit.end()), zone.kind)
