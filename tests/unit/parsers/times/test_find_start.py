"""Sentences of customers with the start of the fault, and sentences that name other times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.reading import Finding, Zone
from models.words import FindingStatus, ZoneKind
from parsers.times import find_start

RECEIVED = datetime(2026, 3, 11, 14, 30, tzinfo=UTC)  # A Wednesday, 15:30 in Belgrade.


def read(text: str, zone: str | None = "Europe/Belgrade", zones: tuple[Zone, ...] = ()) -> list[Finding]:
    return find_start(text, zones, received_at=RECEIVED, timezone=zone, header_offset=None)


def filled(findings: list[Finding]) -> Finding | None:
    found = [f for f in findings if f.status is FindingStatus.FILLED]
    assert len(found) <= 1
    return found[0] if found else None


def local(earliest: str) -> str:
    """Belgrade is one hour ahead of UTC in winter; `earliest` is "day hour:minute" of March 2026."""
    day, clock = earliest.split()
    at = datetime.fromisoformat(f"2026-03-{day}T{clock}:00+00:00") - timedelta(hours=1)
    return at.isoformat(timespec="minutes")[:16]


ENGLISH = [
    ("The line is down since 9:04.", "11 09:04"),
    ("Down since 09:04 CET today", "11 09:04"),
    ("It went down at 10:36 GMT +2 and stays down.", "11 09:36"),
    ("since 07:30Z no traffic", "11 08:30"),
    ("circuit dead since 0430z", "11 05:30"),
    ("No light since 0915 UTC", "11 10:15"),
    ("our transit dropped at 12:20 UTC+2", "11 11:20"),
    ("IPT-204817 unreachable since 2026-03-11 05:00 UTC", "11 06:00"),
    ("Outage began on March 10, 2026 10:04 GMT", "10 11:04"),
    ("started 10 March 2026 at 22:15", "10 22:15"),
    ("We lost the link on 10-Mar-2026 07:01 UTC", "10 08:01"),
    ("errors since 10.03.2026 21:10", "10 21:10"),
    ("errors since 10/03/2026 21:10", "10 21:10"),
    ("packet loss since 03/10/2026 09:10", "10 09:10"),
    ("down since 2026/03/10 12:31 (UTC)", "10 13:31"),
    ("Since 14h25 we have no more Internet.", "11 14:25"),
    ("off since 6.42 this morning", "11 06:42"),
    ("link dropped at half past nine this morning", "11 09:30"),
    ("It quit on us at quarter past eight", "11 08:15"),
    ("It went out twenty to seven this morning", "11 06:40"),
    ("the server died at 3 pm yesterday", "10 15:00"),
    ("Yesterday the line dropped at 15:20 and is still down", "10 15:20"),
    ("unreachable since 6 this morning", "11 06:00"),
    ("down since 9 o'clock", "11 09:00"),
    ("It fell over at 9:52 pm last night", "10 21:52"),
    ("completely down last night from 2:13 AM to 2:51 AM", "11 02:13"),
    ("since Tuesday 19:10 our link is bad", "10 19:10"),
    ("Friday 17:40 the link dropped", "06 17:40"),
    ("since midnight no connectivity", "11 00:00"),
    ("down since noon", "11 12:00"),
    ("Start time: 2026-03-11 06:15 CET", "11 06:15"),
    ("Fault first seen:   11.03.2026 03:12", "11 03:12"),
    ("When did it start .. 11/03/2026 07:50", "11 07:50"),
    ("Start time and time zone:\n10.25am today", "11 10:25"),
    ("3. Since when (date, time)?\n\nYesterday, quarter to six in the evening", "10 17:45"),
    ("Outage start:  2026-03-11 09:04\nOutage end: 2026-03-11 10:00", "11 09:04"),
    ("Start (UTC): 2026-03-11 05:00", "11 06:00"),
    ("We came in 8.15 and it was ok, then it died 8.35.", "11 08:35"),
    ("Lost signal at 9:31, restored 12:12.", "11 09:31"),
    ("No light since 13:20. Optics replaced at 14:05 without result.", "11 13:20"),
    ("It began right after the maintenance, at 01:10.", "11 01:10"),
    ("Problem started at | 04:12:33 on 2026.03.11", "11 04:12"),
    ("begun today between 11:00 and 11:15", "11 11:00"),
    ("The link is down since 12:00 Belgrade time", "11 12:00"),
    ("epoch 1773219600 the link went down", "11 10:00"),
]


@pytest.mark.parametrize(("text", "expected"), ENGLISH)
def test_clock_of_the_start_is_filled(text: str, expected: str) -> None:
    found = filled(read(text))
    assert found is not None
    assert found.earliest is not None
    assert found.earliest[:16] == local(expected)


SPANS = [
    ("the link is down for about half an hour now", 20, 40),
    ("it went down about an hour ago", 40, 80),
    ("dead since 2 hours", 80, 160),
    ("packet loss for the past 3 hours", 120, 240),
    ("flapping again last 10 mins", 6, 14),
    ("link dropped 10 to 15 minutes ago", 6, 20),
    ("It went about 40 minutes\nago", 26, 54),
    ("has been down for a couple of hours already", 80, 160),
    ("down since this morning", 210, 570),
    ("no internet since yesterday", 930, 2370),
    ("slow since Tuesday", 930, 2370),
    ("since Sunday evening frames are dropped", 3810, 4230),
    ("no connection since lunchtime yesterday", 1500, 1680),
    ("link down since about 12:30", 165, 195),
]


@pytest.mark.parametrize(("text", "newest", "oldest"), SPANS)
def test_interval_is_as_wide_as_the_words(text: str, newest: int, oldest: int) -> None:
    found = filled(read(text))
    assert found is not None
    assert found.earliest is not None
    assert found.latest is not None
    ages = [
        (RECEIVED - datetime.fromisoformat(v.replace("Z", "+00:00"))).total_seconds() / 60
        for v in (found.latest, found.earliest)
    ]
    assert ages == pytest.approx([newest, oldest], abs=1.1)


NEGATIVE = [
    "IPT-205101 hard down, pls check asap, call +48 12 555 01 40.",
    "Service was restored at 12:41.",
    "All towers came back at 10:47 and they stay up.",
    "We rebooted the router at 08:40 without effect.",
    "Speed tests at 11:20 show 3 Mbps.",
    "They open at 8:30 so I need this moving.",
    "Trace as you asked, made at 11:10 today.",
    "I need an answer by 15:00 today.",
    "Planned maintenance from 14:00 to 16:00 on Saturday.",
    "Please call me at 15:00.",
    "The link is fine since 9:00.",
    "On Tue, Mar 10, 2026 at 11:58 AM Olga <o@example.com> wrote:",
    "Sent: Tuesday, March 10, 2026 11:06 AM",
    "Latency 9.05 ms, version 10.20.30, 24/7 desk",
    "Maintenance window: 2026-04-06 23:00 UTC",
    "They should be on air at 23:00 and the studio is cut off.",
    "ping 10.2.3.4: 11.2 ms, 600 sent, 488 received",
    "I will look at it after my break at 2",
    "The ticket is two days old and nobody called.",
    "Please treat it at once, the line is down.",
    "mtr\nStart: 2026-03-11T13:01:44+0100\nHOST: ws-edge    Loss%   Snt",
]


@pytest.mark.parametrize("text", NEGATIVE)
def test_other_times_are_not_filled(text: str) -> None:
    assert filled(read(text)) is None


def test_quoted_time_is_refused_with_its_reason() -> None:
    text = "> down since 09:00"
    (found,) = read(text, zones=(Zone(ZoneKind.QUOTED, 0, len(text)),))
    assert found.status is FindingStatus.REFUSED
    assert "quoted" in found.detail


def test_log_line_is_the_start_when_nothing_else_is_named() -> None:
    text = "BGP does not come up, clock is in UTC:\n\nMar 11 02:14:07 r2 bgp session closed: hold timer expired\n"
    found = filled(read(text))
    assert found is not None
    assert found.rule == "time.clock.log"
    assert found.earliest is not None
    assert found.earliest.startswith("2026-03-11T02:14")


def test_clock_of_the_repeated_hour_covers_both_readings() -> None:
    received = datetime(2026, 10, 25, 3, 10, tzinfo=UTC)
    found = filled(find_start("down since 02:30", (), received_at=received, timezone="Europe/Madrid", header_offset=None))
    assert found is not None
    assert (found.earliest, found.latest) == ("2026-10-25T00:30:00Z", "2026-10-25T01:30:59Z")


def test_swapped_day_and_month_without_a_hint_is_to_be_confirmed() -> None:
    (found,) = read("link down since 02/01/2026 10:00")
    assert found.status is FindingStatus.CONFIRM
    assert "swapped" in found.detail


def test_span_and_raw_agree() -> None:
    text = "Hi,\nlink down since 09:04 CET today."
    (found,) = read(text)
    start, end = found.spans[0]
    assert text[start:end] == found.raw == "09:04 CET today"
