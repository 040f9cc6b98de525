"""A reading as it stands in the database, as far as a report is made of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.reading import Finding, Reading
from models.tables import ReadingRecord
from models.words import Field, FindingStatus, Impact, Intent, Pattern


def stored_reading(record: ReadingRecord) -> Reading:
    """The values of a stored reading and the findings that were filled from."""
    data = record.data
    start, impact, pattern = data.get("start_time"), data.get("impact"), data.get("fault_pattern")
    return Reading(
        text=str(data.get("text", "")),
        zones=(),
        findings=tuple(_findings(data)),
        rule_set=record.rule_set,
        language=str(data.get("language", "en")),
        intent=Intent(data.get("intent", Intent.REPORT.value)),
        received_at=datetime.fromisoformat(data["received_at"]),
        service_ids=tuple(data.get("service_ids") or ()),
        circuit_ids=tuple(data.get("circuit_ids") or ()),
        ip_addresses=tuple(data.get("ip_addresses") or ()),
        impact=Impact(impact) if impact else None,
        start_time=datetime.fromisoformat(start) if start else None,
        fault_pattern=Pattern(pattern) if pattern else None,
        has_test_results=bool(data.get("has_test_results")),
        description=str(data.get("description") or ""),
    )


def _findings(data: dict[str, Any]) -> list[Finding]:
    out: list[Finding] = []
    for name, rows in (data.get("evidence") or {}).items():
        for row in rows:
            if row.get("status") not in (FindingStatus.FILLED.value, FindingStatus.CONFIRM.value):
                continue
            out.append(
                Finding(
                    field=Field(name),
                    spans=tuple((a, b) for a, b in row.get("spans", ())),
                    score=float(row.get("score", 0)),
                    status=FindingStatus(row["status"]),
                    earliest=row.get("earliest"),
                    latest=row.get("latest"),
                    value=str(row.get("value") or ""),
                    raw=str(row.get("raw") or ""),
                    rule=str(row.get("rule") or ""),
                    version=str(row.get("version") or ""),
                )
            )
    return out
