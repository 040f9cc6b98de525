"""Business time: worked examples around holidays and changes of clocks, and laws that hold over years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from models.calendar_file import CalendarRow
from models.durations import Length, Unit, length
from models.errors import UserError
from tickets.calendars import Calendar, NeverOpens

OFFICE = {d: [("09:00", "17:00")] for d in ("mon", "tue", "wed", "thu", "fri")}


def calendar(zone: str = "Europe/Berlin", hours: Any = OFFICE, **given: Any) -> Calendar:
    return Calendar(CalendarRow(name="office", zone=zone, hours=hours, **given))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


BERLIN = calendar(country="DE")


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("2026-05-04T10:00+02:00", "4h", "2026-05-04T14:00+02:00"),
        ("2026-05-04T15:00+02:00", "4bh", "2026-05-05T11:00+02:00"),
        ("2026-05-04T13:00+02:00", "1bd", "2026-05-05T13:00+02:00"),
        ("2026-05-08T13:00+02:00", "2bd", "2026-05-12T13:00+02:00"),
        # A Saturday's five business days are Monday to Friday.
        ("2026-05-02T12:00+02:00", "5bd", "2026-05-08T17:00+02:00"),
        # 14 May 2026 is Ascension Day in Germany.
        ("2026-05-13T16:00+02:00", "2bh", "2026-05-15T10:00+02:00"),
        # Clocks change on 29 March 2026: the same time of day is an hour earlier in UTC.
        ("2026-03-27T16:00+01:00", "1bd", "2026-03-30T16:00+02:00"),
        ("2026-10-23T16:00+02:00", "2bh", "2026-10-26T10:00+01:00"),
        # Christmas and New Year with their weekend.
        ("2026-12-24T16:00+01:00", "1bd", "2026-12-28T16:00+01:00"),
    ],
)
def test_when_an_amount_is_over(start: str, amount: str, due: str) -> None:
    assert BERLIN.add(at(start), length(amount)) == at(due)


def test_a_night_on_which_clocks_change_is_as_long_as_it_is() -> None:
    nights = calendar(hours={"sun": [("00:00", "06:00")]})
    spring, autumn = at("2026-03-29T00:00+01:00"), at("2026-10-25T00:00+02:00")
    assert nights.between(spring, spring + timedelta(hours=10), Unit.BUSINESS_TIME) == 5 * 3600
    assert nights.between(autumn, autumn + timedelta(hours=10), Unit.BUSINESS_TIME) == 7 * 3600


def test_open_closed_and_the_next_business_day() -> None:
    assert BERLIN.is_open(at("2026-05-04T09:00+02:00"))
    assert not BERLIN.is_open(at("2026-05-04T17:00+02:00")), "the closing time is no longer open"
    assert BERLIN.next_opening(at("2026-05-08T18:00+02:00")) == at("2026-05-11T09:00+02:00")
    assert BERLIN.next_business_day(at("2026-05-04T10:00+02:00")) == at("2026-05-05T09:00+02:00")
    assert BERLIN.next_business_day(at("2026-05-04T03:00+02:00")) == at("2026-05-04T09:00+02:00")
    assert BERLIN.holiday(date(2026, 5, 14)) == "Ascension Day"


def test_days_of_our_own_close_and_open_it() -> None:
    own = calendar(country="DE", closed=[date(2026, 5, 4)], open=[date(2026, 5, 14)])
    assert own.next_opening(at("2026-05-03T10:00+02:00")) == at("2026-05-05T09:00+02:00")
    assert own.is_open(at("2026-05-14T10:00+02:00"))


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"zone": "Mars/Olympus"}, "unknown time zone 'Mars/Olympus'"),
        ({"hours": {"mon": []}}, "never opens"),
        ({"hours": {"monday": [("09:00", "17:00")]}}, "'monday' is no weekday"),
        ({"hours": {"mon": [("09:00", "12:00"), ("11:00", "17:00")]}}, "overlaps"),
        ({"hours": {"mon": [("17:00", "09:00")]}}, "ends before it begins"),
        ({"hours": {"mon": [("9 am", "17:00")]}}, "'9 am' is no time of day"),
        ({"country": "XX"}, "no public holidays are known for 'XX'"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_by_name(given: dict[str, Any], names: str) -> None:
    with pytest.raises(ValidationError, match=names):
        CalendarRow(**({"name": "office", "hours": OFFICE} | given))


@pytest.mark.parametrize("text", ["", "4", "0h", "-1h", "1 week", "1.5h"])
def test_a_length_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="no length of time"):
        length(text)


def test_a_calendar_without_open_days_ahead_says_so() -> None:
    shut = calendar(hours={"mon": [("09:00", "17:00")]}, closed=[date(2026, 1, 5) + timedelta(weeks=n) for n in range(200)])
    with pytest.raises(NeverOpens, match="does not open"):
        shut.next_opening(at("2026-01-01T00:00+01:00"))


ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca"]
)
INSTANTS = st.integers(0, 16 * 365 * 86400).map(lambda s: datetime(2019, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
TIMES = (
    st.tuples(st.integers(0, 22), st.integers(1, 23))
    .filter(lambda t: t[0] < t[1])
    .map(lambda t: (f"{t[0]:02}:15", f"{t[1]:02}:45"))
)
HOURS = st.dictionaries(
    st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), TIMES.map(lambda t: [t]), min_size=1
)
COUNTRIES = st.sampled_from(["", "DE", "US", "RS", "JP"])
AMOUNTS = st.one_of(
    st.integers(1, 40 * 3600).map(lambda s: Length(s, Unit.BUSINESS_TIME, f"{s}")),
    st.integers(1, 12).map(lambda d: Length(d, Unit.BUSINESS_DAY, f"{d}bd")),
    st.integers(1, 10**6).map(lambda s: Length(s, Unit.CLOCK, f"{s}")),
)


@settings(max_examples=150, deadline=None)
@given(ZONES, HOURS, COUNTRIES, INSTANTS, AMOUNTS)
def test_what_was_added_lies_between(zone: str, hours: Any, country: str, start: datetime, amount: Length) -> None:
    c = calendar(zone, hours, country=country)
    due = c.add(start, amount)
    assert due >= start
    tolerance = 1e-4 if amount.unit is Unit.BUSINESS_DAY else 0.01
    assert c.between(start, due, amount.unit) == pytest.approx(amount.amount, abs=tolerance)
    if amount.unit is not Unit.CLOCK:
        assert c.is_open(due - timedelta(milliseconds=1)), "an amount of open time is over while it is open"


@settings(max_examples=100, deadline=None)
@given(ZONES, HOURS, INSTANTS, st.lists(st.integers(0, 30 * 86400), min_size=2, max_size=2))
def test_business_time_adds_up_and_never_exceeds_the_clock(zone: str, hours: Any, start: datetime, steps: list[int]) -> None:
    c = calendar(zone, hours)
    middle = start + timedelta(seconds=steps[0])
    end = middle + timedelta(seconds=steps[1])
    whole = c.between(start, end, Unit.BUSINESS_TIME)
    assert whole == pytest.approx(c.between(start, middle, Unit.BUSINESS_TIME) + c.between(middle, end, Unit.BUSINESS_TIME))
    assert 0 <= whole <= (end - start).total_seconds()


@settings(max_examples=100, deadline=None)
@given(ZONES, HOURS, COUNTRIES, INSTANTS)
def test_the_next_opening_is_open_and_nothing_before_it_is(zone: str, hours: Any, country: str, start: datetime) -> None:
    c = calendar(zone, hours, country=country)
    opens = c.next_opening(start)
    assert c.is_open(opens)
    assert c.between(start, opens, Unit.BUSINESS_TIME) == 0
    assert c.next_business_day(start) >= opens or c.is_open(start)


@settings(max_examples=60, deadline=None)
@given(ZONES, HOURS, INSTANTS, AMOUNTS, st.integers(0, 10 * 86400))
def test_a_later_start_is_never_due_earlier(zone: str, hours: Any, start: datetime, amount: Length, later: int) -> None:
    c = calendar(zone, hours)
    assert c.add(start + timedelta(seconds=later), amount) >= c.add(start, amount) - timedelta(milliseconds=1)
