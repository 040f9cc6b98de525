"""Our ticket numbers in new text, subject, thread headers and our own quoted receipt; customers' numbers apart."""

from __future__ import annotations

import re

from models.directory import canonical
from models.reading import Finding, Step
from models.words import Field, FindingStatus, ZoneKind
from parsers.case import Case
from parsers.findings import finding, refused

OURS = re.compile(r"(?i)(?<![\w-])INC\s?[-–‑]\s?(\d{4})\s?[-–‑]\s?(\d{6,})(?![\w]|-\d)")
_NUMBER = r"(?-i:[A-Z]{2,10}[-_ ]?\d[\w/-]{3,20}|[A-Z]{2,8}(?:-[A-Z\d]+)*-\d[\w-]{1,20}|#?\d{4,14})(?![\w-])"
_LINK = r"(?:\s+(?:no|nr|number|id|ref|is|has|ist|est|è|es|je|jest))?\.?\W{0,4}"
_OWNER = (
    r"our|my|customer(?:'s)?|client|internal|unser\w*|kunden\w*|intern\w*|nuestr\w+|cliente|nostr\w+|notre|client|nosso"
    r"|nossa|meu|naš\w*|interni"
    r"|nasz\w*|wewnętrzn\w*|наш\w*|внутренн\w*|bizim|müşteri|onze?|klant\w*"
    r"|vendor|supplier|carrier|tac|third[- ]party|upstream"
)
_KIND = (
    r"ref(?:erence|erenz|erencia|erentie|erência|erimento)?|ticket|case|incident|number|vorgang\w*|zeichen|fallnummer"
    r"|störungsnummer|protocolo"
    r"|deviation no|call|sr|rma|dossier|incidencia|chamado|segnalazione"
    r"|tiket|prijav\w*|zgłoszeni\w*|заявк\w*|тикет|обращени\w*|kayıt|referans|melding"
)
# Named as somebody's own, by a label with the owner's name, or in the shape that service desks use.
_THEIRS = (
    re.compile(rf"(?i)\b(?:{_OWNER})\s+(?:[^\W\d]+\s+){{0,2}}?(?:{_KIND}){_LINK}({_NUMBER})"),
    re.compile(rf"(?i)\b(?:{_OWNER})[ -]?(?:{_KIND})\s*[:#.]\s*({_NUMBER})"),
    re.compile(r"(?<![\w-])((?:INC|RITM|CHG|PRB|TASK|SCTASK|REQ)\d{6,12})(?![\w-])"),
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
    """Numbers of the customer's own, or of another party, kept apart from ours."""
    out: dict[tuple[int, int], Finding] = {}
    for pattern in _THEIRS:
        for m in pattern.finditer(case.words_text):
            value, span = m.group(1).lstrip("#"), m.span(1)
            if any(a < span[1] and b > span[0] for a, b in out) or OURS.match(m.group(1)) or _of_ours(case, value):
                continue
            steps = [Step("named as somebody else's number", 0.7)]
            out[span] = finding(
                Field.OTHER_REF, value, m.group(1), span, "ref.theirs", case.rules.version, steps, FindingStatus.FILLED
            )
    return [out[span] for span in sorted(out)]


def _of_ours(case: Case, value: str) -> bool:
    """Whether the number is that of a service or a circuit on file ("our circuit ref ...")."""
    name = canonical(value)
    return name in case.directory.service_by_canonical or name in case.directory.circuit_spelling


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
