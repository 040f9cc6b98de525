"""One or two sentences in the customer's own words that name the symptom."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from models.reading import Finding, Step
from models.words import Field, FindingStatus, Intent, ZoneKind
from parsers.case import Case, sentences
from parsers.findings import finding
from parsers.ids import is_reply_subject
from parsers.tests_found import FIGURE
from parsers.zone_marks import SUBJECT_FORWARD

_GREETING = re.compile(
    r"(?i)^\W*(?:hi|hello|hey|dear|good (?:morning|day|afternoon|evening)|morning|folks|g'day|hallo|guten (?:tag|morgen"
    r"|abend)|moin|sehr geehrte\w*|bonjour|bonsoir|hola|buen[oa]s \w+|buongiorno|salve|olá|bo[am] \w+|prezad\w+"
    r"|hoi|beste|goedemorgen|poštovani|pozdrav|zdravo|dzień dobry|witam|здравствуйте|добрый день|поштовани|здраво|merhaba"
    r"|sayın|noc|hej)(?:[ \w.'&\-]{0,40}?)?\s*(?:[,:!.]+|\n|$)\s*"
)
_HEAD = re.compile(
    r"(?i)^[\W_]*(?:from|sent|date|to|cc|subject|von|gesendet|an|betreff|de|envoyé|à|objet|para|asunto|van|verzonden|aan"
    r"|od|za)\s?:"
)
_LABEL = re.compile(r"^[\W\d]*([^:\n]{2,45}):\s+")
_RULED = re.compile(r"[_=*-]{5,}")
_TELLING = 4
_BARE = re.compile(r"(?i)^\W*(?:problem|issue|trouble|help|urgent|hilfe|störung|fault|none|n/?a|no|\?)*\W*$")


def find_description(case: Case, intent: Intent, found: Sequence[Finding] = ()) -> list[Finding]:
    """The chosen words as a filled finding, or nothing when no symptom is named."""
    limit = int(case.rules.number("threshold.description.max"))
    labelled = _labelled(case, limit)
    if labelled:
        return [labelled]
    best: list[tuple[float, int, int]] = []
    stretches = _stretches(case)[:300]
    everything = found
    found = [f for f in found if f.status is not FindingStatus.REFUSED and f.field in (Field.IMPACT, Field.SERVICE_ID)]
    place: Counter[ZoneKind] = Counter()
    sites = _sites(case)
    for kind, a, b in stretches:
        row = ZoneKind.FORWARDED if kind is ZoneKind.FORWARDED else ZoneKind.PROSE
        n = place[row]
        place[row] += 1
        score = _score(case, a, b, kind) + _evidence(found, a, b) + _place(sites, case.text[a:b])
        if score >= 0.5:
            best.append((score - min(n, 8) * 0.06, a, b))
    if not best and intent is Intent.REPORT:
        best = _begun(case, stretches, everything)
    if not best and intent is not Intent.REPORT:
        best = _first_words(case, stretches)
        limit = max(limit, 200)
    if not best:
        return []
    best.sort(reverse=True)
    _, a, b = best[0]
    text = _squeeze(case.text[a:b], limit)
    extra = next((x for x in best[1:] if len(text) + x[2] - x[1] + 1 <= limit), None)
    if extra:
        other = _squeeze(case.text[extra[1] : extra[2]], limit)
        if other.lower() not in text.lower() and text.lower() not in other.lower():
            text = f"{text} {other}" if extra[1] > a else f"{_ended(other)} {text}"
        elif len(other) > len(text):
            text = other
    return [_made(case, text, case.text[a:b], (a, b), "description.sentence", "names a symptom", 0.7)]


def _labelled(case: Case, limit: int) -> Finding | None:
    for x in case.labelled:
        if x.field != "description" or case.zone(x.start) in (
            ZoneKind.QUOTED,
            ZoneKind.SIGNATURE,
            ZoneKind.DISCLAIMER,
            ZoneKind.LOG,
        ):
            continue
        line = case.line(x.start)[0]
        if line and case.text[line - 2 : line - 1].strip() and case.zone(line - 2) is ZoneKind.LOG:
            continue
        raw = case.text[x.start : x.end]
        if not _BARE.match(raw) and (
            case.says("symptom.words", raw, x.start) or (len(raw.split()) >= 4 and not case.says("symptom.vague", raw, x.start))
        ):
            return _made(
                case, _squeeze(raw, limit), raw, (x.start, x.end), "description.label", f"label '{x.label.strip()}'", 0.9
            )
    return None


def _stretches(case: Case) -> list[tuple[ZoneKind, int, int]]:
    order = {ZoneKind.PROSE: 0, ZoneKind.FORM: 1, ZoneKind.SUBJECT: 2, ZoneKind.FORWARDED: 3}
    zones = sorted((z for z in case.zones if z.kind in order), key=lambda z: (order[z.kind], z.start))
    out: list[tuple[ZoneKind, int, int]] = []
    for z in zones:
        for a, b in (
            sentences(case.text, z.start, z.end) if z.kind is not ZoneKind.FORM else _form_lines(case.text, z.start, z.end)
        ):
            greeting = _GREETING.match(case.text[a:b])
            a += greeting.end() if greeting and greeting.end() < b - a else 0
            while a < b and case.text[a] in " \n\t>-*•":
                a += 1
            if z.kind is ZoneKind.FORWARDED and _HEAD.match(case.text[a:b]):
                continue
            if z.kind is ZoneKind.FORM:
                a = _value_of_impact(case, a, b)
            out.append((z.kind, a, b))
    return out


def _value_of_impact(case: Case, a: int, b: int) -> int:
    """Where the words begin in "Impact: high - complete loss of international traffic"."""
    head = _LABEL.match(case.text[a:b])
    words = head is not None and len(case.text[a + head.end() : b].split()) >= _TELLING
    return a + head.end() if head and words and case.rules.label_field(head[1]) == "impact" else a


def _form_lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    at = start
    for line in text[start:end].split("\n"):
        out.append((at, at + len(line)))
        at += len(line) + 1
    return out


def _first_words(case: Case, stretches: list[tuple[ZoneKind, int, int]]) -> list[tuple[float, int, int]]:
    """What a mail without a symptom is about: its first sentence and its first question."""
    rows = [(a, b) for kind, a, b in stretches if kind is ZoneKind.PROSE and len(case.text[a:b].split()) > 3]
    asked = [(a, b) for a, b in rows if "?" in case.text[a : b + 1]]
    first = [(0.6, a, b) for a, b in rows[:1]]
    return [*first, *((0.5, a, b) for a, b in asked[:1] if (a, b) != rows[0])]


def _begun(case: Case, stretches: list[tuple[ZoneKind, int, int]], found: Sequence[Finding]) -> list[tuple[float, int, int]]:
    """What began at the start that was read, where nothing else tells: a sentence of some words that are not merely vague."""
    starts = [f.spans[0][0] for f in found if f.field is Field.START_TIME and f.status is FindingStatus.FILLED and f.spans]
    out: list[tuple[float, int, int]] = []
    for kind, a, b in stretches:
        text = case.text[a:b]
        if kind is ZoneKind.PROSE and len(text.split()) >= _TELLING + 3 and any(a <= s < b for s in starts):
            out += [] if case.says("symptom.vague", text, a) else [(0.5, a, b)]
    return out[:1]


def _sites(case: Case) -> frozenset[str]:
    rows = case.directory.services_by_customer.get(case.customer.id, ()) if case.customer else ()
    return frozenset(s.site.casefold() for s in rows[:200] if len(s.site) > 2)


def _place(sites: frozenset[str], text: str) -> float:
    """An engineer wants to know where: a sentence that names one of the sender's sites tells more."""
    text = text.casefold()
    return 0.15 if any(site in text for site in sites) else 0.0


def _evidence(found: Sequence[Finding], a: int, b: int) -> float:
    """What other recognizers read in this sentence: a state of the service, its ID."""
    score = 0.0
    for f in found:
        if not any(a <= s[0] < b for s in f.spans):
            continue
        if f.field is Field.IMPACT and f.rule.startswith(("impact.state.", "impact.number.")):
            score = max(score, 0.6)
        elif f.field is Field.SERVICE_ID:
            score += 0.2
    return score


def _score(case: Case, a: int, b: int, kind: ZoneKind) -> float:
    text = case.text[a:b]
    hits = case.hits("symptom.words", text, a)
    score = 0.6 + 0.1 * min(sum(h.strength for h in hits), 3) if hits else 0.0
    if (
        not hits
        and FIGURE.search(text)
        and re.search(r"(?i)\b(?:only|nur|seulement|solo|slechts|apenas|samo|tylko|только|sadece|instead)\b", text)
    ):
        score = 0.6
    if not score:
        return 0.0
    if kind is ZoneKind.FORM and _other_label(case, text):
        score -= 0.3
    if case.says("description.skip", text, a):
        score -= 0.25
    if case.says("state.fine", text, a) and len(hits) < 2:
        score -= 0.35
    if text.rstrip().endswith(":"):
        score -= 0.3
    if kind is ZoneKind.SUBJECT:
        taken_over = is_reply_subject(case.mail.subject) or SUBJECT_FORWARD.match(case.mail.subject)
        score -= 0.5 if taken_over else 0.02
    if kind is ZoneKind.FORWARDED:
        score -= 0.1
    if re.search(r"(?i)\b(?:sin[cd]e|seit|depuis|desde|dal|sinds|od|с|since)\b|\d{1,2}[:.h]\d\d", text):
        score += 0.1
    return score


def _other_label(case: Case, text: str) -> bool:
    head = re.match(r"^[\W\d]*([^:\n]{2,45}):", text)
    return bool(head) and case.rules.label_field(head.group(1) if head else "") not in (None, "description")


def _squeeze(text: str, limit: int) -> str:
    text = re.sub(r"\s+", " ", _RULED.split(text.strip(" _-=\n"))[0]).strip(" >-*•\t")
    if len(text) <= limit:
        return text
    cut = text[:limit]
    stop = max(cut.rfind(", "), cut.rfind("; "), cut.rfind(" - "))
    return (cut[:stop] if stop > limit // 2 else cut[: cut.rfind(" ")]).rstrip(" ,;-")


def _ended(text: str) -> str:
    text = text.rstrip(" :,;")
    return text if text[-1:] in ".!?" else text + "."


def _made(case: Case, value: str, raw: str, span: tuple[int, int], rule: str, why: str, score: float) -> Finding:
    return finding(Field.DESCRIPTION, value, raw, span, rule, case.rules.version, [Step(why, score)], FindingStatus.FILLED)
