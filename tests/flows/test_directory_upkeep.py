"""Upkeep of the directory: imports shown before they are taken over, NetBox, unknown IDs, forms of IDs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.house import House
from app.imports import Imports
from app.netbox import NetBoxError, fetch_netbox
from app.settings import load_settings
from models.clock import utc_now
from models.directory_csv import parse_csv
from models.directory_store import read_directory
from models.errors import DirectoryFileError
from models.import_store import claim_import, newest_imports
from parsers import read_text
from tests.flows.netbox import TOKEN, NetBox, serving
from tests.flows.rule_site import RuleSite, ago, mail, post, served, token
from tests.running import CORPUS, Running

CSV = (
    "service_id,customer_id,customer_name,product,circuits,prefixes,contact_email,domains,redundant\n"
    "NEW-10001,K9,Neue Firma,DIA,C/1 C/2,198.51.100.0/28,ada@neu.example,neu.example,yes\n"
    "new 10001x,K9,,DIA,,,,,no\n"
    "LNK-1001,K1,,Wave,,,,,\n"
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RuleSite]:
    with served(tmp_path) as one:
        yield one


def upload(client: httpx.Client, name: str, data: bytes, **form: str) -> httpx.Response:
    return client.post("/directory/imports", data={"csrf": token(client), **form}, files={"file": (name, data, "text/plain")})


def work(site: RuleSite, **settings: str) -> None:
    house = House(load_settings(database_url=site.store.url, mail_addresses="noc@halverlink.example", **settings))
    Imports(house).work()
    house.store.close()


def test_an_import_is_shown_then_taken_over(site: RuleSite) -> None:
    with site.client("admin") as client:
        shown = upload(client, "d.csv", CSV.encode(), replace="1")
        page = client.get(shown.headers["location"]).text
        assert "3 new, 1 changed" in page
        assert '<del></del></td><td data-th="After"><ins>Wave</ins>' in page
        assert "LNK-1001" in page
        with site.store.read() as session:
            number = newest_imports(session)[0].id
        assert "NEW-10001" not in client.get("/services").text
        post(client, f"/directory/imports/{number}", do="take")
        assert "queued" in client.get(f"/directory/imports/{number}").text
        work(site)
        assert "3 added, 1 changed, 0 removed" in client.get(f"/directory/imports/{number}").text
    known = read_directory(site.store)
    service = known.service_by_id["NEW-10001"]
    assert (service.circuits, service.prefixes, service.redundant) == (("C/1", "C/2"), ("198.51.100.0/28",), True)
    assert known.customer_by_id["K9"].contacts[0].email == "ada@neu.example"
    assert known.service_by_id["LNK-1001"].product == "Wave"


def test_vanished_services_and_doubles_are_named_and_stay_or_go(site: RuleSite) -> None:
    one = {"customers": [{"id": "K2", "name": "B"}, {"id": "K3", "name": "C"}], "services": [
        {"id": "AB-1", "customer": "K2", "circuits": ["X/1"], "prefixes": ["198.51.100.0/28"]}, {"id": "ab 1", "customer": "K2"},
        {"id": "CD-2", "customer": "K3", "circuits": ["x1"], "prefixes": ["198.51.100.0/28"]}]}  # fmt: skip
    with site.client("admin") as client:
        shown = upload(client, "d.json", json.dumps(one).encode(), replace="1")
        page = client.get(shown.headers["location"]).text
        assert "AB-1, ab 1 are the same ID" in page
        assert "AB-1, CD-2 share a circuit" in page
        assert "share a prefix" in page
        assert "2 on file that it does not have (they are removed)" in page
        assert "service LNK-1001" in page


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.json", b"{", "not JSON"),
        ("a.json", b"\xff", "not UTF-8"),
        ("a.json", b"", "choose a file"),
        ("a.csv", b"service_id\nX-1\n", "customer_id"),
        ("a.csv", b"service_id,customer_id,colour\n", "colour"),
        ("a.csv", b"service_id,customer_id\nX-1,K1\nX-1,K1\n", "a.csv:3: service"),
        ("a.csv", b"service_id,customer_id\nX-1,K77\n", "a.csv:2: customer"),
        ("a.csv", b"service_id,customer_id\n,K1\n", "service_id is empty"),
        ("a.csv", b"service_id;customer_id;redundant\nX-1;K1;maybe\n", "yes or no"),
        ("a.csv", b"service_id,customer_id,prefixes\nX-1,K1,10.0.0.0.0/8\n", "prefixes"),
        ("a.csv", b'service_id,customer_id\n"X-1,K1\n', "nothing was changed"),
    ],
)
def test_a_bad_file_is_told_beside_the_field(site: RuleSite, name: str, data: bytes, says: str) -> None:
    with site.client("admin") as client:
        answer = upload(client, name, data)
        assert answer.status_code == 422
        assert says in answer.text
        assert 'id="file-e"' in answer.text
        with site.store.read() as session:
            assert not newest_imports(session)


def test_an_import_compared_with_an_older_directory_is_not_taken(site: RuleSite) -> None:
    with site.client("admin") as client:
        first = upload(client, "d.csv", CSV.encode()).headers["location"]
        site.directory()
        late = post(client, first, do="take")
        assert (late.status_code, "has changed since" in late.text) == (409, True)
        post(client, first, do="drop")
        assert "dropped" in client.get(first).text
        assert post(client, first, do="take").status_code == 409
        assert client.get("/directory/imports/99").status_code == 404
    for role in ("agent", "lead", "auditor"):
        with site.client(role) as client:
            assert upload(client, "d.csv", CSV.encode()).status_code == 403
            assert post(client, "/directory/formats", prefix="AB", digits="5").status_code == 403


def test_a_directory_is_fetched_from_netbox_page_by_page(site: RuleSite) -> None:
    box = NetBox()
    with serving(box) as url, site.client("admin") as client:
        there = post(client, "/directory/imports", do="netbox").headers["location"]
        box.fail = [502]
        work(site, netbox_url=url, netbox_token=TOKEN)
        assert "122 new" in client.get(there).text
        post(client, there, do="take")
        work(site)
        post(client, "/directory/imports", do="netbox")
        work(site, netbox_url=url, netbox_token="wrong")
        assert "the token is wrong" in client.get(there.replace("/1", "/2")).text
        post(client, "/directory/imports", do="netbox")
        work(site)
        assert "INTAKE_NETBOX_URL is not set" in client.get(there.replace("/1", "/3")).text
    known = read_directory(site.store)
    service, customer = known.service_by_id["NBX-1001"], known.customer_by_id["t1"]
    assert (service.customer, service.site, service.product, service.prefixes) == (
        "t2",
        "FRA1",
        "IP transit",
        ("198.51.100.0/28",),
    )
    assert (customer.domains, customer.contacts[0].email) == (("t1.example",), "ada@t1.example")
    assert {"t3", "FREE-1"}.isdisjoint({*known.customer_by_id, *known.service_by_id})


def test_what_netbox_gets_wrong_is_named() -> None:
    box = NetBox()
    with serving(box) as url:
        for status, says in ((401, "the token is wrong"), (429, "answers 429")):
            box.fail = [status]
            with pytest.raises(NetBoxError, match=says):
                fetch_netbox(url, TOKEN)
        box.fail = [500, 500, 500]
        with pytest.raises(NetBoxError, match="answers 500"):
            fetch_netbox(url, TOKEN)
        box.foreign = True
        with pytest.raises(NetBoxError, match="another host"):
            fetch_netbox(url, TOKEN)
        box.garbage = True
        with pytest.raises(NetBoxError, match="not JSON"):
            fetch_netbox(url, TOKEN)
    with pytest.raises(NetBoxError, match="is the address right"):
        fetch_netbox(url, TOKEN)
    with pytest.raises(NetBoxError, match="not the address"):
        fetch_netbox("netbox", TOKEN)


def test_an_unknown_id_becomes_a_service_or_is_forgotten(site: RuleSite) -> None:
    site.directory()
    for n in range(2):
        site.take(mail(f"DIA-777777 is down, number {n}.", sender="goran@drinska-pekara.example"), key=str(n),
                  sender="goran@drinska-pekara.example")  # fmt: skip
    site.take(mail("DIA-888888 is down."), key="other")
    with site.client("lead") as client:
        page = client.get("/directory").text
        assert "<code>DIA-777777</code>" in page
        customer = page.split("DIA-777777")[2].split('name="customer" value="')[1].split('"')[0]
        wrong = post(client, "/directory/candidates", do="accept", id="DIA-777777", customer="K-none")
        assert (wrong.status_code, "not on file" in wrong.text) == (422, True)
        assert post(client, "/directory/candidates", do="accept", id="DIA-777777", customer=customer).status_code == 303
        post(client, "/directory/candidates", do="dismiss", id="DIA-888888")
        assert "None in the newest" in client.get("/directory").text
        twice = post(client, "/directory/candidates", do="accept", id="DIA-777777", customer=customer)
        assert (twice.status_code, "on file already" in twice.text) == (422, True)
    assert read_directory(site.store).service_by_id["DIA-777777"].customer == customer
    with site.client("agent") as client:
        assert post(client, "/directory/candidates", do="dismiss", id="X-1").status_code == 403


def test_forms_of_ids_are_shown_added_and_switched_off(site: RuleSite) -> None:
    site.directory()

    def read(text: str) -> list[str]:
        reading = read_text(text, directory=read_directory(site.store), sender=None, received_at=utc_now())
        return [f.value for f in reading.findings if f.field == "service_id"]

    assert read("QQQ-12345 is down") == []
    assert read("DIA-777777 is down") == ["DIA-777777"]
    with site.client("admin") as client:
        assert '<td data-th="Letters">DIA</td>' in client.get("/directory").text
        for prefix, digits in (("Q1", "5"), ("QQQ", "many"), ("QQQ", "99")):
            wrong = post(client, "/directory/formats", do="add", prefix=prefix, separator="-", digits=digits)
            assert (wrong.status_code, 'id="prefix-e"' in wrong.text) == (422, True)
        post(client, "/directory/formats", do="add", prefix="qqq", separator="-", digits="5")
        assert read("QQQ 12345 is down") == ["QQQ-12345"]
        post(client, "/directory/formats", do="off", prefix="DIA")
        assert read("DIA-777777 is down") == []
        assert "(not read)" in client.get("/directory").text
        post(client, "/directory/formats", do="on", prefix="DIA")
        assert read("DIA-777777 is down") == ["DIA-777777"]
        post(client, "/directory/formats", do="off", prefix="QQQ")
        assert read("QQQ-12345 is down") == []
        assert "version 4" in client.get("/policy/id-formats/default/history").text.casefold()


def test_an_import_whose_process_died_is_taken_again(site: RuleSite) -> None:
    with site.client("admin") as client:
        there = upload(client, "d.csv", CSV.encode()).headers["location"]
        post(client, there, do="take")
    with site.store.write() as session:
        assert claim_import(session, ago(1))
        assert claim_import(session, ago(1)) is None
    work(site)
    assert "NEW-10001" in read_directory(site.store).service_by_id


def test_the_command_line_takes_csv_json_and_netbox(tmp_path: Path) -> None:
    running = Running(tmp_path, f"sqlite:///{tmp_path}/i.db")
    running.import_directory()
    file = tmp_path / "more.csv"
    file.write_text(CSV.replace("LNK-1001,K1", "LNK-1001,K9"))
    dry = running.command("directory", "import", str(file), "--dry-run").stdout
    assert "new: service NEW-10001" in dry
    assert "4 new, 0 changed" in dry
    done = running.command("directory", "import", str(file))
    assert "4 added, 0 changed, 0 removed" in done.stdout
    assert "--replace removes them" in done.stderr
    file.write_text("service_id,customer_id\n,K9\n")
    bad = running.command("directory", "import", str(file), check=False)
    assert (bad.returncode, "more.csv:2" in bad.stderr, "Traceback" in bad.stderr) == (1, True, False)
    missing = running.command("directory", "netbox", check=False)
    assert (missing.returncode, "INTAKE_NETBOX_TOKEN" in missing.stderr) == (1, True)
    with serving(NetBox(3)) as url:
        running.env["INTAKE_NETBOX_TOKEN"] = TOKEN
        assert "5 added" in running.command("directory", "netbox", url).stdout
    big = {
        "customers": [{"id": "BIG", "name": "Big"}],
        "services": [{"id": f"BIG-{n:06}", "customer": "BIG"} for n in range(6000)],
    }
    many = tmp_path / "big.json"
    many.write_text(json.dumps(big))
    assert "6001 added" in running.command("directory", "import", str(many)).stdout


def test_csv_of_a_customer_on_file_keeps_what_it_does_not_say() -> None:
    from models.directory_file import load_directory

    known = load_directory(CORPUS / "directory.json")
    customer = known.customers[0]
    new = parse_csv(f"Service_ID; customer_id\nZZ-10001;{customer.id}\n;\n", "x.csv", known)
    assert new.customers == (customer,)
    with pytest.raises(DirectoryFileError):
        parse_csv("", "x.csv", known)


def test_every_page_of_the_upkeep_is_shown_to_each_role(site: RuleSite) -> None:
    with site.client("admin") as client:
        there = upload(client, "d.csv", CSV.encode()).headers["location"]
    paths = (
        *("/directory", there, "/policy", "/policy/texts", "/policy/limits/default", "/policy/calendar/default/history"),
        *("/rules", "/rules/history", "/rules/suggestions", "/rules/suggestions/one", "/rules/labels", "/rules/versions"),
        *("/rules/replays", "/rules/try", "/policy/mail-text/ticket-opened", "/policy/voice-text/greeting"),
    )
    for role in ("agent", "lead", "admin", "auditor"):
        with site.client(role) as client:
            for path in paths:
                assert client.get(path).status_code == 200, (role, path)
    with site.client() as nobody:
        for path in paths:
            assert nobody.get(path).status_code == 303, path
