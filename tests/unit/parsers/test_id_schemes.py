"""Small directories of other providers: numbers only, slashes, dots, blanks, lower case, long place codes, several families."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.directory import Customer, Directory, Person, Service
from models.reading import Reading
from parsers import read_text

AT = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)
SCHEMES: dict[str, tuple[str, str, str]] = {
    "numbers": ("40098123", "40098124", "71500017"),
    "long numbers": ("2006789012", "2006789013", "2006789477"),
    "slashes": ("ETH/4411/0021", "ETH/4411/0022", "IPA/0093/0007"),
    "dots": ("net.1184.07", "net.1184.08", "voi.2200.11"),
    "blanks": ("SNG SYD EPL 9876543", "SNG SYD EPL 9876544", "MEL PER EPL 1200456"),
    "lower case": ("zkhradng375", "zkhradng376", "zkbrnox412"),
    "place codes": ("AMSTNL02-FRNKDE05-10G-001", "AMSTNL02-FRNKDE05-10G-002", "PARSFR11-LONDGB07-100G-014"),
    "carrier form": ("32/HFGS/012345/NW", "32/HFGS/012346/NW", "61/KFGS/545743//FTNC"),
    "order form": ("1-300123456", "1-300123457", "3-10109101"),
    "glued": ("OGEA0012345678", "OGEA0012345679", "ONEA90001234"),
    "underscores": ("cust_vpn_0442", "cust_vpn_0443", "cust_ddos_0101"),
}
NAMES = sorted(SCHEMES)


def directory(name: str) -> Directory:
    one, two, other = SCHEMES[name]
    people = (Person("Pia", "pia@alder.example"),)
    return Directory(
        (Customer("C1", "Alder", ("alder.example",), people, "Europe/Vienna"), Customer("C2", "Birch", ("birch.example",))),
        (
            Service(one, "C1", "line", "Graz", ("GRZ-CKT-77001",), ("203.0.113.0/28",)),
            Service(two, "C1", "line", "Linz", ("LNZ-CKT-77002",), ("203.0.113.16/28",)),
            Service(other, "C2", "line", "Ghent", ("GHT-CKT-88001",), ("2001:db8:77::/48",)),
        ),
    )


def read(name: str, text: str, subject: str = "") -> Reading:
    return read_text(text, subject=subject, directory=directory(name), sender="pia@alder.example", received_at=AT)


TEMPLATES = [
    ("Service {0} is down since 8:00.", (0,)),
    ("service id: {0}\nNothing works since 8:00.", (0,)),
    ("Leitung {0} ist seit 8 Uhr tot.", (0,)),
    ("Our circuit {0} and our circuit {1} are both dead.", (0, 1)),
    ("Affected: {0}, {1}. No internet.", (0, 1)),
    ("{0} is down, {1} is fine.", (0,)),
    ("Service {0} is down; service {1} is not affected.", (0,)),
    ("Site\tService ID\tState\nGraz\t{0}\tdown\nLinz\t{1}\tok\n", (0,)),
    ("(ref. {0}) Internet has stopped working.", (0,)),
    ("No internet in Graz.\n\nKind regards\nPia Alder\nyour contract {1}", ()),
    ("Dienst {0} gestört, {1} läuft einwandfrei.", (0,)),
    ("Le service {0} est coupé, le service {1} fonctionne.", (0,)),
    ("El servicio {0} está caído; {1} funciona bien.", (0,)),
    ("Услуга {0} не работает, а {1} работает нормально.", (0,)),
    ("Usluga {0} ne radi, {1} radi normalno.", (0,)),
    ("Usługa {0} nie działa, {1} działa poprawnie.", (0,)),
    ("{0} hattı kesik, {1} sorunsuz çalışıyor.", (0,)),
    ("De lijn {0} ligt eruit, {1} werkt prima.", (0,)),
    ("La linea {0} è giù, la {1} funziona bene.", (0,)),
    ("O serviço {0} caiu, o {1} está normal.", (0,)),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("text", "want"), TEMPLATES)
def test_ids_of_any_scheme(name: str, text: str, want: tuple[int, ...]) -> None:
    ids = SCHEMES[name]
    assert set(read(name, text.format(*ids)).service_ids) == {ids[n] for n in want}


@pytest.mark.parametrize("name", [n for n in NAMES if "number" not in n])
@pytest.mark.parametrize("change", ["upper", "lower", "blank", "none"])
def test_spellings(name: str, change: str) -> None:
    first = SCHEMES[name][0]
    if (name, change) == ("order form", "blank"):
        pytest.skip("figures alone with a blank between them are as likely a phone number")
    loose = "".join(c if c.isalnum() else {"blank": " ", "none": ""}.get(change, c) for c in first)
    text = {"upper": first.upper(), "lower": first.lower()}.get(change, loose)
    assert read(name, f"Service {text} is dead.").service_ids == (first,)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text",
    [
        "Our PO 4500098123 is late and the internet is down.",
        "Invoice 2026-40098 was paid, still no internet.",
        "Call me on +43 664 4009 8123, nothing works.",
        "Our own ticket is INC0048213, nothing works.",
        "Serial FTX2014A0B7 of the router, MAC 00:1b:54:aa:40:09, software 17.3.4a. No internet.",
        "Software 40.09.81 is installed, the port has counted 118402 CRC errors and is down.",
        "Account 7150, customer number 98123, no internet.",
    ],
)
def test_other_numbers_are_no_service(name: str, text: str) -> None:
    assert read(name, text).service_ids == ()


@pytest.mark.parametrize("name", NAMES)
def test_service_follows_from_its_circuit_or_address(name: str) -> None:
    ids = SCHEMES[name]
    assert read(name, "Circuit GRZ-CKT-77001 is dead.").service_ids == (ids[0],)
    assert read(name, "We cannot reach 203.0.113.18 from outside.").service_ids == (ids[1],)


@pytest.mark.parametrize("name", NAMES)
def test_a_site_is_only_a_suggestion(name: str) -> None:
    reading = read(name, "Our line in Graz is dead since 8:00.")
    assert reading.service_ids == ()
    assert [f.value for f in reading.findings if f.rule == "id.site"] == [SCHEMES[name][0]]


@pytest.mark.parametrize(
    ("name", "written", "want"),
    [
        ("glued", "OGEA001234567", "?"),
        ("glued", "OGAE0012345678", "OGEA0012345678"),
        ("carrier form", "32/HFSG/012345/NW", "32/HFGS/012345/NW"),
        ("place codes", "AMSTNL02-FRNKD05-10G-001", "AMSTNL02-FRNKDE05-10G-001"),
        ("dots", "net.118.07", "net.1184.07"),
        ("lower case", "zkhrdng375", "zkhradng375"),
        ("slashes", "IPA/0093/007", "-"),
    ],
)
def test_a_slip_is_repaired_within_the_senders_own_services(name: str, written: str, want: str) -> None:
    """ "?" fits two of them, "-" is another customer's: neither is filled in, the first is suggested."""
    reading = read(name, f"Service {written} is dead since 8:00.")
    assert SCHEMES[name][2] not in reading.service_ids
    assert [s for s in reading.service_ids if s in SCHEMES[name]] == ([] if want in "?-" else [want])
