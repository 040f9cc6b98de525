"""What a call has told, as a reading with evidence: the answers to the questions, then the caller's own words as in a mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from ivr.words import Call, Said
from models.directory import Directory
from models.reading import Finding, Reading, Step, Zone
from models.words import MANDATORY, Action, Field, FindingStatus, Impact, Intent, Pattern, ZoneKind
from parsers import RuleSet, read_text

RULE = "call.answer"
VERSION = "1"
WORDS = ("description", "note", "escalation", "voicemail")
_MAX_WORDS = 4000
_ANSWERS = (Field.SERVICE_ID, Field.START_TIME, Field.IMPACT, Field.CIRCUIT_ID, Field.FAULT_PATTERN)
_LABELS = {
    Field.SERVICE_ID: "Service ID",
    Field.START_TIME: "Start time",
    Field.IMPACT: "Impact",
    Field.CIRCUIT_ID: "Circuit ID",
    Field.FAULT_PATTERN: "Fault pattern",
}
_WITHIN = timedelta(minutes=30)


def spoken_words(call: Call, transcripts: Mapping[str, str]) -> str:
    """What the caller said freely, recordings by their transcript where it has come."""
    found = [s for s in call.said if s.field in WORDS]
    return "\n".join((transcripts.get(s.raw) or s.value) if s.how == "recording" else s.value for s in found)[:_MAX_WORDS]


def reading_of(
    call: Call, transcripts: Mapping[str, str], *, directory: Directory, now: datetime, intent: Intent, rules: RuleSet | None
) -> Reading:
    """The reading of a call; an answer to our question outweighs what the free words say on the same field."""
    free = [s for s in call.said if s.field in WORDS]
    told = [s for s in free if s.how != "recording" or transcripts.get(s.raw)]
    words = spoken_words(call, transcripts)
    base = read_text(words if told else "", directory=directory, sender=None, received_at=now, rules=rules)
    text, zones, findings = base.text, list(base.zones), list(base.findings)
    answered = {s.field: s for s in call.said}
    for field in _ANSWERS:
        said = answered.get(field.value)
        if said is None:
            continue
        findings = [_outweighed(f) if f.field is field else f for f in findings]
        line = f"{_LABELS[field]}: {said.value} ({said.how}: {said.raw})"
        start = len(text) + bool(text)
        text += ("\n" if text else "") + line
        zones.append(Zone(ZoneKind.FORM, max(0, start - 1), len(text)))
        at = start + len(_LABELS[field]) + 2
        findings.append(_finding(field, said, (at, at + len(said.value)), now))
    if free:
        findings.append(_description(free[0], words))
    return _resolved(replace(base, text=text, zones=tuple(zones)), tuple(findings), answered, words, intent, bool(free))


def _resolved(
    base: Reading, findings: tuple[Finding, ...], answered: Mapping[str, Said], words: str, intent: Intent, described: bool
) -> Reading:
    def one(field: Field) -> str:
        said = answered.get(field.value)
        return said.value if said else ""

    start = one(Field.START_TIME)
    full = replace(
        base,
        findings=findings,
        intent=intent,
        language="en",
        service_ids=(one(Field.SERVICE_ID),) if one(Field.SERVICE_ID) else base.service_ids,
        circuit_ids=(one(Field.CIRCUIT_ID),) if one(Field.CIRCUIT_ID) else base.circuit_ids,
        impact=Impact(one(Field.IMPACT)) if one(Field.IMPACT) else base.impact,
        fault_pattern=Pattern(one(Field.FAULT_PATTERN)) if one(Field.FAULT_PATTERN) else base.fault_pattern,
        start_time=datetime.fromisoformat(start) if start else base.start_time,
        description=(base.description or words) if described else "",
        ticket_ref=None,
        unreadable=(),
    )
    known = (bool(full.service_ids), full.start_time is not None, bool(full.description), full.impact is not None)
    missing = tuple(f for f, there in zip(MANDATORY, known, strict=True) if not there) if intent is Intent.REPORT else ()
    action = Action.APPEND if intent is not Intent.REPORT else Action.ASK if missing else Action.ACKNOWLEDGE
    return replace(full, missing=missing, action=action)


def _finding(field: Field, said: Said, span: tuple[int, int], now: datetime) -> Finding:
    status = FindingStatus.FILLED if said.sure or field is Field.CIRCUIT_ID else FindingStatus.CONFIRM
    steps = (
        Step(f"answer by {said.how} at {said.state}", 0.8),
        *((Step("read back and agreed to", 0.15),) if said.sure else ()),
    )
    score = sum(s.delta for s in steps)
    earliest = latest = None
    if field is Field.START_TIME:
        at, wide = datetime.fromisoformat(said.value), _WITHIN if said.raw in ("1", "2") else timedelta(minutes=1)
        earliest, latest = (at - wide).isoformat(), min(at + wide, now).isoformat()
    return Finding(field, said.value, said.raw, (span,), RULE, VERSION, score, steps, status, earliest, latest)


def _description(said: Said, words: str) -> Finding:
    """`raw` is the recording where there is one, so that its words can take its place when they come."""
    return Finding(
        Field.DESCRIPTION, words, said.raw, (), RULE, VERSION, 0.9, (Step(f"said at {said.state}", 0.9),), FindingStatus.FILLED
    )


def _outweighed(f: Finding) -> Finding:
    if f.status not in (FindingStatus.FILLED, FindingStatus.CONFIRM):
        return f
    return replace(f, status=FindingStatus.REFUSED, detail="the caller answered our question on this")
