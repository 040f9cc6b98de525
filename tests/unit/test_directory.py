"""The directory as a value: look-ups and bad files."""

from __future__ import annotations

import json

import pytest

from models.directory_file import dump_directory, parse_directory
from models.errors import DirectoryFileError
from parsers import read_mail

FILE = {
    "customers": [{"id": "K1", "name": "Ostwind AG", "domains": ["ostwind.example"], "timezone": "Europe/Berlin"}],
    "services": [
        {"id": "LNK 77/1234", "customer": "K1", "circuits": ["A-1"], "prefixes": ["192.0.2.0/24", "2001:db8:1::/48"]},
        {"id": "LNK 77/1235", "customer": "K1", "circuits": ["A-1"], "prefixes": ["192.0.2.128/25"]},
    ],
}


def test_a_service_is_found_by_any_spelling_circuit_and_most_specific_prefix() -> None:
    d = parse_directory(json.dumps(FILE))
    assert d.service_by_canonical["LNK771234"].id == "LNK 77/1234"
    assert [s.id for s in d.services_by_circuit["A1"]] == ["LNK 77/1234", "LNK 77/1235"]
    assert d.services_of_address("192.0.2.7") == ("LNK 77/1234",)
    assert d.services_of_address("192.0.2.200") == ("LNK 77/1235",)
    assert d.services_of_address("2001:db8:1:5::/64") == ("LNK 77/1234",)
    assert d.services_of_address("203.0.113.1") == ()


def test_a_sender_below_the_customers_domain_is_the_customers() -> None:
    d = parse_directory(json.dumps(FILE))
    assert d.customer_of_address("Noc@Berlin.OSTWIND.example") is not None
    assert d.customer_of_address("noc@not-ostwind.example") is None


def test_export_and_import_give_the_same_directory() -> None:
    d = parse_directory(json.dumps(FILE))
    assert parse_directory(dump_directory(d)) == d


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f["services"][0].update(customer="K9"), "'K9'"),
        (lambda f: f["services"][1].update(id="LNK 77/1234"), "twice"),
        (lambda f: f["customers"][0].update(timezone="Mars/North"), "Mars/North"),
        (lambda f: f["services"][0].update(prefixes=["300.1.1.1"]), "services.0.prefixes"),
        (lambda f: f.pop("services"), "services"),
    ],
)
def test_a_bad_file_names_the_place(change, message: str) -> None:  # type: ignore[no-untyped-def]
    broken = json.loads(json.dumps(FILE))
    change(broken)
    with pytest.raises(DirectoryFileError, match=message):
        parse_directory(json.dumps(broken))


def test_what_reading_looks_up_is_there_before_the_first_mail() -> None:
    d = parse_directory(json.dumps(FILE))
    d.prepare()
    ready = set(vars(d))
    read_mail(
        b"From: noc@ostwind.example\n\nLNK 77/1235 and 771234, circuit A-1, 192.0.2.7 are down since 09:00.",
        directory=d,
        customer_address="noc@ostwind.example",
    )
    assert d.seen_by(d.customer_by_id["K1"]).services
    assert set(vars(d)) == ready


def test_a_service_that_names_a_circuit_twice_runs_over_it_once() -> None:
    double = json.loads(json.dumps(FILE))
    double["services"][0]["circuits"] = ["A-1", "a1"]
    assert [s.id for s in parse_directory(json.dumps(double)).services_by_circuit["A1"]] == ["LNK 77/1234", "LNK 77/1235"]
