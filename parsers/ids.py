"""Service and circuit IDs with their evidence: labels, owner, list, negative words, and what the text says of them."""

from __future__ import annotations

import re
from dataclasses import replace

from models.reading import Finding, Step
from models.words import Field, FindingStatus, ZoneKind
from parsers.beside import tells_fault, without_beside
from parsers.case import Case
from parsers.findings import ALL_OPEN, decided, finding, refused
from parsers.id_repair import doubts, from_site, repaired
from parsers.id_scan import Written, scan
from parsers.id_shapes import companies_of, company_of
from parsers.rules import Hit
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
_NEGATED = re.compile(
    r"(?i)(?:\b(?:no|not|no longer|isn't|never|nothing|nobody|nicht|nichts|pas|rien|niet|niets|non|nulla|niente|nada|não|nie"
    r"|nic|ne|ništa|anything but)"
    r"|\bне|\bничего|\bништа|\bhiçbir)\s+(?:\w+\s+)?$"
)
_BUT = re.compile(
    r"(?i)[ \t,;]*\n?[ \t]*(?:but|yet|only|though|aber|jedoch|mais|pero|aunque|ma|però|maar|mas|porém|ali|ale|но|али|ama"
    r"|fakat|ancak)\b"
)
# "Works" as the verb of a main clause; behind it a negation or a poor adverb turns it round.
_WORKS = re.compile(
    r"(?i)\b(?:works|läuft|laufen|geht|funktioniert|funktionieren|werkt|werken|doet het|fonctionne(?:nt)?|marche(?:nt)?"
    r"|funcionan?|funcionam|marcha|funziona|funzionano|radi|rade|ради|раде|działa|działają|çalışıyor|работает|работают)\b"
    r"(?!\W+(?:\w+\W+){0,2}?(?:nicht|kaum|niet|nauwelijks|pas|plus|guère|mal|schlecht|slecht|badly|poorly|slowly|langsam"
    r"|traag|lent\w*"
    r"|apenas|poco|pouco|male|loše|sporo|лоше|źle|wolno|плохо|медленно|only|nur|ama)\b)"
)
_BARE_VIA = re.compile(r"(?i)via|over|by")
# "4435018 Skarv A - ok." as a line of its own.
_STATE_LINE = re.compile(r"\s[-–—]+\s|:\s")
_OVER_AFTER = re.compile(r"(?i)['’]?\w{0,3}\s(?:\w+\s)?(?:üzerinden|hattına geçti|devreye girdi)")
# The state of a table row in one word.
_GOOD_CELL = re.compile(
    r"(?i)ok|okay|up|good|normal|fine|healthy|green|clean|running|online|no issues?|in ordnung|operativ\w*|normale?"
    r"|bon|bien|goed|dobro|dobrze|норма|работает|çalışıyor|aktif|active"
)
_NEAR, _SHORT_LINE = 24, 70
_FIGURES = ("digits", "spaced", "bare")
MAX_PLACES = 300
_REPLY = re.compile(r"(?i)^\s*(?:re|aw|antw|sv|odp|ynt|rif|res|r|отв|odg)\s*(?:\[\d+\])?\s*:")
_CARRIES = "it carries the traffic of the other one"


def find_ids(case: Case) -> list[Finding]:
    """Every candidate for a service or a circuit, decided."""
    places = scan(case.text, case.directory, case.rules, int(case.rules.number("threshold.digits.min")))
    places = places[:MAX_PLACES]
    groups = _groups(case, places)
    named = {w.value for w in places if w.kind == "service" and case.zone(w.start) not in _NOT_READ}
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
        out.append(_judged(case, f, groups[n], w, others=len(named) > 1))
    out = _carriers_back(out)
    fixed = repaired(case, places)
    spans = {f.spans[0] for f in fixed}
    out = [f for f in out if f.spans[0] not in spans]
    out += [_judged(case, f, f.spans[0], Written("service", f.value, *f.spans[0], "exact")) for f in fixed]
    out += _labelled_unknown(case, [*places, *(Written("service", f.value, *f.spans[0], "exact") for f in fixed)])
    found = without_beside(case, decided(out, case.rules, ALL_OPEN))
    known = any(f.field is Field.SERVICE_ID and f.status is FindingStatus.FILLED for f in found)
    return found + doubts(case, places) + ([] if known else from_site(case))


def _steps(case: Case, places: list[Written], n: int) -> list[Step]:
    w = places[n]
    number = case.rules.number
    steps = [Step(f"written form: {w.how}", number(f"weight.id.base.{w.how}"))]
    digits = w.how in _FIGURES
    before = case.text[max(0, w.start - 30) : w.start]
    label = next((x for x in case.labelled if x.start <= w.start < x.end and w.start - x.start < 60), None)
    if label and label.field in ("service_id", "circuit_id", "description", "ip_address"):
        steps.append(Step(f"label '{label.label.strip()}'", label.weight + (number("weight.id.label.digits") if digits else 0)))
    elif label and label.field == "negative" and not (w.how == "exact" and re.search(r"(?i)circuit|line", label.label)):
        less = number("weight.id.label.exact") if w.how == "exact" else 0
        steps.append(Step(f"label '{label.label.strip()}' names something else", label.weight + less))
    if w.kind == "service" and w.how not in ("unknown", "bare"):
        service = case.directory.service_by_id.get(w.value)
        owned = service is not None and case.customer is not None and service.customer == case.customer.id
        steps.append(
            Step(
                "the sender's own service" if owned else "not known to be the sender's service",
                number("weight.id.owned") if owned else 0.0,
            )
        )
    if w.how != "exact" and case.says("cue.example", before, max(0, w.start - 30)):
        steps.append(Step("only an example", number("weight.id.example")))
    tail = re.search(r"[\w.]+[\s#:.º°]*$", before)
    words = " ".join(before.split()[-2:]).strip(" :#.")
    if (
        case.says("cue.negative", words, max(0, w.start - len(words) - 1))
        and w.how in (*_FIGURES, "family", "unknown")
        and tail
    ):
        steps.append(Step(f"after '{words}'", number("weight.id.negative.digits" if digits else "weight.id.negative")))
    elif cues := case.hits("cue.service", before[-25:], w.start - len(before[-25:])):
        best = max(c.strength for c in cues) * number("weight.id.cue")
        steps.append(Step("after a word for a service", best + (number("weight.id.cue.digits") if digits else 0)))
    if w.how == "family" and company_of(w.value) in companies_of(case.directory):
        steps.append(Step("ends like the circuits on file", number("weight.id.company")))
    if n and _continues(case.text, places[n - 1], w):
        steps.append(Step("continues a list of IDs", number("weight.id.list.digits" if digits else "weight.id.list")))
    if _joined(case.text, w):
        steps.append(Step("part of a longer number", number("weight.id.joined")))
    return steps


def _continues(text: str, last: Written, w: Written) -> bool:
    return last.how != "family" and w.start - last.end < 12 and bool(_LIST.match(text[last.end : w.start]))


def _joined(text: str, w: Written) -> bool:
    before, after = text[max(0, w.start - 2) : w.start], text[w.end : w.end + 2]
    if w.how in _FIGURES:
        glued = before[-1:].isalnum() or (bool(re.search(r"[-/.+@#]$|\d[\s.,]$", before)) and not before.endswith("# "))
        if re.search(r"\s/$|^/$", before) or before.endswith("#"):
            glued = False
        return glued or after[:1].isalnum() or bool(re.match(r"[-/.,:]\d|@|\s\d\d", after)) or bool(re.match(r"[-_]\w", after))
    return (
        w.how in ("exact", "unknown", "lookalike")
        and w.kind == "service"
        and bool(re.match(r"[-_][A-Za-z0-9]{1,4}\b(?!-)", text[w.end : w.end + 6]))
    )


def _carriers_back(found: list[Finding]) -> list[Finding]:
    """ "Loss on the way in via A, B is clean": where the others work, what the traffic goes over is at fault."""
    if any(f.field is Field.SERVICE_ID and f.status is not FindingStatus.REFUSED for f in found):
        return found
    return [replace(f, status=FindingStatus.FILLED, detail="") if f.detail == _CARRIES else f for f in found]


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


def _judged(case: Case, f: Finding, group: tuple[int, int], w: Written, *, others: bool = False) -> Finding:
    kind = case.zone(w.start)
    if kind in _NOT_READ and not (case.pointed and kind is ZoneKind.QUOTED):
        return refused(f, _NOT_READ[kind])
    if _NEGATION.search(case.text[max(0, w.start - 20) : w.start]):
        return refused(f, "the text says it is not this one")
    if _said_fine(case, group, kind) or _untouched(case, group, kind):
        return refused(f, "the text says that it works")
    if others and _untouched(case, group, kind, "state.aside"):
        return refused(f, "the text says that it works")
    if others and _carries(case, w, kind):
        return refused(f, _CARRIES)
    return f


def _untouched(case: Case, group: tuple[int, int], kind: ZoneKind, words: str = "state.unaffected") -> bool:
    """ "The line X, which we have switched off, is not affected": said in the sentence, with nothing wrong in it."""
    if kind in (ZoneKind.FORM, ZoneKind.LOG, ZoneKind.SUBJECT):
        return False
    a, b = case.sentence(*group)
    sentence = case.text[a:b]
    hits = [h for h in case.hits(words, sentence, a) if a + h.start >= group[1] and not _taken_back(sentence, h)]
    return bool(hits) and not case.says("state.fault", _blanked(sentence, hits), a)


def _taken_back(sentence: str, hit: Hit) -> bool:
    """ "Does not work well", "worked fine until noon", "runs fine but ...": no word that it is well."""
    past = _WAS.search(sentence) is not None or _BUT.match(sentence, hit.end) is not None
    return past or _NEGATED.search(sentence[: hit.start]) is not None


def _carries(case: Case, w: Written, kind: ZoneKind) -> bool:
    """ "Traffic moved over to X": the service named is the one that works."""
    if kind in (ZoneKind.FORM, ZoneKind.LOG):
        return False
    a, b = case.clause(w.start, w.end)
    before, after = case.text[a : w.start], case.text[w.end : b]
    if case.says("state.fault", after, w.end) or tells_fault(case, (w.end, b)):
        return False
    hits = [h for h in case.hits("state.carries", before, a) if w.start - a - h.end < _NEAR]
    clear = [
        h
        for h in hits
        if not _NEGATED.search(before[: h.start])
        and not case.says("state.fault", before[h.start :], a + h.start)
        and not tells_fault(case, (a if _BARE_VIA.fullmatch(h.text) else a + h.start, a + h.end))
    ]
    return bool(clear) or bool(_OVER_AFTER.match(after))


def _blanked(text: str, hits: list[Hit]) -> str:
    for h in hits:
        text = text[: h.start] + " " * (h.end - h.start) + text[h.end :]
    return text


def _said_fine(case: Case, group: tuple[int, int], kind: ZoneKind) -> bool:
    a, b = case.clause(*group)
    left, right = case.line(group[0])[0], case.line(group[1])[1]
    row = kind is not ZoneKind.SUBJECT and re.search(r"\t|\s{3,}|\|", case.text[left:right])
    if row or kind in (ZoneKind.FORM, ZoneKind.LOG):
        a, b = left, right
    clause = case.text[a:b]
    hits = [*case.hits("state.fine", clause, a), *(Hit(*m.span(), m.group()) for m in _WORKS.finditer(clause))]
    hits = [h for h in hits if not _NEGATED.search(clause[: h.start])]
    short = kind is not ZoneKind.SUBJECT and right - left <= _SHORT_LINE and not case.text[left : group[0]].strip(" \t-*•·")
    if short and _GOOD_CELL.fullmatch(_STATE_LINE.split(case.text[left:right])[-1].strip(" \t.!")):
        return True
    if row and any(_GOOD_CELL.fullmatch(cell.strip()) for cell in re.split(r"\t|\s{3,}|\|", clause)):
        return not case.says("state.fault", clause, a)
    if not hits or _WAS.search(clause) or _BUT.match(case.text, b) or any(_BUT.match(clause, h.end) for h in hits):
        return False
    return not case.says("state.fault", _blanked(clause, hits), a)


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
        base, extra = case.rules.number("weight.id.base.labelled"), case.rules.number("weight.id.label.unlisted")
        steps = [Step("written form: labelled", base), Step(f"label '{x.label.strip()}'", x.weight + extra)]
        out.append(finding(field, m.group(1), m.group(1), span, "id.labelled", case.rules.version, steps))
    return out


def is_reply_subject(subject: str) -> bool:
    """Whether the subject was taken over from an older mail."""
    return bool(_REPLY.match(subject)) and not SUBJECT_FORWARD.match(subject)
