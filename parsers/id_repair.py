"""Slips of the pen in an ID, put right only among the sender's own services, and sites as mere suggestions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rapidfuzz.distance import OSA

from models.directory import Service, canonical
from models.reading import Finding, Step
from models.words import Field, FindingStatus, ZoneKind
from parsers.case import Case
from parsers.findings import finding
from parsers.id_scan import Written

_WRITTEN = re.compile(r"(?<![\w@.])(?=[\w./:-]*\d)[^\W_](?:[\w./:-]*[^\W_])?(?![\w@])")
_SHORTEST, _MOST = 6, 60
_SPOKEN = (ZoneKind.PROSE, ZoneKind.FORM, ZoneKind.SUBJECT)


def repaired(case: Case, places: Sequence[Written]) -> list[Finding]:
    """Words that are one slip away from exactly one of the sender's own IDs and are no ID themselves."""
    own = _own(case)
    if not own:
        return []
    out: list[Finding] = []
    for start, end in _candidates(case, places):
        raw = case.text[start:end]
        near = _near(canonical(raw), own)
        if len(near) != 1 or (raw.isdigit() and not _named(case, start)):
            continue
        steps = [Step("written form: one slip away from the sender's own ID", 0.35), Step("the sender's own service", 0.3)]
        found = finding(Field.SERVICE_ID, near[0].id, raw, (start, end), "id.repaired", case.rules.version, steps)
        out.append(replace(found, detail=f"written as '{raw}'"))
    return out


def doubts(case: Case, places: Sequence[Written]) -> list[Finding]:
    """A well-formed ID that the directory lacks may be a slip too: the near one is offered, never filled in."""
    own = _own(case)
    out: list[Finding] = []
    for w in places:
        near = _near(canonical(w.value), own) if w.how == "unknown" else []
        if len(near) == 1:
            out.append(_offered(case, near[0], (w.start, w.end), "id.near", f"'{w.value}' is not on file; meant this one?"))
    return out


def from_site(case: Case) -> list[Finding]:
    """The one service that the sender has at a place named in the text: offered, never filled in."""
    sites: dict[str, list[Service]] = {}
    for service in _own(case).values():
        sites.setdefault(service.site.casefold(), []).append(service)
    words = case.words_text.casefold()
    out: list[Finding] = []
    for site, services in sites.items():
        at = re.search(rf"(?<!\w){re.escape(site)}(?!\w)", words) if len(site) > 2 and len(services) == 1 else None
        if at and len(words) == len(case.text):
            out.append(_offered(case, services[0], at.span(), "id.site", "the sender's only service at this site"))
    return out


def _own(case: Case) -> dict[str, Service]:
    rows = case.directory.services_by_customer.get(case.customer.id, ()) if case.customer else ()
    return {canonical(s.id): s for s in rows if len(canonical(s.id)) >= _SHORTEST}


def _candidates(case: Case, places: Sequence[Written]) -> Iterator[tuple[int, int]]:
    own = _own(case)
    loose = ("family", "digits")
    taken = [(w.start, w.end) for w in places if w.how not in loose and not (w.how == "unknown" and _misspelt(w.value, own))]
    count = 0
    for m in _WRITTEN.finditer(case.text):
        if m.end() - m.start() < _SHORTEST or case.zone(m.start()) not in _SPOKEN:
            continue
        if all(m.end() <= a or m.start() >= b for a, b in taken):
            count += 1
            yield m.span()
        if count >= _MOST:
            return


def _near(name: str, own: dict[str, Service]) -> list[Service]:
    if len(name) < _SHORTEST - 1 or name in own:
        return []
    return [s for key, s in own.items() if abs(len(key) - len(name)) <= 1 and OSA.distance(name, key, score_cutoff=1) == 1]


def _misspelt(value: str, own: dict[str, Service]) -> bool:
    """Whether only letters differ from an own ID; other figures may well be another service."""
    near = _near(canonical(value), own)
    return len(near) == 1 and _figures(near[0].id) == _figures(value)


def _figures(name: str) -> str:
    return "".join(c for c in name if c.isdigit())


def _named(case: Case, start: int) -> bool:
    """Whether a bare number is called a service: digits alone are everywhere."""
    label = next((x for x in case.labelled if x.start <= start < x.end), None)
    return bool(label and label.field == "service_id") or case.says(
        "cue.service", case.text[max(0, start - 25) : start], max(0, start - 25)
    )


def _offered(case: Case, service: Service, span: tuple[int, int], rule: str, why: str) -> Finding:
    raw = case.text[span[0] : span[1]]
    steps = [Step(why, 0.3)]
    return finding(Field.SERVICE_ID, service.id, raw, span, rule, case.rules.version, steps, FindingStatus.CONFIRM, why)
