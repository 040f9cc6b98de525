"""The report of a ticket: what is known so far, merged from one reading after another.

Stored as {field: {"values": [...], "raw": str, "confirm": bool, "contact": id, ...}} in the ticket's row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from models.clock import iso
from models.reading import Finding, Reading
from models.words import MANDATORY, Field, FindingStatus, Impact, Intent
from tickets.priority import worse

Report = dict[str, Any]
LABELS: dict[Field, str] = {
    Field.SERVICE_ID: "Service ID",
    Field.START_TIME: "Start time",
    Field.DESCRIPTION: "Description",
    Field.IMPACT: "Impact",
    Field.CIRCUIT_ID: "Circuit ID",
    Field.FAULT_PATTERN: "Fault pattern",
    Field.TEST_RESULTS: "Test results",
    Field.IP_ADDRESS: "IP address",
}
_SAME_START = timedelta(hours=24)


@dataclass(frozen=True)
class Merge:
    """What one reading did to a report."""

    report: Report
    filled: tuple[Field, ...]
    worsened: bool
    conflicts: tuple[str, ...]
    new_services: tuple[str, ...] = field(default=())


def merge(report: Report, reading: Reading, contact_id: int | None) -> Merge:
    """Adds a reading to a report: open fields are filled, sets grow, a worse impact wins, a contradiction is named."""
    new: Report = {k: dict(v) if isinstance(v, dict) else v for k, v in report.items()}
    filled: list[Field] = []
    conflicts: list[str] = []
    before_services = _values(report, Field.SERVICE_ID)
    for name, values in _found(reading).items():
        if not values:
            continue
        old = _values(new, name)
        if not old:
            new[name.value] = _entry(name, values, reading, contact_id)
            filled.append(name)
        elif name in (Field.SERVICE_ID, Field.CIRCUIT_ID, Field.IP_ADDRESS):
            more = [v for v in values if v not in old]
            new[name.value]["values"] = old + more
        elif name is Field.START_TIME and _far_apart(old[0], values[0]):
            conflicts.append(f"start time: {old[0]} on file, the customer now writes {values[0]}")
    impact_before = _impact(report)
    worst = worse(impact_before, reading.impact)
    worsened = impact_before is not None and worst is not impact_before
    if worsened and worst is not None:
        new[Field.IMPACT.value] = _entry(Field.IMPACT, [worst.value], reading, contact_id)
        conflicts.append(f"impact rose from {impact_before} to {worst.value}")
    if reading.intent is Intent.REPORT:
        new["asked_for"] = True
    services = tuple(v for v in _values(new, Field.SERVICE_ID) if v not in before_services)
    return Merge(new, tuple(filled), worsened, tuple(conflicts), services)


def missing(report: Report) -> tuple[Field, ...]:
    """The mandatory fields that nobody has told yet; none where nobody reported a fault."""
    if not report.get("asked_for"):
        return ()
    return tuple(f for f in MANDATORY if not _values(report, f))


def impact_of(report: Report) -> Impact | None:
    return _impact(report)


def service_ids(report: Report) -> list[str]:
    return _values(report, Field.SERVICE_ID)


def recorded(report: Report) -> list[dict[str, object]]:
    """The rows of the table that a customer is shown, in the order of the report fields."""
    rows: list[dict[str, object]] = []
    for name, label in LABELS.items():
        entry = report.get(name.value)
        if entry and entry["values"]:
            shown = ", ".join(_shown(name, v) for v in entry["values"])
            rows.append({"field": name.value, "label": label, "value": shown, "confirm": bool(entry.get("confirm"))})
    return rows


def _found(reading: Reading) -> dict[Field, list[str]]:
    return {
        Field.SERVICE_ID: list(reading.service_ids),
        Field.START_TIME: [iso(reading.start_time)] if reading.start_time else [],
        Field.DESCRIPTION: [reading.description] if reading.description else [],
        Field.IMPACT: [reading.impact.value] if reading.impact else [],
        Field.CIRCUIT_ID: list(reading.circuit_ids),
        Field.FAULT_PATTERN: [reading.fault_pattern.value] if reading.fault_pattern else [],
        Field.TEST_RESULTS: [reading.test_results or "given in the message"] if reading.has_test_results else [],
        Field.IP_ADDRESS: list(reading.ip_addresses),
    }


def _entry(name: Field, values: list[str], reading: Reading, contact_id: int | None) -> dict[str, Any]:
    chosen = _chosen(name, reading)
    entry: dict[str, Any] = {"values": values, "contact": contact_id, "confirm": False, "raw": ""}
    if chosen:
        entry["raw"] = chosen.raw
        entry["confirm"] = chosen.status is FindingStatus.CONFIRM
        if name is Field.START_TIME:
            entry["earliest"], entry["latest"] = chosen.earliest, chosen.latest
    return entry


def _chosen(name: Field, reading: Reading) -> Finding | None:
    for status in (FindingStatus.FILLED, FindingStatus.CONFIRM):
        for f in reading.findings:
            if f.field is name and f.status is status:
                return f
    return None


def _values(report: Report, name: Field) -> list[str]:
    entry = report.get(name.value)
    return list(entry["values"]) if entry else []


def _impact(report: Report) -> Impact | None:
    values = _values(report, Field.IMPACT)
    return Impact(values[0]) if values else None


def _far_apart(a: str, b: str) -> bool:
    return abs(datetime.fromisoformat(a) - datetime.fromisoformat(b)) > _SAME_START


def _shown(name: Field, value: str) -> str:
    if name is Field.IMPACT:
        return {"service_affecting": "Service Affecting", "degradation": "Degradation"}.get(value, "Non-Service Affecting")
    if name is Field.FAULT_PATTERN:
        return value.capitalize()
    if name is Field.START_TIME:
        return datetime.fromisoformat(value).strftime("%d %B %Y, %H:%M UTC")
    return value
