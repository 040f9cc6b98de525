"""Bare answers, as in a form, between our own questions or on the phone."""

from __future__ import annotations

import re

from models.words import Impact, Pattern
from parsers.impact.decide import choose
from parsers.impact.fold import tokens
from parsers.impact.pattern import Course, decide, said
from parsers.impact.scan import scan_plain
from parsers.impact.states import statements
from parsers.rules import default_rules

_YES = frozenset("y yes yep yeah ja oui si sim sí tak evet da да true".split())
_NO = frozenset("n no nope nein nee non não nao nie hayır hayir ne нет не false".split())
_NONE = frozenset("none no nil keine kein geen aucun ninguno nenhum nessuno brak nema yok нет без nula minimal".split())
_TOTAL = re.compile(r"\b(total|complete|full|vollständig|komplett|volledig|totale?|potpun\w*|całkowit\w*|tam|полн\w+)\b", re.I)
_PARTIAL = re.compile(
    r"\b(partial\w*|teilweise|gedeeltelijk|partiel\w*|parcial\w*|parzial\w*"
    r"|delimičn\w*|częściow\w*|kısmi|частичн\w+)\b",
    re.I,
)
_NONE_THEN = re.compile(r"\W*\w+\s*[,;.–-]")
_SHORT = 3
_NAMED = frozenset({"stated_sa", "stated_dg", "stated_nsa"})
_OR = re.compile(r"/|,|\b(?:or|oder|ou|of|o|ili|lub|или|veya)\b", re.I)


def impact_of(text: str, key: str = "") -> Impact | None:
    """The class that an answer or a labelled value names."""
    words = [t.word for t in tokens(text)]
    if not words:
        return None
    asks = "affect" in key.casefold()
    if asks and words[0] in _YES:
        return Impact.SERVICE_AFFECTING
    if asks and words[0] in _NO and len(words) <= _SHORT:
        return Impact.NON_SERVICE_AFFECTING
    if words[0] in _NONE and (len(words) == 1 or text.find("(") > 0 or _NONE_THEN.match(text)):
        return Impact.NON_SERVICE_AFFECTING
    found = scan_plain(text.replace(":", ","))
    if _is_choice(text, {m.cls for line in found.lines for m in line.states}):
        return None
    choice = choose([s for line in found.lines for s in statements(line)], default_rules())
    if choice is not None and choice.why.reason == "":
        return choice.value
    return _by_extent(text) if len(words) <= _SHORT else None


def _is_choice(text: str, classes: set[str]) -> bool:
    """ "Service affecting, degradation or none" offers the classes and names none."""
    return len(classes & _NAMED) > 1 and bool(_OR.search(text))


def _by_extent(text: str) -> Impact | None:
    if _PARTIAL.search(text):
        return Impact.DEGRADATION
    return Impact.SERVICE_AFFECTING if _TOTAL.search(text) else None


def pattern_of(text: str) -> Pattern | None:
    """The course that an answer or a labelled value names."""
    found = scan_plain(text)
    courses: list[Course] = [c for line in found.lines for c in said(line)]
    best = decide(courses)
    return best.value if best else None
