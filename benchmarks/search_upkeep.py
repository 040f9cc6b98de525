"""What the words of search cost the filing: `python -m benchmarks.search_upkeep [CONTACTS]`.

Writes contacts with their readings and tickets, each in a transaction of its own as the filing does, with the index of words
and without it, in turn, and prints the time of each and the difference. Aim: 0.5 ms a contact.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from models.store import Store, ensure_schema
from models.tables import Contact, ReadingRecord, Ticket

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
AIM_MS = 0.5
_TEXT = "The link LNK-{n} at site {n} is down since 09:00 UTC, we see packet loss and a flapping interface at router{n}. " * 8
_TRIGGERS = ("reading_search_added", "ticket_search_added", "ticket_search_changed")


def write(store: Store, first: int, count: int) -> float:
    """Seconds for so many contacts."""
    begin = time.perf_counter()
    for n in range(first, first + count):
        with store.write() as session:
            ticket = Ticket(
                id=f"INC-2026-{n:07d}", subject=f"link {n} down", company="Ostwind", opened_at=NOW, last_contact_at=NOW
            )
            session.add(ticket)
            session.flush()
            session.add(Contact(id=n, mailbox="m", dedupe_key=str(n), raw=b"x" * 4000, arrived_at=NOW, ticket_id=ticket.id))
            session.flush()
            text = _TEXT.format(n=n)
            data = {"text": text, "service_ids": [f"LNK-{n}"], "evidence": {"x": [text] * 5}}
            session.add(
                ReadingRecord(contact_id=n, rule_set="r", head="ada@ostwind.example Ostwind", data=data, created_at=NOW)
            )
            ticket.report = {"service_id": {"values": [f"LNK-{n}"]}, "description": {"values": [text[:300]]}}
    return time.perf_counter() - begin


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with tempfile.TemporaryDirectory() as path:
        stores = []
        for name in ("with", "without"):
            store = Store(f"sqlite:///{Path(path) / name}.db")
            ensure_schema(store)
            stores.append(store)
        with stores[1].write() as session:
            for trigger in _TRIGGERS:
                session.connection().exec_driver_sql(f"DROP TRIGGER {trigger}")
        taken = [0.0, 0.0]
        for first in range(1, count + 1, 200):
            for i, store in enumerate(stores):
                taken[i] += write(store, first, 200)
        for store in stores:
            store.close()
    each = [1000 * t / count for t in taken]
    more = each[0] - each[1]
    print(f"{count} contacts: {each[0]:.2f} ms each with the words of search, {each[1]:.2f} ms without")
    print(f"the words cost {more:+.2f} ms a contact ({more / AIM_MS:.0%} of {AIM_MS} ms)")


if __name__ == "__main__":
    main()
