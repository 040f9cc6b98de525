"""Decides over all candidates what the reading says: one value per field, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from models.directory import canonical
from models.reading import Finding, Reading, Step
from models.words import MANDATORY, Action, Field, FindingStatus, Impact, Intent, Pattern, ZoneKind
from parsers.case import Case
from parsers.custom import settled
from parsers.findings import decided, filled_values, finding, refused
from parsers.ids import is_reply_subject
from parsers.intent import action_for
from parsers.ticketref import OURS

_OLDER = (ZoneKind.SUBJECT, ZoneKind.FORWARDED, ZoneKind.QUOTED)


def resolve(
    case: Case, found: Sequence[Finding], intent: Intent, *, says_new: bool, language: str, notes: Sequence[str]
) -> Reading:
    """The reading of the case."""
    findings = _one_place(case, list(found), intent)
    findings = list(settled(decided(_derived_services(case, findings), case.rules)))
    if intent is Intent.AUTOMATIC:
        findings = _answered_ref(findings)
    ref = next(iter(filled_values(findings, Field.TICKET_REF)), None)
    base = Reading(
        text=case.text,
        zones=case.zones,
        findings=tuple(findings),
        rule_set=case.rules.version,
        language=language,
        intent=intent,
        received_at=case.received_at,
        ticket_ref=ref,
        unreadable=case.mail.unreadable,
        says_new=says_new,
        notes=tuple(dict.fromkeys((*case.notes, *notes))),
    )
    if intent in (Intent.AUTOMATIC, Intent.UNWANTED):
        return replace(base, action=Action.NONE)
    full = _filled(base, findings)
    missing = missing_fields(full) if intent is Intent.REPORT and not ref else ()
    return replace(full, missing=missing, action=action_for(intent, ref, bool(missing)))


def _answered_ref(findings: list[Finding]) -> list[Finding]:
    """A machine's answer names our ticket only in the mail that it sends back: that one counts, if it is one alone."""
    refs = [f for f in findings if f.field is Field.TICKET_REF]
    if any(_is_filled(f) for f in refs) or len({f.value for f in refs}) != 1:
        return findings
    return [replace(f, status=FindingStatus.FILLED, detail="in the mail sent back") if f is refs[0] else f for f in findings]


def missing_fields(reading: Reading) -> tuple[Field, ...]:
    """The mandatory fields that the reading leaves open."""
    known = {
        Field.SERVICE_ID: bool(reading.service_ids),
        Field.START_TIME: reading.start_time is not None,
        Field.DESCRIPTION: bool(reading.description),
        Field.IMPACT: reading.impact is not None,
    }
    return tuple(f for f in MANDATORY if not known[f])


def _filled(base: Reading, findings: list[Finding]) -> Reading:
    def first(field: Field) -> str | None:
        return next(iter(filled_values(findings, field)), None)

    impact, pattern, start = first(Field.IMPACT), first(Field.FAULT_PATTERN), first(Field.START_TIME)
    tests = first(Field.TEST_RESULTS)
    return replace(
        base,
        service_ids=filled_values(findings, Field.SERVICE_ID),
        circuit_ids=filled_values(findings, Field.CIRCUIT_ID),
        ip_addresses=filled_values(findings, Field.IP_ADDRESS),
        impact=Impact(impact) if impact else None,
        fault_pattern=Pattern(pattern) if pattern else None,
        start_time=min(datetime.fromisoformat(start), base.received_at) if start else None,
        has_test_results=tests is not None,
        test_results=tests or "",
        description=first(Field.DESCRIPTION) or "",
    )


def _one_place(case: Case, findings: list[Finding], intent: Intent) -> list[Finding]:
    """New text outweighs a taken-over subject and forwarded text; a closing mail may say that all is fine."""
    if intent is not Intent.REPORT:
        findings = [
            replace(f, status=FindingStatus.FILLED, detail="")
            if f.detail == "the text says that it works" and intent is Intent.UPDATE
            else f
            for f in findings
        ]
    ids = (Field.SERVICE_ID, Field.CIRCUIT_ID)
    strong = {
        f.field
        for f in findings
        if _is_filled(f) and f.field in ids and _zone(case, f) not in (ZoneKind.SUBJECT, ZoneKind.FORWARDED, ZoneKind.QUOTED)
    }
    fine = {f.value for f in findings if f.detail in ("the text says that it works", "the text says it is not this one")}
    reply = is_reply_subject(case.mail.subject) or bool(OURS.search(case.mail.subject))
    named = {f.value for f in findings if f.field is Field.SERVICE_ID and _is_filled(f) and _zone(case, f) not in _OLDER}
    out: list[Finding] = []
    for f in findings:
        kind = _zone(case, f)
        if f.field in ids and _is_filled(f):
            if kind is ZoneKind.FORWARDED and f.field is Field.CIRCUIT_ID and _runs_over(case, f.value) & named:
                out.append(f)
                continue
            if kind in (ZoneKind.FORWARDED, ZoneKind.QUOTED) and strong:
                f = refused(f, "the new text names another one")
            elif kind is ZoneKind.SUBJECT and reply and strong and Field.SERVICE_ID in strong:
                f = refused(f, "subject of an older mail; the new text names another one")
            elif kind in (ZoneKind.SUBJECT, ZoneKind.FORWARDED) and f.value in fine:
                f = refused(f, "the new text says that this one works")
        out.append(f)
    return out


def _runs_over(case: Case, circuit: str) -> set[str]:
    """The services on a circuit."""
    return {s.id for s in case.directory.services_by_circuit.get(canonical(circuit), ())}


def _derived_services(case: Case, findings: list[Finding]) -> list[Finding]:
    """A circuit, or else an affected address, stands for its service when exactly one service has it."""
    out = list(findings)
    for f in findings:
        if f.field is Field.CIRCUIT_ID and _is_filled(f):
            services = case.directory.services_by_circuit.get(canonical(f.value), ())
            if len(services) == 1:
                out.append(_service(case, f, services[0].id, "the only service on this circuit", "id.circuit"))
    if any(_is_filled(f) and f.field is Field.SERVICE_ID for f in out):
        return out
    for f in findings:
        if f.field is Field.IP_ADDRESS and _is_filled(f):
            ids = case.directory.services_of_address(f.value)
            if len(ids) == 1:
                out.append(_service(case, f, ids[0], "the only service with this address", "id.address"))
    return out


def _service(case: Case, f: Finding, service: str, why: str, rule: str) -> Finding:
    steps = [Step(why, 0.75)]
    return finding(Field.SERVICE_ID, service, f.raw, f.spans[0], rule, case.rules.version, steps, FindingStatus.FILLED)


def _is_filled(f: Finding) -> bool:
    return f.status is FindingStatus.FILLED


def _zone(case: Case, f: Finding) -> ZoneKind:
    return case.zone(f.spans[0][0]) if f.spans else ZoneKind.PROSE
