"""A form as a reading with evidence: what was chosen on the page, and beside it what the parser reads in the words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from models.clock import iso
from models.reading import Finding, Reading, Step, Zone
from models.words import MANDATORY, Action, Field, FindingStatus, Impact, Intent, Pattern, ZoneKind
from tickets.report import LABELS

RULE = "panel.form"
VERSION = "1"
_SHORT = 500


@dataclass(frozen=True, slots=True)
class Start:
    """When it began, as an interval; both ends are the same where the customer named the minute."""

    earliest: datetime
    latest: datetime
    raw: str

    @property
    def middle(self) -> datetime:
        return self.earliest + (self.latest - self.earliest) / 2


@dataclass(frozen=True, slots=True)
class Given:
    """What was chosen and written, already checked. Empty means: not told."""

    services: tuple[str, ...] = ()
    start: Start | None = None
    impact: Impact | None = None
    pattern: Pattern | None = None
    circuits: tuple[str, ...] = ()
    description: str = ""
    logs: str = ""

    def lines(self) -> list[tuple[Field, str]]:
        """The chosen values in the order of the report."""
        rows = [
            *((Field.SERVICE_ID, s) for s in self.services),
            (Field.START_TIME, iso(self.start.middle) if self.start else ""),
            (Field.IMPACT, self.impact.value if self.impact else ""),
            *((Field.CIRCUIT_ID, c) for c in self.circuits),
            (Field.FAULT_PATTERN, self.pattern.value if self.pattern else ""),
        ]
        return [(f, v) for f, v in rows if v]


def empty_reading(text: str, at: datetime) -> Reading:
    """Where the words could not be read: the text stands as it is, and nothing is taken from it."""
    zones = (Zone(ZoneKind.PROSE, 0, len(text)),) if text else ()
    return Reading(text, zones, (), "", "unknown", Intent.REPORT, at)


def reading_of(given: Given, words: Reading, *, intent: Intent, is_new: bool = False, joins: bool = False) -> Reading:
    """The whole reading; what was chosen outweighs what the words say on the same field."""
    text, zones, findings = words.text.rstrip("\n"), list(words.zones), list(words.findings)
    chosen = given.lines()
    fields = {f for f, _ in chosen}
    findings = [_outweighed(f) if f.field in fields else f for f in findings]
    for name, value in chosen:
        words_for_it = in_words(name, value)
        line = f"{LABELS[name]}: {words_for_it}"
        start = len(text) + 1
        text += "\n" + line
        zones.append(Zone(ZoneKind.FORM, start, len(text)))
        findings.append(_finding(name, value, (len(text) - len(words_for_it), len(text)), given.start))
    if given.description:
        findings = [_outweighed(f) if f.field is Field.DESCRIPTION else f for f in findings]
        findings.append(_described(given.description))
    return _resolved(replace(words, text=text, zones=tuple(zones), findings=tuple(findings)), given, intent, is_new, joins)


def _resolved(base: Reading, given: Given, intent: Intent, is_new: bool, joins: bool) -> Reading:
    reports = intent is Intent.REPORT
    full = replace(
        base,
        intent=intent,
        service_ids=given.services or base.service_ids,
        start_time=given.start.middle if given.start else base.start_time,
        impact=given.impact or base.impact,
        fault_pattern=given.pattern or base.fault_pattern,
        circuit_ids=tuple(dict.fromkeys((*given.circuits, *base.circuit_ids))),
        description=_short(given.description) or (base.description if reports else ""),
        has_test_results=base.has_test_results or bool(given.logs.strip()),
        test_results=base.test_results or (_log_words(given.logs) if given.logs.strip() else ""),
        ticket_ref=None if joins or is_new else base.ticket_ref,
        says_new=is_new,
        unreadable=(),
    )
    known = (bool(full.service_ids), full.start_time is not None, bool(full.description), full.impact is not None)
    missing = tuple(f for f, there in zip(MANDATORY, known, strict=True) if not there) if reports else ()
    action = Action.APPEND if not reports else Action.ASK if missing else Action.ACKNOWLEDGE
    return replace(full, missing=missing, action=action)


def in_words(field: Field, value: str) -> str:
    """A value as the customer reads it back in his own message."""
    return value.replace("_", " ").title().replace("Non Service", "Non-Service") if field is Field.IMPACT else value


def _short(words: str) -> str:
    return " ".join(words.split())[:_SHORT]


def _log_words(logs: str) -> str:
    lines = [x for x in logs.splitlines() if x.strip()]
    return f"{len(lines)} line{'s' if len(lines) > 1 else ''} of output: {' '.join(lines[0].split())[:120]}"


def _finding(field: Field, value: str, span: tuple[int, int], start: Start | None) -> Finding:
    earliest = latest = None
    raw = value
    if field is Field.START_TIME and start:
        earliest, latest, raw = iso(start.earliest), iso(start.latest), start.raw
    steps = (Step("chosen on the page", 0.95),)
    return Finding(field, value, raw, (span,), RULE, VERSION, 0.95, steps, FindingStatus.FILLED, earliest, latest)


def _described(words: str) -> Finding:
    steps = (Step("written on the page", 0.95),)
    value = _short(words)
    return Finding(Field.DESCRIPTION, value, value, (), RULE, VERSION, 0.95, steps, FindingStatus.FILLED)


def _outweighed(f: Finding) -> Finding:
    if f.status not in (FindingStatus.FILLED, FindingStatus.CONFIRM):
        return f
    return replace(f, status=FindingStatus.REFUSED, detail="the customer chose this on the page")
