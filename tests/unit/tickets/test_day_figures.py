"""Figures by day: counted whole, counted again while late things may come, never twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlmodel import select

from models.label_store import put_label
from models.store import Store
from models.tables_lists import DayCounted, DayFigure
from tests.unit.console.listed import NOW, contact, opened, ticket
from tickets.day_figures import DAYS, Figure, bucket_of, count_day, count_days, figures_since, percentile

TODAY = NOW.date()
WHOLE = {"intent": "report", "missing": [], "evidence": {}}


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with opened(database_url) as made:
        yield made


def count_all(store: Store, hours: float = 0) -> list[date]:
    days: list[date] = []
    while some := count_days(store, now=NOW + timedelta(hours=hours)):
        days += some
    return days


def test_a_day_counts_channels_reports_touches_missing_fields_tickets_and_answers(store: Store) -> None:
    contact(store, 1, data=WHOLE, answered=timedelta(seconds=3))
    contact(store, 2, data=WHOLE, channel="phone", answered=timedelta(seconds=90))
    contact(store, 3, data={**WHOLE, "missing": ["impact", "start_time"]})
    contact(store, 4, data={**WHOLE, "evidence": {"impact": [{"status": "confirm"}]}})
    contact(store, 5, data={**WHOLE, "intent": "update"})
    contact(store, 6, data=WHOLE, verdict="auto_reply")
    contact(store, 7, data=WHOLE, arrived_at=NOW - timedelta(days=1))
    ticket(store, 1, resolved_at=NOW)
    ticket(store, 2, opened_at=NOW - timedelta(days=1))
    with store.write() as session:
        put_label(session, 2, "impact", "degradation", actor="ana", now=NOW)
    with store.read() as session:
        found = dict(count_day(session, TODAY))
    assert found == {
        (Figure.CONTACTS, "email"): 5, (Figure.CONTACTS, "phone"): 1, (Figure.OPENED, ""): 1, (Figure.RESOLVED, ""): 1,
        (Figure.REPORTS, ""): 4, (Figure.UNTOUCHED, ""): 1, (Figure.MISSING, "impact"): 1, (Figure.MISSING, "start_time"): 1,
        (Figure.ANSWER, str(bucket_of(3))): 1, (Figure.ANSWER, str(bucket_of(90))): 1,
    }  # fmt: skip


def test_all_days_are_counted_once_and_only_recent_ones_again(store: Store) -> None:
    contact(store, 1, data=WHOLE)
    assert len(count_all(store)) == DAYS
    assert count_all(store) == []
    assert count_days(store, now=NOW + timedelta(minutes=6))[:1] == [TODAY]
    again = count_all(store, hours=2)
    assert TODAY in again
    assert min(again) == TODAY - timedelta(days=8)
    assert count_all(store, hours=24 * 30)[0] == TODAY + timedelta(days=30)
    with store.read() as session:
        rows = session.exec(select(DayFigure).where(DayFigure.day == TODAY.isoformat())).all()
        assert {(r.name, r.part): r.number for r in rows} == {
            ("contacts", "email"): 1,
            ("reports", ""): 1,
            ("untouched", ""): 1,
        }


def test_what_comes_late_is_in_the_next_count_and_what_is_gone_is_out_of_it(store: Store) -> None:
    contact(store, 1, data=WHOLE)
    count_all(store)
    with store.write() as session:
        put_label(session, 1, "impact", "degradation", actor="ana", now=NOW)
    count_all(store, hours=3)
    with store.read() as session:
        day = figures_since(session, TODAY)[TODAY.isoformat()]
        assert session.get(DayCounted, TODAY.isoformat())
    assert day == {("contacts", "email"): 1, ("reports", ""): 1}


@pytest.mark.parametrize("seconds", [0, 0.1, 0.5, 3, 59, 3600, 86400])
def test_a_bucket_holds_its_time_at_most_a_tenth_too_long(seconds: float) -> None:
    told = percentile({bucket_of(seconds): 1}, 0.5)
    assert told is not None
    assert seconds <= told * 1.0001 <= max(0.11, seconds * 1.11)


def test_percentiles_of_many_and_of_none() -> None:
    many = {bucket_of(1): 95, bucket_of(100): 5}
    half, most, worst = (percentile(many, s) or 0 for s in (0.5, 0.95, 0.99))
    assert half == most < 1.2
    assert 100 <= worst < 111
    assert percentile({}, 0.5) is None
