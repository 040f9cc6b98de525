"""Our ticket numbers in new text, subject, thread headers and our own quoted receipt; customers' numbers apart."""

from __future__ import annotations

import re

from models.reading import Finding, Step
from models.words import Field, FindingStatus, ZoneKind
from parsers.case import Case
from parsers.findings import finding, refused

OURS = re.compile(r"(?i)(?<![\w-])INC\s?[-–‑]\s?(\d{4})\s?[-–‑]\s?(\d{6,})(?![\w]|-\d)")
_THEIRS = re.compile(
    r"(?i)\b(?:our|unser\w*|nuestr\w+|nostr\w+|notre|nosso|naš\w*|nasz\w*|наш\w*|internal|interne?s?|interno)\s+"
    r"(?:internal\s+|interno\s+)?(?:ref(?:erence)?|ticket|case|number|vorgang\w*|zeichen|protocolo|deviation no"
    r"|ref)\W{0,4}\s*[:#.]?\s*([A-Z]{2,8}-?\d[\w-]{3,20}|[A-Z]{2,6}-\d[\w-]{2,20})"
)
_RECEIPT = re.compile(
    r"(?i)(?:registered|recorded|opened|logged|created|received)\s+(?:as|under|it as)?\W*(?:ticket\s+)?$|(?:your|ihr|votre"
    r"|su|uw|vaš) ticket\s+(?:is\s+)?$"
)


def find_refs(case: Case, *, says_new: bool) -> list[Finding]:
    """Candidates for the ticket reference; the first filled one is the best."""
    out: list[Finding] = []
    quoted: list[Finding] = []
    for m in OURS.finditer(case.text):
        kind = case.zone(m.start())
        value = f"INC-{m.group(1)}-{m.group(2)}"
        steps = [Step("shape of our ticket numbers", 0.6)]
        f = finding(Field.TICKET_REF, value, m.group(), m.span(), "ref.ours", case.rules.version, steps)
        if says_new:
            out.append(refused(f, "the text says that it is another fault"))
        elif kind in (ZoneKind.SUBJECT, ZoneKind.PROSE, ZoneKind.FORM):
            out.append(_fill(f, f"in the {kind.value}", 0.3))
        elif kind is ZoneKind.QUOTED and _RECEIPT.search(case.text[max(0, m.start() - 40) : m.start()]):
            quoted.append(f)
        else:
            out.append(refused(f, f"only in the {kind.value} part"))
    out += _from_headers(case, says_new=says_new)
    good = any(f.status is FindingStatus.FILLED for f in out)
    one = len({f.value for f in quoted}) == 1
    out += [_fill(f, "our own receipt is quoted", 0.2) if one and not good else refused(f, "only quoted") for f in quoted]
    return out


def find_their_refs(case: Case) -> list[Finding]:
    """Numbers of the customer's own, kept apart from ours."""
    out: list[Finding] = []
    for m in _THEIRS.finditer(case.words_text):
        span = m.span(1)
        steps = [Step("named as the customer's own number", 0.7)]
        out.append(
            finding(
                Field.OTHER_REF, m.group(1), m.group(1), span, "ref.theirs", case.rules.version, steps, FindingStatus.FILLED
            )
        )
    return out


def _from_headers(case: Case, *, says_new: bool) -> list[Finding]:
    source = " ".join((case.mail.in_reply_to, *case.mail.references))
    m = OURS.search(source)
    if not m:
        return []
    f = finding(
        Field.TICKET_REF,
        f"INC-{m.group(1)}-{m.group(2)}",
        m.group(),
        (0, 0),
        "ref.thread",
        case.rules.version,
        [Step("in the thread headers", 0.7)],
    )
    return [refused(f, "the text says that it is another fault") if says_new else _fill(f, "reply to our mail", 0.1)]


def _fill(f: Finding, why: str, delta: float) -> Finding:
    steps = (*f.steps, Step(why, delta))
    return Finding(f.field, f.value, f.raw, f.spans, f.rule, f.version, min(1.0, f.score + delta), steps, FindingStatus.FILLED)
