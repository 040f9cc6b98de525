"""One or two sentences in the customer's own words that name the symptom."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.reading import Finding, Step
from models.words import Field, FindingStatus, Intent, ZoneKind
from parsers.case import Case, sentences
from parsers.findings import finding
from parsers.ids import is_reply_subject
from parsers.tests_found import FIGURE

_GREETING = re.compile(
    r"(?i)^\W*(?:hi|hello|hey|dear|good (?:morning|day|afternoon|evening)|morning|folks|g'day|hallo|guten (?:tag|morgen"
    r"|abend)|moin|sehr geehrte\w*|bonjour|bonsoir|hola|buen[oa]s \w+|buongiorno|salve|olá|bo[am] \w+|prezad\w+"
    r"|hoi|beste|goedemorgen|poštovani|pozdrav|zdravo|dzień dobry|witam|здравствуйте|добрый день|поштовани|здраво|merhaba"
    r"|sayın|noc|hej)(?:[ \w.'&\-]{0,40}?)?\s*(?:[,:!.]+|\n|$)\s*"
)
_BARE = re.compile(r"(?i)^\W*(?:problem|issue|trouble|help|urgent|hilfe|störung|fault|none|n/?a|no|\?)*\W*$")


def find_description(case: Case, intent: Intent, found: Sequence[Finding] = ()) -> list[Finding]:
    """The chosen words as a filled finding, or nothing when no symptom is named."""
    limit = int(case.rules.threshold("description.max", 200))
    labelled = _labelled(case, limit)
    if labelled:
        return [labelled]
    best: list[tuple[float, int, int]] = []
    stretches = _stretches(case)[:300]
    found = [f for f in found if f.status is FindingStatus.FILLED and f.field in (Field.IMPACT, Field.SERVICE_ID)]
    for n, (kind, a, b) in enumerate(stretches):
        score = _score(case, case.text[a:b], kind) + _evidence(found, a, b)
        if score >= 0.5:
            best.append((score - min(n, 8) * 0.06, a, b))
    if not best and intent is not Intent.REPORT:
        best = _first_words(case, stretches)
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
        raw = case.text[x.start : x.end]
        if not _BARE.match(raw) and (
            case.rules.lexicon("symptom.words").found(raw) or (len(raw.split()) >= 4 and not _vague(case, raw))
        ):
            return _made(
                case, _squeeze(raw, limit), raw, (x.start, x.end), "description.label", f"label '{x.label.strip()}'", 0.9
            )
    return None


def _vague(case: Case, text: str) -> bool:
    return case.rules.lexicon("symptom.vague").found(text)


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
            out.append((z.kind, a, b))
    return out


def _form_lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    at = start
    for line in text[start:end].split("\n"):
        out.append((at, at + len(line)))
        at += len(line) + 1
    return out


def _first_words(case: Case, stretches: list[tuple[ZoneKind, int, int]]) -> list[tuple[float, int, int]]:
    """What a mail without a symptom is about: its first question, else its first sentence."""
    rows = [(a, b) for kind, a, b in stretches if kind is ZoneKind.PROSE and len(case.text[a:b].split()) > 3]
    asked = [(a, b) for a, b in rows if "?" in case.text[a : b + 1]]
    return [(0.5, a, b) for a, b in (asked or rows)[:1]]


def _evidence(found: Sequence[Finding], a: int, b: int) -> float:
    """What other recognizers read in this sentence: a state of the service, its ID."""
    score = 0.0
    for f in found:
        if not any(a <= s[0] < b for s in f.spans):
            continue
        if f.field is Field.IMPACT and f.rule.startswith("impact.state."):
            score = max(score, 0.6)
        elif f.field is Field.SERVICE_ID:
            score += 0.2
    return score


def _score(case: Case, text: str, kind: ZoneKind) -> float:
    lex = case.rules.lexicon
    hits = lex("symptom.words").hits(text)
    score = 0.6 + 0.1 * min(len(hits), 3) if hits else 0.0
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
    if lex("description.skip").found(text):
        score -= 0.25
    if lex("state.fine").found(text) and len(hits) < 2:
        score -= 0.35
    if kind is ZoneKind.SUBJECT:
        score -= 0.5 if is_reply_subject(case.mail.subject) else 0.02
    if kind is ZoneKind.FORWARDED:
        score -= 0.1
    if re.search(r"(?i)\b(?:sin[cd]e|seit|depuis|desde|dal|sinds|od|с|since)\b|\d{1,2}[:.h]\d\d", text):
        score += 0.1
    return score


def _other_label(case: Case, text: str) -> bool:
    head = re.match(r"^[\W\d]*([^:\n]{2,45}):", text)
    return bool(head) and case.rules.label_field(head.group(1) if head else "") not in (None, "description")


def _squeeze(text: str, limit: int) -> str:
    text = re.sub(r"\s+", " ", text).strip(" >-*•\t")
    if len(text) <= limit:
        return text
    cut = text[:limit]
    stop = max(cut.rfind(", "), cut.rfind("; "), cut.rfind(" - "))
    return (cut[:stop] if stop > limit // 2 else cut[: cut.rfind(" ")]).rstrip(" ,;-")


def _ended(text: str) -> str:
    return text if text[-1:] in ".!?" else text + "."


def _made(case: Case, value: str, raw: str, span: tuple[int, int], rule: str, why: str, score: float) -> Finding:
    return finding(Field.DESCRIPTION, value, raw, span, rule, case.rules.version, [Step(why, score)], FindingStatus.FILLED)
