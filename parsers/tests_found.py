"""Test results: output of tools, and figures that a person has measured."""

from __future__ import annotations

import re

from models.reading import Finding, Step
from models.words import Field, FindingStatus, ZoneKind
from parsers.case import Case, sentences
from parsers.figures import key_figures
from parsers.findings import finding
from parsers.impact.fold import tokens
from parsers.impact.shares import shares

_TOOL = re.compile(
    r"(?i)icmp_seq|\d\.\|--|packets? transmitted|ping statistics|rtt min/avg|loss%\s+snt|traceroute to|tracert|tracing route"
    r"|hops max|\bhops\b|iperf|bits/sec"
    r"|input errors|\bcrc\b|dbm\b|%[A-Z_]+-\d-[A-Z]|snmp_trap|session closed|errors:\s*\d|carrier transitions|bgp state"
    r"|reply from \d|antwort von \d"
    r"|changed state|%?ADJCHANGE|_NEIGHBOR_|\b(?:rpd|bgpd|bfdd|ospfd|mib2d|dcd|chassisd)\[\d+\]|state\s*[=:]?\s*(?:idle"
    r"|active|connect)\b"
    r"|neighbo[u]?r\s+\S+.{0,30}\b(?:idle|active|down)\b|\bohms?\b|otdr|bip-8|\bsnr\b"
    r"|success rate is \d|\b\d+/\d+ (?:probes?|pings?|packets?|replies|checks)\b"
    r"|\d\.\d%\s+\d+\s+\d|\bmtr from\b|;\d+;\d+\s*\n"
    r"|hold timer|link (?:status|state)|lineproto|neighbor .{0,40}(?:down|up)|(?:down|up|d|u)\s+\d+(?:\.\d+)?\s*/\s*(?:up"
    r"|down|u|d)\s+\d|пакетов|packets: sent|pakete: gesendet"
)
FIGURE = re.compile(
    r"(?i)(?<![\w.])\d+(?:[.,]\d+)?(?:\s*(?:-|–|to|bis|à|a|do|до|tot)\s*\d+(?:[.,]\d+)?)?\s*(?:%|‰|percent|prozent|pct"
    r"|ms\b|msec|dbm?\b|[mkg]bit/?s?\b|[mkg]bps\b|[mkg]b/s|meg(?:a(?:bits?)?|s)?\b|мбит\S*|мегабит\S*|мс\b|pps\b"
    r"|°\s?[cf]\b|(?-i:C)\b)"
    r"|\b[rt]x\s*(?:power|level|signal)?\s*[:=]?\s*-\s?\d{1,2}(?:[.,]\d+)?\b"
    r"|\bber\s+\d|\d\.\d+e-\d|-\d{1,2}(?:[.,]\d+)?\s*dbm"
)
_COUNTED = re.compile(
    r"(?i)\b\d+\s+(?:\S+\s+){0,2}?(?:sent|received|lost|transmitted|packets|errors|errored|drops|verstuurd|terug|ontvangen"
    r"|gesendet|empfangen|verloren|envoyés|reçus|perdus|enviados|recibidos"
    r"|perdidos|inviati|ricevuti|persi|poslato|poslatih|primljeno|izgubljeno|wysłano|odebrano|utracono|отправлено|получено"
    r"|потеряно|gönderildi|alındı|paquets|paquetes|pacotes|pacchetti|pakete[n]?|pakketten|paketa|pakietów|пакетов)\b"
)
# Two lines or more that a router has stamped when a port went down or up; one alone may be an alarm.
_ROUTER = re.compile(
    r"(?i)^\*?(?:\d{4}-\d\d-\d\d|[A-Z][a-z]{2} +\d{1,2}|\d\d?:\d\d)\S*[^\n]*\s(?:[gxefh][ei]|et|te|gi|fa|hu|eth|tun|tunnel|ae"
    r"|po|wan|ppp"
    r"|vlan|port|bgp|peer)[-\d/]\S*\s+(?:link\s+|state\s+)?(?:down|up)\b",
    re.M,
)
# What was sent and what came back, as columns: the words stand above the figures.
_COLUMNS = re.compile(
    r"(?im)^[^\n]*\b(?:sent|gesendet|verstuurd|verzonden|envoyés?|enviad[oa]s|inviati|poslato|poslano|послато|wysłan[eo]|отправлено|gönderilen)\b[^\n]*"
    r"\b(?:received|lost|empfangen|verloren|ontvangen|reçus?|perdus?|recibid[oa]s|perdid[oa]s|recebid[oa]s|ricevuti|persi|primljeno"
    r"|примљено|odebran[eo]|получено|alınan)\b[^\n]*\n\s*[^\n]*?\b\d+\b[^\n\d]+\b\d+\b"
)
# Two lines or more of a stamp, a counter and its value: "05:12:08Z  ucw +1,204".
_COUNTERS = re.compile(
    r"(?m)(?:^[ \t]*\[?(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?Z?\]?[ \t]+"
    r"[A-Za-z][\w./-]*[ \t]*[=:]?[ \t]*[+-]?\d[\d.,]*%?[ \t]*(?:\n|$)){2,}"
)
# A reading under the name of what was read: "rx_dbm_a=-38.1".
_KEYED = re.compile(r"(?i)(?<![^\W_])(?:dbm|ber|rtt|ucw|crc|fec|osnr|snr)(?:_\w+)?\s?=\s?[+-]?\d[^\n]*")
_SHAPES = (
    (_COUNTERS, "counters with their times"),
    (_COLUMNS, "figures under 'sent' and 'received'"),
    (_KEYED, "a reading with its name"),
)
_NOT_OWN = frozenset({ZoneKind.QUOTED, ZoneKind.SIGNATURE, ZoneKind.DISCLAIMER})
_NOT_MEASURED = re.compile(
    r"(?i)\b(?:contract|plan|pay for|paid|upgrade|subscribed|ordered|bandwidth of|vertrag|contrat|contrato|contratto"
    r"|ugovor|договор|offer|quote|sla|invoice|bill|billed|statement|rechnung|facture|factura|fattura|factuur|faktur\w*"
    r"|račun|счёт|счет|fatura)\b"
)
# Light levels, a temperature that a sensor shows, an average round trip, errors by the minute: nobody guesses them.
_ALWAYS = re.compile(
    r"(?i)-\s?\d{1,2}(?:[.,]\d+)?\s?dbm|\b[rt]x\s*(?:power|level|signal)?\s*[:=]?\s*-\s?\d{1,2}\b|\b(?:avg|average|rtt"
    r"|min/avg)\b[^.\n]{0,20}\d+\s?ms"
    r"|\b(?:traceroute|tracert|mtr)\b[^.\n]{0,60}\b(?:dies|stops?|ends?|stars|lost)\b"
    r"|\b\d+\s?(?:/|of|out of|von|sur|de|su|van|z|od|из|от)\s?\d+\s+(?:pings?|packets?|probes?|replies|frames|pakete\w*|paquets"
    r"|paquetes|pacotes|pacchetti|pakk?ett?en|paketa|pakietów|пакетов|пингов)\b"
    r"|\b\d+ (?:pings?|packets?|probes?)\b[^.\n]{0,50}\b(?:zero|0|no|none|nothing|all|every)\b[^.\n]{0,12}\b(?:lost"
    r"|loss|back|answered)"
    r"|\b(?:sensor|inlet|temperature|temperatur\w*)\b[^.\n]{0,50}\d+\s?(?:°\s?)?c\b"
    r"|\b(?:crc|fcs|input|errors?)\b[^.\n]{0,40}\b\d+\s+(?:a|per|every|pro|par|por|al|na)\s+(?:minute|min|second|hour|sec"
    r"|stunde|heure|hora|ora|minuto|minut\w*)"
)
_TESTED = re.compile(
    r"(?i)\b(?:speed|ping|iperf\S*|\w*test\w*|тест\w*|тест|measur\w*|gemessen|messung\w*|gemeten|mesur\w*|medi(?:r|do|da|mos"
    r"|rla|rlo|ção|ción|u)|misur\w*|zmierz\w*|pomiar\w*|измер\w*|замер\w*|izmer\w*|ölç\w*|probe\w*|bins)\b"
)
# Output of a tool that stands between the sentences of a person.
_TOOL_IN_PROSE = re.compile(
    r"(?i)success rate is \d|icmp_seq|packets? transmitted|rtt min/avg|loss%\s+snt|hops max|(?-i:[A-Z]{3,}-\d-[A-Z]{4,})"
)
# "Many packets are lost": nobody has counted.
_VAGUE = frozenset(
    "many most several some much viele vieles einige veel vele beaucoup plupart muchos muchas muitos muitas molti molte mnogo"
    " mnogi wiele wielu много многие многи pek cok bircok".split()
)
_PICTURE = re.compile(r"(?i)speed.?test|\bping|\bmtr\b|trace|iperf|smokeping|fast\.com|ookla|looking.?glass|optic|otdr")
_MOST = 20_000
_NONE = re.compile(
    r"(?i)^\W*(?:none|not yet|no|nothing|keine|aucun|ninguna|nessuno|geen|nenhum|brak|nema|нет|yok|n/a|(?-i:NA)|-)\b"
)


def _shown(case: Case) -> Finding | None:
    """Figures that are told by where they stand: under their heads, behind their names, line by line."""
    for shape, why in _SHAPES:
        for m in shape.finditer(case.text):
            if case.zone(m.start()) not in _NOT_OWN:
                return _found(case, *m.span(), "test.figure", why)
    return None


def find_tests(case: Case) -> list[Finding]:
    """At most one filled finding: where the results stand and what shows it."""
    for z in case.zones:
        if z.kind in (ZoneKind.LOG, ZoneKind.FORWARDED, ZoneKind.FORM):
            block = case.text[z.start : z.end]
            m = _TOOL.search(block) or _twice(z.kind, block)
            if m and (
                z.kind is not ZoneKind.FORM
                or re.search(r"\d", block[m.end() : m.end() + 20] + block[max(0, m.start() - 20) : m.start()])
            ):
                return [_found(case, z.start, z.end, "test.tool", f"output of a tool ('{m.group()}')")]
        elif z.kind is ZoneKind.PROSE and (m := _TOOL_IN_PROSE.search(case.text, z.start, z.end)):
            return [_found(case, z.start, z.end, "test.tool", f"output of a tool ('{m.group()}')")]
    robot = case.mail.header("auto-submitted").lower() not in ("", "no")
    for z in case.zones if not robot else ():
        if z.kind in (ZoneKind.PROSE, ZoneKind.LOG, ZoneKind.SUBJECT, ZoneKind.FORM, ZoneKind.FORWARDED):
            for a, b in sentences(case.text, z.start, z.end):
                why = _measured(case, a, b)
                if why:
                    return [_found(case, a, b, "test.figure", why)]
    if not robot and (shown := _shown(case)):
        return [shown]
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


def _twice(kind: ZoneKind, block: str) -> re.Match[str] | None:
    found = list(_ROUTER.finditer(block)) if kind is ZoneKind.LOG else []
    return found[0] if len(found) > 1 else None


def _measured(case: Case, start: int, end: int) -> str:
    sentence = case.text[start:end]
    if _NONE.match(sentence):
        return ""
    tested = case.says("test.words", sentence, start)
    counted = _COUNTED.search(sentence)
    if counted and re.search(r"\d", sentence) and tested and len(re.findall(r"\d+", sentence)) >= 2:
        return f"counted figures ('{counted.group()}')"
    if tested and "%" not in sentence:
        words = [t.word for t in tokens(sentence)]
        if any(not _VAGUE.issuperset(words[s.first : s.first + 1]) for s in shares(words, [1] * len(words))):
            return "a share that was counted"
    figures = list(FIGURE.finditer(sentence))
    if always := _ALWAYS.search(sentence):
        return f"a measured figure ('{always.group()}')"
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
    if tested or (strong and case.says("symptom.words", sentence, start)):
        return f"a measured figure ('{figures[0].group()}')"
    if re.search(r"(?i)[mkg]bit|[mkg]bps|[mkg]b/s|meg|мбит", figures[0].group()) and re.search(
        r"(?i)\b(?:where it (?:did|was|used)|used to|normally|usually|crawls?|moves|gives|giving|get|getting|only"
        r"|instead|of the|when we|we pay|against|out of|statt|nur|zamiast|tylko"
        r"|umesto|уместо|само"
        r"|samo|вместо|только|всего|seulement|solo|sólo|apenas|invece|soltanto|em vez|en lugar|in plaats|slechts|maar"
        r"|yerine|sadece|pagamos|paghiamo|payons|paie|zahlen|bezahlen|betalen|płacimy|platimo|plaćamo|платим|contratad\w*)\b",
        sentence,
    ):
        return f"a measured figure ('{figures[0].group()}')"
    return ""


def _results(case: Case) -> str:
    """Every paragraph that holds output of a tool; a summary between two such lines belongs to it."""
    out: dict[int, str] = {}
    for z in case.zones:
        if z.kind is ZoneKind.LOG or (
            z.kind in (ZoneKind.FORM, ZoneKind.FORWARDED) and _TOOL.search(case.text[z.start : z.end])
        ):
            head = case.text.rfind("\n\n", 0, z.start) + 2 if "\n\n" in case.text[: z.start] else 0
            tail = case.text.find("\n\n", z.end)
            out[head] = case.text[head : tail if tail >= 0 else len(case.text)]
    return "\n".join(out.values())[:_MOST]


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
        key_figures(_results(case) if rule == "test.tool" else raw),
    )
