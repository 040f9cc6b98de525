"""Log beginnings as devices of many makers write them, and forwarded mails whose "today" is another day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.directory import Customer, Directory, Person
from models.reading import Reading
from parsers import read_text

RECEIVED = datetime(2026, 5, 14, 13, 40, tzinfo=UTC)


def read(text: str, zone: str = "Europe/Berlin") -> Reading:
    people = (Person("Lo", "lo@logs.example"),)
    directory = Directory((Customer("L1", "Logs", ("logs.example",), people, zone),))
    return read_text(text, directory=directory, sender="lo@logs.example", received_at=RECEIVED)


@pytest.mark.parametrize(
    ("line", "clock"),
    [
        ("May 14 09:12:01.233: %LINEPROTO-5-UPDOWN: Line protocol on Interface Gi0/0/1, changed state to down", "07:12"),
        ("*May 14 09:12:01.233 CEST: %LINK-3-UPDOWN: Interface Te0/1/0, changed state to down", "07:12"),
        ("000482: May 14 09:12:01: %BGP-5-ADJCHANGE: neighbor 192.0.2.1 Down Peer closed the session", "07:12"),
        ("May 14 09:12:01  edge1 rpd[1833]: bgp_hold_timeout: NOTIFICATION sent, hold timer expired", "07:12"),
        ("<189>May 14 09:12:01 edge1 mib2d[99]: SNMP_TRAP_LINK_DOWN: ifIndex 512", "07:12"),
        ("<165>1 2026-05-14T07:12:01.003Z edge1 agent - - link down on port 4", "07:12"),
        ("2026/05/14 09:12:01.12 CEST WARNING: SNMP #2004 Base 1/1/3 Interface 1/1/3 is not operational, link down", "07:12"),
        ("may/14/2026 09:12:01 interface,info sfp1 link down", "07:12"),
        ("may/14 09:12:01 interface,info sfp1 link down", "07:12"),
        ('date=2026-05-14 time=09:12:01 tz="+0200" logid="0100" level="critical" msg="link failure on wan1"', "07:12"),
        ("14-May-2026 09:12:01 alarm raised: loss of signal", "07:12"),
        ("2026-05-14 07:12:01+00:00 pppoe: session lost", "07:12"),
        ("[1778742721] eth0: link is down", "07:12"),
    ],
)
def test_first_failing_log_line_is_the_start(line: str, clock: str) -> None:
    reading = read(f"Our router lost the link, log below.\n\n{line}\n")
    assert reading.start_time
    assert reading.start_time.strftime("%d %H:%M") == f"14 {clock}"


def test_log_of_a_healthy_line_is_no_start() -> None:
    assert read("The log for you:\n\nMay 14 09:12:01 edge1 sshd[1]: session opened for user ops\n").start_time is None


def test_today_in_a_forwarded_mail_is_the_day_it_was_sent() -> None:
    text = (
        "Please see below and open a ticket.\n\n---------- Forwarded message ---------\nFrom: Jo <jo@logs.example>\n"
        "Date: Tue, 12 May 2026 11:05\nSubject: line\nTo: Lo <lo@logs.example>\n\nThe line is down since 10:20 today.\n"
    )
    reading = read(text)
    assert reading.start_time
    assert reading.start_time.strftime("%d %H:%M") == "12 08:20"


@pytest.mark.parametrize(
    ("text", "zone", "received", "low", "high"),
    [
        ("Link down since 02:30.", "Europe/Paris", "2026-10-25T05:00:00", "2026-10-25T00:30:00", "2026-10-25T01:31:00"),
        ("Link down since 02:30.", "Europe/Paris", "2026-03-29T05:00:00", "2026-03-29T00:30:00", "2026-03-29T01:31:00"),
        ("Link down since 03:10.", "America/New_York", "2026-11-01T12:00:00", "2026-11-01T08:10:00", "2026-11-01T08:11:00"),
        ("Down since 9 am London time.", "Asia/Singapore", "2026-05-14T13:40:00", "2026-05-14T08:00:00", "2026-05-14T08:01:00"),
        ("Seit 9:05 Moskauer Zeit keine Verbindung.", "Europe/Berlin", "2026-05-14T13:40:00", "2026-05-14T06:05:00", "2026-05-14T06:06:00"),
        ("Caído desde las 9:05 hora de Madrid.", "America/Lima", "2026-05-14T13:40:00", "2026-05-14T07:05:00", "2026-05-14T07:06:00"),
        ("Coupé depuis 9h05 heure de Paris.", "America/Montreal", "2026-05-14T13:40:00", "2026-05-14T07:05:00", "2026-05-14T07:06:00"),
        ("Outage start 1778742721000 according to our probe.", "UTC", "2026-05-14T13:40:00", "2026-05-14T07:12:00", "2026-05-14T07:13:00"),
    ],
)  # fmt: skip
def test_zone_and_daylight_saving(text: str, zone: str, received: str, low: str, high: str) -> None:
    at = datetime.fromisoformat(received).replace(tzinfo=UTC)
    directory = Directory((Customer("L1", "Logs", ("logs.example",), (), zone),))
    reading = read_text(text, directory=directory, sender="x@logs.example", received_at=at)
    assert reading.start_time
    first, last = (datetime.fromisoformat(x).replace(tzinfo=UTC) for x in (low, high))
    assert first <= reading.start_time <= last + timedelta(seconds=1)
