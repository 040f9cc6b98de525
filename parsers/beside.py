"""Services that a text names beside the faulty one: what it compares with, what carries on, what has nothing to do with it.

Asked only where several services would be taken. Each place where one is named speaks for a fault, for health, or for
neither; where one service is surely meant, another of which nothing bad is said in a sentence of its own is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum

from models.reading import Finding, Span
from models.words import Field, FindingStatus, ZoneKind
from parsers.case import Case
from parsers.findings import refused
from parsers.impact import troubles

BESIDE = "named beside the one that the fault is about"
_LIST = re.compile(r"(?i)(?!\s*\n\s*\n)[\s,/&+;]*(?:and|und|et|y|e|en|i|и|ve|or|oder|as well as|sowie)?\s*")
_CELLS = re.compile(r"\t|\||\s{3,}")
_WORD = re.compile(r"[^\W\d_]{2,}")
# In a row a word for "no" tells a fault, whatever it is that is not there.
_NO = re.compile(r"(?i)\b(?:no|not|n't|kein\w*|nicht|geen|pas|sin|sem|senza|non|nema|нема|brak|nie|нет|yok)\b")
# "Loss: 0.0", "errors = 0".
_ZERO = re.compile(r"[\w\"']*[\"':=\s]{0,4}0(?:[.,]0+)?\s?(?:%|(?![\d.,]))")
_BULLET = re.compile(r"[ \t]*[-*•·–][ \t]")
_LABEL = re.compile(r"[ \t]*[^\W\d_][^:\n.!?]{1,40}:[ \t]")
_FEW, _ONE_LINE = 3, 200
# "Not a single cut", "without any loss", "weder Verluste noch Fehler": a word of fault that is denied.
_DENIED = re.compile(
    r"(?i)\b(?:no|not|never|nor|neither|nothing|none|zero|without|free of|cannot fault|n't"
    r"|kein\w*|nicht|nie|ohne|weder|noch|geen|niet|nooit|zonder|noch"
    r"|pas|sans|aucune?|jamais|ni|sin|ningún|ninguna|nunca|sem|nenhuma?|não|non|senza|nessuna?|mai|né"
    r"|bez|nema|nije|nisu|nikakv\w*|без|нема|није|нису|никакв\w*|nie|brak|żadn\w*|ни|не|нет)\s+(?:[^\s.,;!?]+\s+){0,2}$"
)


class _Told(IntEnum):
    """What a place says of the service that it names, the higher the surer that the mail is about it."""

    WELL = 0
    NOTHING = 1
    SHORT = 2
    MAIN = 3
    FAULT = 4


def without_beside(case: Case, found: Sequence[Finding]) -> list[Finding]:
    """The findings, those refused whose service is only named beside the one at fault."""
    places = [f for f in found if f.field is Field.SERVICE_ID and f.status is FindingStatus.FILLED and f.spans]
    if len({f.value for f in places}) < 2:
        return list(found)
    told = _all_told(case, sorted(places, key=lambda f: f.spans[0]))
    best = {f.value: max(t for g, t in told if g.value == f.value) for f, _ in told}
    surest = max(best.values())
    if surest is _Told.WELL and not _trouble_elsewhere(case, told):
        return list(found)
    least = _Told.NOTHING if surest >= _Told.MAIN else _Told.WELL
    out = {value for value, t in best.items() if t <= least}
    return [refused(f, BESIDE) if f in places and f.value in out else f for f in found]


def _trouble_elsewhere(case: Case, told: Sequence[tuple[Finding, _Told]]) -> bool:
    """Whether the text tells of trouble outside the sentences that name a service."""
    said = [case.sentence(*f.spans[0]) for f, _ in told]
    return any(all(not a <= start < b for a, b in said) for start, _ in _bad(case))


def _all_told(case: Case, places: Sequence[Finding]) -> list[tuple[Finding, _Told]]:
    """Each place with what it says."""
    bad = _bad(case)
    first = next((f.spans[0][0] for f in places if case.zone(f.spans[0][0]) is not ZoneKind.SUBJECT), -1)
    out: list[tuple[Finding, _Told]] = []
    for group in _groups(case.text, places):
        span = (group[0].spans[0][0], group[-1].spans[0][1])
        told = _told(case, span, bad, places)
        if told is _Told.NOTHING and span[0] <= first < span[1]:
            told = _Told.MAIN
        out += [(f, told) for f in group]
    labelled = any(t is _Told.MAIN and case.zone(f.spans[0][0]) is ZoneKind.FORM for f, t in out)
    rows = any(t is _Told.FAULT and _in_row(case, f.spans[0]) for f, t in out)
    return [(f, _lessened(case, f, t, labelled=labelled, rows=rows)) for f, t in out]


def _lessened(case: Case, f: Finding, told: _Told, *, labelled: bool, rows: bool) -> _Told:
    """A form names its service under the label for it; in a table that tells states, a row without a fault is well."""
    if told is not _Told.SHORT:
        return told
    start = f.spans[0][0]
    aside = labelled and (case.zone(start) is ZoneKind.FORM or bool(_LABEL.match(case.text, case.line(start)[0])))
    return _Told.NOTHING if aside or (rows and _in_row(case, f.spans[0])) else told


def _in_row(case: Case, span: Span) -> bool:
    """Whether the place stands in a row of three cells or more, or begins one of two."""
    left, right = case.line(span[0])
    cells = _CELLS.split(case.text[left:right].strip(" \t|"))
    return len(cells) >= _FEW or (len(cells) > 1 and not case.text[left : span[0]].strip(" \t|"))


def _groups(text: str, places: Sequence[Finding]) -> list[list[Finding]]:
    """Services named in one breath ("A and B") together."""
    out: list[list[Finding]] = []
    for f in places:
        start = f.spans[0][0]
        if out and _LIST.fullmatch(text, out[-1][-1].spans[0][1], max(start, out[-1][-1].spans[0][1])):
            out[-1].append(f)
        else:
            out.append([f])
    return out


def _bad(case: Case) -> Sequence[Span]:
    return troubles(case.text, case.zones, case.rules)


def _told(case: Case, span: Span, bad: Sequence[Span], places: Sequence[Finding]) -> _Told:
    kind = case.zone(span[0])
    if kind is ZoneKind.SUBJECT:
        return _Told.MAIN
    label = next((x for x in case.labelled if x.start <= span[0] < x.end and x.end - x.start < _ONE_LINE), None)
    left, right = case.line(span[0])[0], case.line(span[1])[1]
    rows = bool(_CELLS.search(case.text[left:right]))
    if label is not None and label.field in ("service_id", "circuit_id") and not _in_row(case, span):
        return _Told.MAIN
    if rows or kind in (ZoneKind.FORM, ZoneKind.LOG):
        if _fault(case, (left, right), bad) or (rows and _NO.search(case.text, left, right)):
            return _Told.FAULT
        return _Told.WELL if case.says("state.beside", case.text[left:right], left) else _Told.SHORT
    told = _in_prose(case, span, bad, places)
    return _Told.SHORT if told is _Told.NOTHING and _BULLET.match(case.text, left) else told


def _in_prose(case: Case, span: Span, bad: Sequence[Span], places: Sequence[Finding]) -> _Told:
    """The nearest words decide: those of the clause, then those of the sentence."""
    sentence, clause = case.sentence(*span), case.clause(*span)
    left, right = case.line(span[0])[0], case.line(span[1])[1]
    if _LABEL.match(case.text, left):
        sentence = max(sentence[0], left), min(sentence[1], right)
    if _says(case, "state.beside", clause):
        return _Told.WELL
    if _fault(case, clause, bad):
        return _Told.FAULT
    if _says(case, "state.fine", clause) or _says(case, "state.beside", sentence):
        return _Told.WELL
    shared = any(sentence[0] <= f.spans[0][0] < sentence[1] and not span[0] <= f.spans[0][0] < span[1] for f in places)
    if (not shared and _fault(case, sentence, bad)) or _says(case, "state.also", sentence):
        return _Told.FAULT
    words = len(_WORD.findall(case.text[sentence[0] : span[0]])) + len(_WORD.findall(case.text[span[1] : sentence[1]]))
    if not shared and words <= _FEW and _says(case, "state.fine", sentence):
        # "4471 Harbour B - ok."
        return _Told.WELL
    return _Told.SHORT if words < _FEW or shared else _Told.NOTHING


def _says(case: Case, words: str, span: Span) -> bool:
    return case.says(words, case.text[slice(*span)], span[0])


def tells_fault(case: Case, span: Span) -> bool:
    """Whether a stretch of the text tells of a fault."""
    return _any(_bad(case), *span)


def _fault(case: Case, span: Span, bad: Sequence[Span]) -> bool:
    if _any(bad, *span):
        return True
    text = case.text[slice(*span)]
    hits = case.hits("state.fault", text, span[0])
    return any(not _DENIED.search(text[: h.start]) and not _ZERO.match(text, h.end) for h in hits)


def _any(spans: Sequence[Span], a: int, b: int) -> bool:
    return any(a <= start < b for start, _ in spans)
