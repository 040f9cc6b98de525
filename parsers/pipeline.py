"""The recognizers as spaCy components, assembled from data/pipeline.cfg once per process."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from models.reading import Finding, Zone
from models.words import Field, FindingStatus, Intent, ZoneKind
from parsers.addresses import find_addresses
from parsers.case import Case
from parsers.custom import find_custom, vetoed
from parsers.description import find_description
from parsers.findings import decided
from parsers.ids import find_ids, is_reply_subject
from parsers.impact import find_impact, find_pattern
from parsers.intent import Wish, find_intent, says_new
from parsers.tests_found import find_tests
from parsers.ticketref import find_refs, find_their_refs
from parsers.times import find_start

_LONG_WORD = re.compile(r"\S{200}")
_PIECE = re.compile(r"(\S{1,200}|[^\S ]+| )( ?)")
_CONFIG = Path(__file__).parent / "data" / "pipeline.cfg"
Recognizer = Callable[[Case, Doc], list[Finding]]

for _name, _default in (("case", None), ("findings", None), ("notes", None), ("intent", None), ("says_new", False)):
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=_default)


def run(case: Case) -> Doc:
    """The text as a document with `doc._.findings`, `doc._.notes`, `doc._.intent` and a span group per field."""
    nlp = _pipeline()
    doc = _document(nlp, case.text or " ")
    doc._.case, doc._.findings, doc._.notes = case, [], []
    for _, component in nlp.pipeline:
        doc = component(doc)
    return doc


def _document(nlp: Language, text: str) -> Doc:
    """Tokens of the text; a word of more than 200 signs is cut up, since spaCy's own rules would take forever."""
    if not _LONG_WORD.search(text):
        return nlp.make_doc(text)
    found = _PIECE.findall(text)
    return Doc(nlp.vocab, words=[word for word, _ in found], spaces=[bool(blank) for _, blank in found])


@cache
def _pipeline() -> Language:
    config = spacy.util.load_config(_CONFIG)
    return spacy.util.load_model_from_config(config, auto_fill=True)


class Component:
    """Runs one recognizer; when it fails the others go on and a note says so."""

    def __init__(self, name: str, recognizer: Recognizer) -> None:
        self.name, self.recognizer = name, recognizer

    def __call__(self, doc: Doc) -> Doc:
        try:
            found = vetoed(doc._.case, decided(self.recognizer(doc._.case, doc), doc._.case.rules))
        except Exception as e:
            doc._.notes.append(f"{self.name} failed: {type(e).__name__}: {e}"[:300])
            return doc
        doc._.findings.extend(found)
        _mark(doc, found)
        return doc


def _mark(doc: Doc, found: list[Finding]) -> None:
    for f in found:
        if f.status is not FindingStatus.FILLED or not f.spans or f.spans[0][1] <= f.spans[0][0]:
            continue
        span = doc.char_span(*f.spans[0], label=f.field.value, alignment_mode="expand")
        if span is not None:
            group = doc.spans.get(f.field.value) or SpanGroup(doc, name=f.field.value)
            group.append(span)
            doc.spans[f.field.value] = group


def _start(case: Case, doc: Doc) -> list[Finding]:
    zone = case.customer.timezone if case.customer else None
    offset = case.mail.date.utcoffset() if case.mail.date else None
    return find_start(
        case.text,
        case.zones,
        received_at=case.received_at,
        timezone=zone,
        header_offset=offset,
        rules=case.rules,
        language=case.language,
        answers=case.answers_to("start_time"),
        asked="start_time" in case.asked,
        faulty=not is_reply_subject(case.mail.subject)
        and any(f.field is Field.IMPACT and f.status is FindingStatus.FILLED for f in doc._.findings),
    )


def _impact(case: Case, doc: Doc) -> list[Finding]:
    zones = _without_old_subject(case)
    return [
        *find_impact(case.text, zones, rules=case.rules, answers=case.answers_to("impact")),
        *find_pattern(case.text, zones, rules=case.rules),
    ]


def _without_old_subject(case: Case) -> tuple[Zone, ...]:
    """The subject of a reply was taken over from an older mail: what it says of the state is no news."""
    rest = tuple(z for z in case.zones if z.kind is not ZoneKind.SUBJECT)
    told = any(z.kind in (ZoneKind.PROSE, ZoneKind.FORM) for z in rest)
    return rest if told and is_reply_subject(case.mail.subject) else case.zones


def _refs(case: Case, doc: Doc) -> list[Finding]:
    doc._.says_new = says_new(case)
    return [*find_refs(case, says_new=doc._.says_new), *find_their_refs(case)]


def _intent(case: Case, doc: Doc) -> list[Finding]:
    ref = next((f.value for f in doc._.findings if f.field is Field.TICKET_REF and f.status is FindingStatus.FILLED), None)
    named = next((f for f in doc._.findings if f.field is Field.INTENT and f.status is FindingStatus.FILLED), None)
    told = [f for f in doc._.findings if f.field in (Field.IMPACT, Field.START_TIME)]
    doc._.intent, found = find_intent(case, ref, new=doc._.says_new, named=named, told=told)
    return [found]


def _description(case: Case, doc: Doc) -> list[Finding]:
    wish: Wish | None = doc._.intent
    return find_description(case, wish.intent if wish else Intent.REPORT, doc._.findings)


_RECOGNIZERS: dict[str, Recognizer] = {
    "intake_start": _start,
    "intake_impact": _impact,
    "intake_ids": lambda case, doc: find_ids(case),
    "intake_addresses": lambda case, doc: find_addresses(case),
    "intake_tests": lambda case, doc: find_tests(case),
    "intake_custom": lambda case, doc: find_custom(case),
    "intake_refs": _refs,
    "intake_intent": _intent,
    "intake_description": _description,
}


def _register(name: str, recognizer: Recognizer) -> None:
    @Language.factory(name)
    def make(nlp: Language, name: str) -> Any:
        return Component(name, recognizer)


for _factory, _recognizer in _RECOGNIZERS.items():
    _register(_factory, _recognizer)
