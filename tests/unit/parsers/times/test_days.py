"""The day and the zone of a time where they are named at another place, in words that no corpus has."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.directory import Customer, Directory, Person
from parsers import read_text

AT = datetime(2026, 5, 14, 8, 40, tzinfo=UTC)
DIRECTORY = Directory(
    (Customer("C1", "Alder", ("alder.example",), (Person("Pia", "pia@alder.example"),), "Europe/Berlin"),), ()
)


def start(text: str) -> str | None:
    read = read_text(text, directory=DIRECTORY, sender="pia@alder.example", received_at=AT).start_time
    return f"{read:%d %H:%M}" if read else None


@pytest.mark.parametrize(
    ("text", "want"),
    [
        # A day that was named before.
        ("Please send the reason for May 7. Nothing worked from 1:05 PM until 1:48 PM that day.", "07 11:05"),
        ("Wir bitten um den Bericht zum 7. Mai. Die Leitung war von 14:10 bis 15:00 am selben Tag tot.", "07 12:10"),
        ("On demande le rapport du 7 mai. Plus rien ne passait de 14h10 à 15h00 ce jour-là.", "07 12:10"),
        ("Piszemy w sprawie 7 maja. Tego dnia łącze nie działało od 14:10 do 15:00.", "07 12:10"),
        ("We write about Monday. The circuit carried nothing from 14:20 to 15:02.", "11 12:20"),
        # Without a day that was named, yesterday's.
        ("The circuit carried nothing from 14:20 to 15:02.", "13 12:20"),
        # What was over before is not what lasts.
        ("They had the power off on Sunday from 06:00 to 09:00. The trouble began on Monday at 10:45, all is slow.", "11 08:45"),
        # Parts of other days.
        ("Od sinoćnje oluje internet jedva radi.", "13 18:29"),
        ("Wszystko stoi od wczorajszego wieczoru.", "13 18:29"),
        # Shortly before.
        ("On Tuesday, a few minutes before six of the morning, everything stopped.", "12 04:00"),
        ("Am Dienstag, wenige Minuten vor sechs Uhr morgens, ist alles ausgefallen.", "12 04:00"),
        # Places.
        ("Вчера с 21:15 по московскому времени линия не работает.", "13 18:15"),
        ("Desde ontem às 22h40 (horário de Brasília) não há internet.", "14 01:40"),
        ("Od juče u 21:15 po beogradskom vremenu veza ne radi.", "13 19:15"),
        ("Łącze nie działa od wczoraj 21:15 czasu warszawskiego.", "13 19:15"),
        ("It has been dead since yesterday 14:00 (Moscow time).", "13 11:00"),
        # The same moment in UTC beside it.
        ("From 0915 hrs local (0415Z) not one counter opens, all is down.", "14 04:15"),
        ("Dead since 23:30 yesterday local time (18:00 UTC).", "13 18:00"),
        # A repair is not a fixed line.
        ("At 10:06 the fixed line gave way.", "14 08:06"),
        ("At 10:06 the line was fixed.", None),
        # Ordinals.
        ("Service en panne depuis le 1er mai à 22h.", "01 20:00"),
        # What an answer between the lines of our question is about.
        ("> 1) When did it begin?\n\nThe guard is telling 10:10 today itself\n\n> 2) What is the effect?\n\nNo calls at all", "14 08:10"),
        # Labels.
        ("Première occurrence : mardi 12 mai, vers 10h\nImpact : Service Affecting\nRempli le : jeudi 14 mai, 9h38", "12 08:00"),
        ("Erstes Auftreten: 12.05.2026 10:00\nAusgefüllt am: 14.05.2026 09:38\nAuswirkung: Totalausfall", "12 08:00"),
        # Things that begin nothing.
        ("Messung von heute Morgen: 0,6 Mbit/s im Upload, es ist durchgehend zu langsam.", None),
        ("Which community do we set in the case of an attack? Today nothing is broken.", None),
        ("It is perfect for an hour, then for ten minutes no price is taken, then all is well again.", None),
    ],
)  # fmt: skip
def test_start(text: str, want: str | None) -> None:
    assert start(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        # A host name that begins like a zone is none.
        ("All is down:\nMay 14 09:32:08 ist-pe2 rpd[2214]: bgp peer V4 Established -> Idle (HoldTime)", "14 07:32"),
        ("All is down:\nMay 14 09:32:08 CET core1: link down", "14 08:32"),
        # The clock of a log.
        ("The log's router clock is CET:\nMay 14 08:12:44 fra-e1 kernel: et-0/0/9: link down\nIt stays dead.", "14 07:12"),
        ("2026-05-14T03:41:07+02:00 sw-ba-01 PORT 1/9 warning: rx-crc threshold crossed, 118 in 60 s", "14 01:41"),
        # A row of keys and values.
        ("case=Q-1\nopened_utc=2026-05-14T08:38:00Z\nstart=2026-05-14T10:33:10+02:00\nstate=ongoing\nimpact=full loss", "14 08:33"),
    ],
)  # fmt: skip
def test_start_in_a_log(text: str, want: str | None) -> None:
    assert start(text) == want
