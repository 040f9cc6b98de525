"""Test results: output of tools, and figures that a person has measured."""

from __future__ import annotations

import re

from models.reading import Finding, Step
from models.words import Field, FindingStatus, ZoneKind
from parsers.case import Case, sentences
from parsers.findings import finding

_TOOL = re.compile(
    r"(?i)icmp_seq|packets? transmitted|ping statistics|rtt min/avg|loss%\s+snt|traceroute to|tracert|tracing route"
    r"|hops max|\bhops\b|iperf|bits/sec"
    r"|input errors|\bcrc\b|dbm\b|%[A-Z_]+-\d-[A-Z]|snmp_trap|session closed|errors:\s*\d|carrier transitions|bgp state"
    r"|reply from \d|antwort von \d"
    r"|hold timer|link (?:status|state)|lineproto|neighbor .{0,40}(?:down|up)|(?:down|up|d|u)\s+\d+(?:\.\d+)?\s*/\s*(?:up"
    r"|down|u|d)\s+\d|пакетов|packets: sent|pakete: gesendet"
)
FIGURE = re.compile(
    r"(?i)(?<![\w.])\d+(?:[.,]\d+)?(?:\s*(?:-|–|to|bis|à|a|do|до|tot)\s*\d+(?:[.,]\d+)?)?\s*(?:%|‰|percent|prozent|pct"
    r"|ms\b|msec|dbm?\b|[mkg]bit/?s?\b|[mkg]bps\b|[mkg]b/s|мбит\S*|мс\b|pps\b)"
    r"|\bber\s+\d|\d\.\d+e-\d|-\d{1,2}(?:[.,]\d+)?\s*dbm"
)
_COUNTED = re.compile(
    r"(?i)\b\d+\s+(?:\S+\s+){0,2}?(?:sent|received|lost|transmitted|packets|errors|errored|drops|verstuurd|terug|ontvangen"
    r"|gesendet|empfangen|verloren|envoyés|reçus|perdus|enviados|recibidos"
    r"|perdidos|inviati|ricevuti|persi|poslato|poslatih|primljeno|izgubljeno|wysłano|odebrano|utracono|отправлено|получено"
    r"|потеряно|gönderildi|alındı)\b"
)
_NOT_MEASURED = re.compile(
    r"(?i)\b(?:contract|plan|pay for|paid|upgrade|subscribed|ordered|bandwidth of|vertrag|contrat|contrato|contratto"
    r"|ugovor|договор|offer|quote|sla)\b"
)
_TESTED = re.compile(r"(?i)\b(?:speed|ping|iperf\S*|\w*test\w*|тест\w*|тест)\b")
_PICTURE = re.compile(r"(?i)speed.?test|\bping|\bmtr\b|trace|iperf|smokeping|fast\.com|ookla|looking.?glass|optic|otdr")
_NONE = re.compile(r"(?i)^\W*(?:none|not yet|no|nothing|keine|aucun|ninguna|nessuno|geen|nenhum|brak|nema|нет|yok|n/?a|-)\b")


def find_tests(case: Case) -> list[Finding]:
    """At most one filled finding: where the results stand and what shows it."""
    for z in case.zones:
        if z.kind in (ZoneKind.LOG, ZoneKind.FORWARDED, ZoneKind.FORM):
            block = case.text[z.start : z.end]
            m = _TOOL.search(block)
            if m and (
                z.kind is not ZoneKind.FORM
                or re.search(r"\d", block[m.end() : m.end() + 20] + block[max(0, m.start() - 20) : m.start()])
            ):
                return [_found(case, z.start, z.end, "test.tool", f"output of a tool ('{m.group()}')")]
    for z in case.zones:
        if z.kind in (ZoneKind.PROSE, ZoneKind.LOG, ZoneKind.SUBJECT, ZoneKind.FORM, ZoneKind.FORWARDED):
            for a, b in sentences(case.text, z.start, z.end):
                why = _measured(case, case.text[a:b])
                if why:
                    return [_found(case, a, b, "test.figure", why)]
    for picture in case.mail.attachments:
        if picture.content_type.startswith(("image/", "application/pdf")) and _PICTURE.search(picture.name):
            steps = [Step(f"attached picture '{picture.name}'", 0.7)]
            return [
                finding(
                    Field.TEST_RESULTS,
                    picture.name,
                    picture.name,
                    (0, 0),
                    "test.picture",
                    case.rules.version,
                    steps,
                    FindingStatus.FILLED,
                )
            ]
    return []


def _measured(case: Case, sentence: str) -> str:
    if _NONE.match(sentence):
        return ""
    words = case.rules.lexicon("test.words")
    counted = _COUNTED.search(sentence)
    if counted and re.search(r"\d", sentence) and words.found(sentence) and len(re.findall(r"\d+", sentence)) >= 2:
        return f"counted figures ('{counted.group()}')"
    figures = list(FIGURE.finditer(sentence))
    if not figures:
        return ""
    if (
        _NOT_MEASURED.search(sentence)
        and len(figures) < 2
        and not _TESTED.search(sentence)
        and not re.search(r"(?i)only|nur|seulement|solo|tylko|alleen|samo", sentence)
    ):
        return ""
    strong = re.search(r"(?i)dbm|%|ms\b|мс", figures[0].group())
    if words.found(sentence) or (strong and case.rules.lexicon("symptom.words").found(sentence)):
        return f"a measured figure ('{figures[0].group()}')"
    if re.search(r"(?i)[mkg]bit|[mkg]bps|мбит", figures[0].group()) and re.search(
        r"(?i)\b(?:gives|giving|get|only|instead)\b", sentence
    ):
        return f"a measured figure ('{figures[0].group()}')"
    return ""


def _found(case: Case, a: int, b: int, rule: str, why: str) -> Finding:
    raw = case.text[a:b].strip()
    at = case.text.find(raw, a) if raw else a
    return finding(
        Field.TEST_RESULTS,
        raw[:4000],
        raw[:4000],
        (at, at + len(raw)),
        rule,
        case.rules.version,
        [Step(why, 0.8)],
        FindingStatus.FILLED,
    )
