from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("LX-0040712 is down", ["LX-0040712"]),
        ("lx 0040712 is down", ["LX-0040712"]),
        ("LX0040712 is down", ["LX-0040712"]),
        ("LX–OO40712 is down", ["LX-0040712"]),
        ("our line LX-\n0040712 is down", ["LX-0040712"]),
        ("service 0040712 is down", ["LX-0040712"]),
        ("LX-0040712 / 0040713 are both down", ["LX-0040712", "LX-0040713"]),
        ("LX-0040799 is down", ["LX-0040799"]),
        ("Circuit 77 / KXGS / 100233 / NMTL is dead", ["LX-0040712"]),
        ("no route to 198.51.100.18 since noon", ["LX-0040713"]),
        ("CLOUD.88123 does not answer", ["CLOUD.88123"]),
        ("LX-0040712 is down, LX-0040713 is fine", ["LX-0040712"]),
        ("The lines LX-0040712 and LX-0040713 are NOT affected, nothing else works", []),
        ("It is LX-0040712 and not LX-0040713 that is down", ["LX-0040712"]),
        ("LX-0040712 is not working normally", ["LX-0040712"]),
        ("order 0040712 has not come, the internet is down", []),
        ("call 020 0040712 please, no internet", []),
        ("invoice 2026-0040712-1, no internet", []),
        ("The Leeds line is down", []),
    ],
)
def test_services(read, text, services):
    assert list(read(text).service_ids) == services


def test_table_rows_tell_which_service_is_down(read):
    text = "State as I see it:\n\nSite   Service      State\nLeeds  LX-0040712   DOWN\nYork   LX-0040713   OK\n"
    assert read(text).service_ids == ("LX-0040712",)


@pytest.mark.parametrize(
    "text",
    [
        "The internet is dead.\n\nOn Tue, 3 Mar 2026 at 10:00, NOC <noc@isp.example> wrote:\n> LX-0040713 is repaired\n",
        "The internet is dead.\n\nKind regards\nAnn\nref LX-0040713-A",
    ],
)
def test_quotes_and_signatures_do_not_count(read, text):
    assert read(text).service_ids == ()


def test_refused_candidates_are_kept_with_a_reason(read):
    found = [f for f in read("LX-0040712 is down, LX-0040713 is fine").findings if f.value == "LX-0040713"]
    assert [f.detail for f in found] == ["the text says that it works"]


@pytest.mark.parametrize(
    "label", ["Service ID", "Servicenummer", "Numéro de service", "Broj usluge", "Номер услуги", "Numer usługi", "Hizmet No"]
)
def test_labels_in_many_languages(read, label):
    assert read(f"{label}: QQ77123\nno internet here since 9").service_ids == ("QQ77123",)
