"""Mails to other providers and wording that no corpus has: what follows from composition and from the directory alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest

from models.directory import Customer, Directory, Person, Service
from models.directory_file import load_directory
from models.reading import Reading
from models.words import Field, Impact, Intent, Pattern
from parsers import read_mail, read_text

BATCHES = Path(__file__).resolve().parents[2] / "corpus" / "own" / "batches"
AT = datetime(2026, 5, 14, 13, 40, tzinfo=UTC)
SA, DG, NSA = Impact.SERVICE_AFFECTING, Impact.DEGRADATION, Impact.NON_SERVICE_AFFECTING
DIRECTORY = Directory(
    (Customer("C1", "Alder", ("alder.example",), (Person("Pia", "pia@alder.example"),), "Europe/Berlin"),),
    (
        Service("FRA-STR-EPL-0042", "C1", "line", "Stuttgart", ("23/HCGS/123456//BRM",)),
        Service("AMS-RTM-EPL-0019", "C1", "line", "Rotterdam", ("23/HCGS/123457//BRM",)),
        Service("1-300412207", "C1", "line", "Leeds"),
        Service("1-300412311", "C1", "line", "Bath"),
        Service("40720117", "C1", "line", "Leipzig"),
        Service("40720118", "C1", "line", "Leipzig"),
    ),
)


def read(text: str, subject: str = "") -> Reading:
    return read_text(text, subject=subject, directory=DIRECTORY, sender="pia@alder.example", received_at=AT)


@pytest.mark.parametrize("name", sorted(p.name for p in BATCHES.iterdir()))
def test_batch_is_answered_as_it_should_be(name: str) -> None:
    folder = BATCHES / name
    directory = load_directory(folder / "directory.json")
    wrong: list[str] = []
    answered: list[str] = []
    rows = [json.loads(x) for x in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    for row in rows:
        raw = (folder / "mails" / f"{row['id']}.eml").read_bytes()
        own = str(message_from_bytes(raw)["To"])
        got = read_mail(raw, directory=directory, own_addresses=(own,)).as_row()
        if got["action"] != row["action"] or sorted(got["missing"]) != sorted(row["missing"]):
            wrong.append(row["id"])
        if row["action"] == "none" and got["action"] != "none":
            answered.append(row["id"])
    assert answered == []
    assert len(wrong) <= len(rows) // 15, wrong


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("LON-PAR-EPL-0099 is down since 8:00.", ("LON-PAR-EPL-0099",)),
        ("Line 1-300419944 is dead since 8:00.", ("1-300419944",)),
        ("Ticket 1-543037223 of the carrier, no internet since 8:00.", ()),
        ("Our internet on line 4072 0117 is dead since 8:00.", ("40720117",)),
        ("Call me on +49 40720 117, nothing works.", ()),
        ("FRA-STR-EPL-0042 is dead since 8:00, traffic moved over to AMS-RTM-EPL-0019.", ("FRA-STR-EPL-0042",)),
        ("40720117 ist tot. Die Leitung 40720118, die abgeschaltet war, ist nicht betroffen.", ("40720117",)),
        ("We lose packets via FRA-STR-EPL-0042 since 8:00. AMS-RTM-EPL-0019 is squeaky clean.", ("FRA-STR-EPL-0042",)),
        ("Nothing arrives over FRA-STR-EPL-0042. The internet (1-300412207) instead goes well.", ("FRA-STR-EPL-0042",)),
        ("All is down since 8:00. Is our ID in the form of FRA-STR-EPL-0099, for instance FRA-STR-EPL-0098?", ()),
        ("Several lines, for instance FRA-STR-EPL-0042, are dead since 8:00.", ("FRA-STR-EPL-0042",)),
        ("Both are dead: 40720117 and 118.", ("40720117", "40720118")),
        ("FRA-STR-EPL-0042 works but is very slow since 8:00.", ("FRA-STR-EPL-0042",)),
        ("Site | Service | State\nLeipzig | 40720117 | Good\nBath | 1-300412311 | Nothing works at all", ("1-300412311",)),
    ],
)
def test_services_that_a_text_is_about(text: str, want: tuple[str, ...]) -> None:
    assert set(read(text).service_ids) == set(want)


def test_a_circuit_that_ends_like_those_on_file_needs_no_label() -> None:
    assert read("47/IZXX/201144//BRM is what the fibre says. No light since 8:00.").circuit_ids == ("47/IZXX/201144//BRM",)


@pytest.mark.parametrize(
    ("text", "impact", "pattern"),
    [
        ("Los routers de los clientes van muy lentos.", DG, None),
        ("The card shows LOS on both ends since 8:00.", SA, Pattern.CONSTANT),
        ("A red lamp marked LOS is blinking. The internet is working.", NSA, None),
        ("Zu keinem Zeitpunkt war die Leitung ausgefallen, aber sie ist langsam.", DG, None),
        ("The line keeps dropping every ten minutes, in between we can work.", DG, Pattern.INTERMITTENT),
        ("Please state the impact: service affecting, degradation or none.", None, None),
        ("Input errors are rising and nobody noticed, but I can't say if it is hurting us.", None, None),
        ("It was down on Saturday but has been perfect ever since.", SA, None),
        ("We lose 3 out of 10 packets.", DG, None),
        ("На резерв переключиться не можем, канал лежит с 8:15.", SA, Pattern.CONSTANT),
    ],
)
def test_state_of_the_service(text: str, impact: Impact | None, pattern: Pattern | None) -> None:
    reading = read(text)
    assert (reading.impact, reading.fault_pattern) == (impact, pattern)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("40720117: after the storm at 12:50 local everything is dead.", "10:50"),
        ("Seit Donnerstagmittag ist alles tot.", "10:14"),
        ("Depuis hier soir vers 19 h : plus rien.", "17:00"),
        ("Vanaf 14u05 geen verbinding meer.", "12:05"),
        ("It has been dead since bout 20 to 2.", "11:40"),
        ("Line installed (turned up last Tuesday) died at 09:02Z.", "09:02"),
    ],
)
def test_start(text: str, want: str) -> None:
    start = read(text).start_time
    assert start is not None
    assert f"{start:%H:%M}" == want


def test_a_time_of_the_repair_is_no_start() -> None:
    assert read("Die Störung wurde gestern um 16:10 Uhr behoben.").start_time is None
    assert read("C'est réparé depuis hier soir 18h30.").start_time is None


def test_the_subject_of_a_reply_is_no_news() -> None:
    reading = read("its this one 40720117", "Re: [INC-2026-001033] internet down")
    assert (reading.ticket_ref, reading.impact, reading.intent) == ("INC-2026-001033", None, Intent.UPDATE)


def test_works_announced_by_a_customer_are_no_fault() -> None:
    reading = read("On Saturday from 07:00 to 11:00 there will be no electricity here, so 40720117 will be down.")
    assert (reading.intent, reading.missing) == (Intent.QUESTION, ())


def test_a_returned_mail_names_the_ticket_it_was_about() -> None:
    raw = (
        b"From: mailer-daemon@mx.example\nTo: noc@isp.example\nSubject: Returned mail\nAuto-Submitted: auto-replied\n"
        b"Date: Thu, 14 May 2026 13:00:00 +0000\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nMailbox full\n"
        b"--x\nContent-Type: message/rfc822\n\nSubject: [INC-2026-001410] engineer dispatched\n\nOn the way.\n--x--\n"
    )
    reading = read_mail(raw, directory=DIRECTORY, own_addresses=("noc@isp.example",))
    assert (reading.intent, reading.ticket_ref) == (Intent.AUTOMATIC, "INC-2026-001410")


def test_addresses_of_attackers_and_of_management_are_not_affected_ones() -> None:
    reading = read("Flood on 203.0.113.19. Top talkers: 198.51.100.241, 198.51.100.242. Rebooted via IPMI (10.19.4.12).")
    assert reading.ip_addresses == ("203.0.113.19",)
    assert [f.detail for f in reading.findings if f.field is Field.IP_ADDRESS and f.value == "10.19.4.12"]
