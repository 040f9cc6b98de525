"""How often readings were right, by what people have said of them: per field, per rule, per customer, per month."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from models.tables import Contact, ReadingRecord, Ticket
from models.tables_rules import LabelledValue

# Where the values of a field of `intake read` stand in the evidence.
_EVIDENCE = {
    "service_ids": "service_id",
    "circuit_ids": "circuit_id",
    "ip_addresses": "ip_address",
    "has_test_results": "test_results",
}
_COUNTED = ("filled", "confirm")
_Z = 1.96
_MOST = 20_000


@dataclass(slots=True)
class Share:
    """So many right of all; `low` and `high` bound the true share (Wilson, 95 %)."""

    right: int = 0
    all: int = 0

    @property
    def share(self) -> float:
        return self.right / self.all if self.all else 1.0

    @property
    def bounds(self) -> tuple[float, float]:
        n = self.all or 1
        middle, wide = self.share + _Z * _Z / (2 * n), _Z * math.sqrt(self.share * (1 - self.share) / n + _Z * _Z / (4 * n * n))
        return max(0.0, (middle - wide) / (1 + _Z * _Z / n)), min(1.0, (middle + wide) / (1 + _Z * _Z / n))

    def add(self, right: bool) -> None:
        self.right, self.all = self.right + right, self.all + 1


@dataclass(slots=True)
class Stats:
    fields: dict[str, Share] = field(default_factory=dict)
    rules: dict[str, Share] = field(default_factory=dict)
    customers: dict[str, Share] = field(default_factory=dict)
    months: dict[str, Share] = field(default_factory=dict)

    def often_corrected(self, at_least: int = 3) -> list[tuple[str, Share]]:
        """Rules whose values were corrected in a third of the cases or more, the worst first."""
        bad = [(r, s) for r, s in self.rules.items() if s.all - s.right >= at_least and s.share <= 2 / 3]
        return sorted(bad, key=lambda x: (x[1].share, x[0]))


def label_stats(session: Session) -> Stats:
    """From the newest labels; the reading is the one that the label was given to."""
    query: Any = select(LabelledValue, ReadingRecord, Contact.arrived_at, Ticket.customer_id)
    query = query.join(ReadingRecord, col(ReadingRecord.contact_id) == LabelledValue.contact_id)
    query = query.join(Contact, col(Contact.id) == LabelledValue.contact_id).outerjoin(
        Ticket, col(Ticket.id) == Contact.ticket_id
    )
    out = Stats()
    for label, reading, arrived, customer in session.exec(query.order_by(col(LabelledValue.at).desc()).limit(_MOST)):
        for table, key in ((out.fields, label.field), (out.customers, customer or ""), (out.months, f"{arrived:%Y-%m}")):
            table.setdefault(key, Share()).add(label.confirmed)
        for rule, right in _rules(label, reading.data):
            out.rules.setdefault(rule, Share()).add(right)
    return out


def _rules(label: LabelledValue, read: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """The rules that gave the field its value, each with whether that was right."""
    true = label.value if isinstance(label.value, list) else [label.value]
    out: dict[str, bool] = {}
    for e in read.get("evidence", {}).get(_EVIDENCE.get(label.field, label.field), []):
        if e.get("status") in _COUNTED and e.get("rule"):
            right = label.confirmed or (label.field.endswith("s") and e.get("value") in true)
            out[e["rule"]] = out.get(e["rule"], True) and right
    return list(out.items())
