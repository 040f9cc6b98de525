"""The reader of the pages in its child process: one for all customers, and each read by what he may know."""

from __future__ import annotations

from app.panel import PanelReader
from models.rule_store import activate, keep_rules
from parsers.rules import shipped_text
from tests.flows.panel_helpers import ADA, BO, DIRECTORY, Site

WORDS = b"Subject: x\r\n\r\nHH-90001 and LO-90125 are down since this morning."


def test_one_child_reads_for_customers_in_turn_and_mixes_nothing_up(small: Site) -> None:
    reader = PanelReader(small.house)
    try:
        for address, customer, own in ((ADA, "C1", "HH-90001"), (BO, "C2", "LO-90125"), (ADA, "C1", "HH-90001"), ("", "", "")):
            found = reader.read(WORDS, address, small.house.clock(), DIRECTORY, customer)
            assert found
            known = [i for i in found.service_ids if i in DIRECTORY.service_by_id]
            theirs = {s.customer for i in known if (s := DIRECTORY.service_by_id[i])}
            assert theirs <= {customer}, (customer, found.service_ids)
            assert own in ("", *found.circuit_ids)
    finally:
        reader.stop()


def test_another_rule_set_counts_with_the_next_form(small: Site) -> None:
    reader = PanelReader(small.house)
    try:
        first = reader.read(WORDS, ADA, small.house.clock(), DIRECTORY, "C1")
        with small.house.store.write() as session:
            row = keep_rules(session, "mine", shipped_text() + "\n", small.house.clock())
            activate(session, row, actor="adam", now=small.house.clock(), reason="a trial")
        second = reader.read(WORDS, ADA, small.house.clock(), DIRECTORY, "C1")
        assert first
        assert second
        assert second.rule_set == row.digest != first.rule_set
    finally:
        reader.stop()
