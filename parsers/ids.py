"""Service and circuit IDs with their evidence: labels, owner, list, negative words, and what the text says of them."""

from __future__ import annotations

import re

from models.reading import Finding, Step
from models.words import Field, ZoneKind
from parsers.case import Case
from parsers.findings import decided, finding, refused
from parsers.id_scan import Written, scan
from parsers.zone_marks import SUBJECT_FORWARD

_NOT_READ = {
    ZoneKind.QUOTED: "in a quoted older mail",
    ZoneKind.SIGNATURE: "in a signature",
    ZoneKind.DISCLAIMER: "in a disclaimer",
}
_NEGATION = re.compile(
    r"(?i)(?:\b(?:not|nicht|pas|niet|non|não|nie|ne|not on|not the|kein[e]?|geen)|\bне)\s+(?:the |for |on |die |la |el "
    r"|o )?$"
)
_LIST = re.compile(r"(?i)^[\s,/&+;]*(?:and|und|et|y|e|en|i|и|ve|or|oder|as well as)?\s*$")
_WAS = re.compile(r"(?i)\b(?:until|till|before|used to|bis|jusqu\S*|hasta|fino a|até|dok|wcześniej|до|раньше)\b")
_NEGATED = re.compile(r"(?i)(?:\b(?:not|no longer|isn't|never|nicht|pas|niet|non|não|nie|ne|anything but)|\bне)\s+(?:\w+\s+)?$")
MAX_PLACES = 300
_BASE = {"exact": 0.65, "lookalike": 0.6, "unknown": 0.6, "digits": 0.3, "family": 0.45}
_REPLY = re.compile(r"(?i)^\s*(?:re|aw|antw|sv|odp|ynt|rif|res|r|отв|odg)\s*(?:\[\d+\])?\s*:")


def find_ids(case: Case) -> list[Finding]:
    """Every candidate for a service or a circuit, decided."""
    places = scan(case.text, case.directory, int(case.rules.threshold("digits.min", 5)))
    places = places[:MAX_PLACES]
    groups = _groups(case, places)
    out: list[Finding] = []
    for n, w in enumerate(places):
        field = Field.SERVICE_ID if w.kind == "service" else Field.CIRCUIT_ID
        f = finding(
            field,
            w.value,
            case.text[w.start : w.end],
            (w.start, w.end),
            f"id.{w.how}",
            case.rules.version,
            _steps(case, places, n),
        )
        out.append(_judged(case, f, groups[n], w))
    out += _labelled_unknown(case, places)
    services = decided((f for f in out if f.field is Field.SERVICE_ID), case.rules.threshold("service_id.fill", 0.6))
    circuits = decided((f for f in out if f.field is Field.CIRCUIT_ID), case.rules.threshold("circuit_id.fill", 0.55))
    return services + circuits


def _steps(case: Case, places: list[Written], n: int) -> list[Step]:
    w = places[n]
    steps = [Step(f"written form: {w.how}", _BASE[w.how])]
    before = case.text[max(0, w.start - 30) : w.start]
    label = next((x for x in case.labelled if x.start <= w.start < x.end and w.start - x.start < 60), None)
    if label and label.field in ("service_id", "circuit_id", "description", "ip_address"):
        steps.append(Step(f"label '{label.label.strip()}'", 0.5 if w.how == "digits" else 0.2))
    elif label and label.field == "negative" and not (w.how == "exact" and re.search(r"(?i)circuit|line", label.label)):
        steps.append(Step(f"label '{label.label.strip()}' names something else", -0.4 if w.how != "exact" else -0.1))
    if w.kind == "service" and w.how != "unknown":
        service = case.directory.service_by_id.get(w.value)
        owned = service is not None and case.customer is not None and service.customer == case.customer.id
        steps.append(
            Step("the sender's own service" if owned else "not known to be the sender's service", 0.3 if owned else 0.0)
        )
    tail = re.search(r"[\w.]+[\s#:.º°]*$", before)
    words = " ".join(before.split()[-2:]).strip(" :#.")
    if case.rules.lexicon("cue.negative").found(words) and w.how in ("digits", "family", "unknown") and tail:
        steps.append(Step(f"after '{words}'", -0.6 if w.how == "digits" else -0.3))
    elif case.rules.lexicon("cue.service").found(before[-25:]):
        steps.append(Step("after a word for a service", 0.25 if w.how == "digits" else 0.1))
    if n and _continues(case.text, places[n - 1], w):
        steps.append(Step("continues a list of IDs", 0.5 if w.how == "digits" else 0.1))
    if _joined(case.text, w):
        steps.append(Step("part of a longer number", -0.7))
    return steps


def _continues(text: str, last: Written, w: Written) -> bool:
    return last.how != "family" and w.start - last.end < 12 and bool(_LIST.match(text[last.end : w.start]))


def _joined(text: str, w: Written) -> bool:
    before, after = text[max(0, w.start - 2) : w.start], text[w.end : w.end + 2]
    if w.how == "digits":
        glued = before[-1:].isalnum() or (bool(re.search(r"[-/.+@#]$|\d[\s.,]$", before)) and not before.endswith("# "))
        if re.search(r"\s/$|^/$", before) or before.endswith("#"):
            glued = False
        return glued or after[:1].isalnum() or bool(re.match(r"[-/.,:]\d|@|\s\d\d", after)) or bool(re.match(r"[-_]\w", after))
    return (
        w.how in ("exact", "unknown", "lookalike")
        and w.kind == "service"
        and bool(re.match(r"[-_][A-Za-z0-9]{1,4}\b(?!-)", text[w.end : w.end + 6]))
    )


def _groups(case: Case, places: list[Written]) -> list[tuple[int, int]]:
    """For each place the span of the list it stands in, so that 'A and B are fine' speaks of both."""
    spans = [(w.start, w.end) for w in places]
    for n in range(1, len(places)):
        if _continues(case.text, places[n - 1], places[n]):
            whole = (spans[n - 1][0], spans[n][1])
            for k in range(n, -1, -1):
                if spans[k][1] < whole[0]:
                    break
                spans[k] = whole
    return spans


def _judged(case: Case, f: Finding, group: tuple[int, int], w: Written) -> Finding:
    kind = case.zone(w.start)
    if kind in _NOT_READ and not (case.pointed and kind is ZoneKind.QUOTED):
        return refused(f, _NOT_READ[kind])
    if _NEGATION.search(case.text[max(0, w.start - 20) : w.start]):
        return refused(f, "the text says it is not this one")
    if _said_fine(case, group, kind):
        return refused(f, "the text says that it works")
    return f


def _said_fine(case: Case, group: tuple[int, int], kind: ZoneKind) -> bool:
    a, b = case.clause(*group)
    left, right = case.line(group[0])[0], case.line(group[1])[1]
    row = kind is not ZoneKind.SUBJECT and re.search(r"\t|\s{3,}|\|", case.text[left:right])
    if row or kind in (ZoneKind.FORM, ZoneKind.LOG):
        a, b = left, right
    clause = case.text[a:b]
    hits = case.rules.lexicon("state.fine").hits(clause)
    hits = [h for h in hits if not _NEGATED.search(clause[: h.start])]
    if not hits or _WAS.search(clause):
        return False
    rest = clause
    for h in hits:
        rest = rest[: h.start] + " " * (h.end - h.start) + rest[h.end :]
    return not case.rules.lexicon("state.fault").found(rest)


def _labelled_unknown(case: Case, places: list[Written]) -> list[Finding]:
    """Values under an ID label that the directory does not have, when they look like an ID."""
    out: list[Finding] = []
    for x in case.labelled:
        if x.field not in ("service_id", "circuit_id") or case.zone(x.start) in _NOT_READ:
            continue
        if any(w.start < x.end and w.end > x.start for w in places):
            continue
        m = re.match(r"\s*([A-Z0-9][A-Z0-9./:_-]{3,38}[A-Z0-9])(?=[\s,;)]|$)", case.text[x.start : x.end])
        if (
            not m
            or sum(c.isdigit() for c in m.group(1)) < 3
            or (re.fullmatch(r"[\d.:/-]{6,16}", m.group(1)) and not m.group(1).isdigit())
        ):
            continue
        field = Field(x.field)
        span = (x.start + m.start(1), x.start + m.end(1))
        steps = [Step("written form: labelled", 0.3), Step(f"label '{x.label.strip()}'", 0.35)]
        out.append(finding(field, m.group(1), m.group(1), span, "id.labelled", case.rules.version, steps))
    return out


def is_reply_subject(subject: str) -> bool:
    """Whether the subject was taken over from an older mail."""
    return bool(_REPLY.match(subject)) and not SUBJECT_FORWARD.match(subject)
