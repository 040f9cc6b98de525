"""Which day and which moment is meant: pointed to, told twice, over, between our questions, in elements of a notice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.directory import Customer, Directory, Person
from parsers import read_text

AT = datetime(2026, 5, 14, 13, 40, tzinfo=UTC)  # A Thursday.
PEOPLE = (Person("Pia", "pia@alder.example"),)


def start(text: str, zone: str = "Europe/Berlin") -> str | None:
    directory = Directory((Customer("C1", "Alder", ("alder.example",), PEOPLE, zone),), ())
    read = read_text(text, directory=directory, sender="pia@alder.example", received_at=AT).start_time
    return f"{read:%d %H:%M}" if read else None


@pytest.mark.parametrize(
    ("text", "want"),
    [
        # A day that is pointed to, and the day of a span that is over.
        ("About May 12: that day we were offline from 9:05 until 9:50.", "12 07:05"),
        ("Es geht um den 12. Mai. An dem Tag war von 9:05 bis 9:50 alles tot.", "12 07:05"),
        ("Nuestra consulta es sobre el martes. Ese día todo cayó de 9:05 a 9:50.", "12 07:05"),
        ("Please explain Tuesday. The circuit was down from 9:05 to 9:50.", "12 07:05"),
        # The same moment twice; the one with its zone counts.
        ("From 0915 hrs local (0415Z) not one counter opens, all is down.", "14 04:15"),
        ("Down since 11:20 our time / 09:20 UTC.", "14 09:20"),
        # A span that is over yields to what began and lasts.
        (
            "On Tuesday the power was off from 06:00 to 09:00. The trouble started on Wednesday at 10:45, all dead since.",
            "13 08:45",
        ),
        # What lasts since a clock.
        ("Um 3:20 Uhr gab es einen Schlag, seitdem geht gar nichts.", "14 01:20"),
        ("O 3:20 coś trzasnęło i od tego czasu nic nie działa.", "14 01:20"),
        ("Vannacht om 03:20 was er een klap: sindsdien werkt niets meer.", "14 01:20"),
        # Spells of what comes and goes, and what is not broken, name no start.
        ("The line comes and goes: an hour perfect, then for ten minutes nothing, then again well.", None),
        ("La linea va a singhiozzo: un'ora perfetta, poi per dieci minuti niente.", None),
        ("Which community do I set? Today nothing is broken.", None),
        # Names of values and of measurements.
        ("All is dead.\nrx_dbm_yesterday: -4.2\nrx_dbm: -38", None),
        ("Der Upload kriecht dauernd. Messung von heute Mittag: 0,6 Mbit/s.", None),
        # Zones in words.
        ("Вчера с 21:15 по московскому времени теряются пакеты.", "13 18:15"),
        ("Desde ontem às 22h40 (horário de Brasília) nada funciona.", "14 01:40"),
        # Nearly, and days of the night before.
        ("From Wednesday, few minutes before six of the morning, nothing arrives.", "13 03:52"),
        ("Od sinoćnje oluje internet ne radi.", "13 18:29"),
        ("Seven out of 100 pings are lost since 9:00.", "14 07:00"),
        ("Première occurrence      mardi 1er mai, vers 22h\\nLa ligne est coupée.".replace("\\n", "\n"), "01 20:00"),
        # Places that are no repair.
        ("At 10:06 the fixed line at our city hall gave way.", "14 08:06"),
        ("Since your tech finished the re-patch at 9:41 today, light on our end is far too low and all is slow.", "14 07:41"),
        ("The port bounced once at 03:12, ever since that the table is half empty and slow.", "14 01:12"),
    ],
)
def test_start(text: str, want: str | None) -> None:
    assert start(text) == want


@pytest.mark.parametrize(
    ("element", "want"),
    [
        ("<FirstOccurrence>2026-05-14T09:12:00Z</FirstOccurrence>", "14 09:12"),
        ("<eventStart>2026-05-14T09:12:00Z</eventStart>", "14 09:12"),
        ('<tt:FaultTime tz="utc">2026-05-14T09:12:00Z</tt:FaultTime>', "14 09:12"),
        ("<LastOccurrence>2026-05-14T09:12:00Z</LastOccurrence>", None),
        ("<CreatedAt>2026-05-14T09:12:00Z</CreatedAt>", None),
        ("<Weather>2026-05-14T09:12:00Z</Weather>\n<Seen>2026-05-14T09:14:00Z</Seen>", None),
    ],
)
def test_element(element: str, want: str | None) -> None:
    assert start(f"Our line is faulty.\n<Fault>\n{element}\n</Fault>") == want


def test_answer_behind_words_under_our_question() -> None:
    text = "> 1) When did it begin (date, time, time zone)?\n\nThe guard tells 11:50 today itself\n\n> 2) What is it?\n\nslow"
    assert start(text) == "14 09:50"


def test_host_that_begins_like_a_zone_names_none() -> None:
    log = "The session flaps.\n\nMay 14 14:32:08 ist-pe2 rpd[22]: bgp peer V4 Established -> Idle (HoldTime)"
    assert start(log, "Europe/Istanbul") == "14 11:32"


def test_labelled_start_among_keys_and_values() -> None:
    text = "case=17\nopened_utc=2026-05-14T10:40:58Z\nstart=2026-05-14T11:33:10+02:00\nend=-\nstate=ongoing\nimpact=full loss"
    assert start(text) == "14 09:33"
