"""Services that a text names beside the one at fault, in words that no corpus has."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.directory import Customer, Directory, Person, Service
from parsers import read_text
from parsers.beside import BESIDE

AT = datetime(2026, 5, 14, 13, 40, tzinfo=UTC)
DIRECTORY = Directory(
    (Customer("C1", "Alder", ("alder.example",), (Person("Pia", "pia@alder.example"),), "Europe/Berlin"),),
    tuple(Service(x, "C1", "line", "Site") for x in "ORL24-1001 ORL24-1002 ORL24-1003 HX55012K HX55019K".split()),
)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("ORL24-1001 has been dead since 8:00. ORL24-1002 in the next rack hums along nicely.", "1001"),
        ("ORL24-1001 is slow. Our people in Bath sit on ORL24-1002 and have not rung once.", "1001"),
        ("Everything over ORL24-1001 stutters. Had we not ORL24-1002, we would be closed.", "1001"),
        ("No light on ORL24-1001 since 8:00. ORL24-1002 leaves through the same duct.", "1001"),
        ("ORL24-1001 drops packets. We tried the same laptop on ORL24-1002 and got full speed there.", "1001"),
        ("ORL24-1001 is down. ORL24-1002 was mended by you last month, many thanks again.", "1001"),
        ("Nothing works over ORL24-1001. The night shift works from the hall on ORL24-1002.", "1001"),
        ("ORL24-1001 ist seit 8 Uhr tot. Von ORL24-1002 kamen keine Klagen.", "1001"),
        ("Auf ORL24-1001 verlieren wir Pakete. ORL24-1002 hängt am selben Router.", "1001"),
        ("ORL24-1001 est coupé depuis 8 h. ORL24-1002 tient bon sans la moindre erreur.", "1001"),
        ("ORL24-1001 no funciona desde las 8. Por ORL24-1002 navegamos de lujo.", "1001"),
        ("ORL24-1001 è giù dalle 8. Da ORL24-1002 vi sto scrivendo.", "1001"),
        ("ORL24-1001 ligt plat. Over ORL24-1002 hoor ik niemand klagen.", "1001"),
        ("ORL24-1001 nie działa od 8:00. Na ORL24-1002 mamy wszystko w najlepszym porządku.", "1001"),
        ("Канал ORL24-1001 лежит с 8:00. По ORL24-1002 жалоб не поступало.", "1001"),
        ("ORL24-1001 ne radi od 8h. Na ORL24-1002 niko se nije žalio.", "1001"),
        ("Service: ORL24-1001\nProblem: down since 8:00\nRemarks: ask the desk in Bath (ORL24-1002)", "1001"),
        ("ORL24-1001 is dead since 8:00. ORL24-1002 of the same park instead goes well.", "1001"),
        ("ORL24-1001 is dead since 8:00. ORL24-1002 is still alive but can't carry the lot.", "1001"),
        ("ORL24-1001 Bath B - dead since 8:00\n\nORL24-1002 Bath A - ok.", "1001"),
        ("We are shedding packets on the way in via ORL24-1001 since 8:00. ORL24-1002 is squeaky clean.", "1001"),
        ("ORL24-1001 is dead since 8:00. We asked for the ID, for instance ORL24-1002.", "1001"),
        # Both are meant.
        ("ORL24-1001 is dead since 8:00. ORL24-1002 went at the same minute.", "1001 1002"),
        ("ORL24-1001 is slow and ORL24-1002 loses every tenth packet.", "1001 1002"),
        ("Two lines are dark since 8:00:\n- ORL24-1001 Bath\n- ORL24-1002 Leeds", "1001 1002"),
        ("We have trouble on ORL24-1001. ORL24-1002 too.", "1001 1002"),
        ("ORL24-1001 and ORL24-1002 are both dead, ORL24-1003 is fine.", "1001 1002"),
        ("ORL24-1001 steht. Gleiches Bild auf ORL24-1002.", "1001 1002"),
        ("Service | Verdict\nORL24-1001 | broken\nORL24-1002 | peachy", "1001"),
        ("ORL24-1001 Skiff B - main path dead since 8:00.\n\nORL24-1002 Skiff A - ok.", "1001"),
        (
            "We lost these at 8:00:\n- ORL24-1001\n- ORL24-1003\n\nORL24-1002 is still alive but cannot bear the lot.",
            "1001 1003",
        ),
    ],
)
def test_services_that_are_meant(text: str, want: str) -> None:
    read = read_text(text, directory=DIRECTORY, sender="pia@alder.example", received_at=AT)
    assert set(read.service_ids) == {f"ORL24-{n}" for n in want.split()}


def test_a_service_beside_tells_why_it_was_left_out() -> None:
    text = "ORL24-1001 is dead since 8:00. ORL24-1002 leaves through the same duct."
    read = read_text(text, directory=DIRECTORY, sender="pia@alder.example", received_at=AT)
    assert [f.value for f in read.findings if f.detail == BESIDE] == ["ORL24-1002"]


def test_a_tail_may_end_in_the_letter_of_its_scheme() -> None:
    read = read_text("HX55012K / 55019K are dead.", directory=DIRECTORY, sender="pia@alder.example", received_at=AT)
    assert read.service_ids == ("HX55012K", "HX55019K")
