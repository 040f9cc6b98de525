"""What is set aside: from the command line of a running installation, and on the console's pages."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from models.store import Store
from models.tables import Contact, Outbox, Ticket
from models.tables_users import Audit
from models.words import ContactState
from tests.flows.smarthost_helpers import FakeSmarthost
from tests.flows.test_kill import NOC, fault
from tests.running import CORPUS, Running


class House(Running):
    """An installation whose smarthost knows no anna."""

    def items(self, kind: str) -> list[dict[str, Any]]:
        lines = self.command("setaside", "list", "--kind", kind, "--json").stdout.splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture
def smarthost() -> Iterator[FakeSmarthost]:
    server = FakeSmarthost("RCPT", "550 5.1.1 no such user")
    yield server
    server.close()


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path, smarthost: FakeSmarthost) -> Iterator[House]:
    both = "database_url" in request.fixturenames
    url = str(request.getfixturevalue("database_url")) if both else f"sqlite:///{tmp_path}/intake.db"
    made = House(tmp_path, url, {"INTAKE_SMARTHOST_URL": smarthost.url, "INTAKE_WORKERS": "1"})
    made.import_directory()
    made.start()
    yield made
    made.stop()


def send(house: House, raw: bytes, sender: str = "noc@savaport.example") -> None:
    with smtplib.SMTP("127.0.0.1", house.smtp) as smtp:
        smtp.sendmail(sender, [NOC], raw)


def test_a_refused_answer_goes_to_another_contact_and_waits_to_be_sent_again(
    database_url: str, house: House, smarthost: FakeSmarthost
) -> None:
    send(house, fault(1).as_bytes())
    house.until(lambda: len(house.items("undeliverable")) == 3)
    smarthost.replies["RCPT"] = "250 ok"
    failed = sorted(house.items("undeliverable"), key=lambda i: i["ref"])
    assert [i["who"].partition("@")[2] for i in failed] == ["savaport.example"] * 3
    assert len({i["who"] for i in failed}) == 3
    assert all("5.1.1" in i["why"] for i in failed)
    wrong = house.command("setaside", "retry", failed[0]["ref"], "--to", "a@b.example, c@d.example", check=False)
    assert wrong.returncode == 1
    house.command("setaside", "retry", failed[0]["ref"], "--to", "eva@savaport.example")
    house.command("setaside", "retry", failed[1]["ref"])
    house.until(lambda: len(smarthost.accepted) == 2)
    first, second = sorted(smarthost.accepted, key=lambda m: b"eva@" not in m)
    assert b"To: eva@savaport.example" in first
    assert b"could not deliver this mail to noc@savaport.example" in b" ".join(second.split())
    house.command("setaside", "delete", failed[2]["ref"])
    assert house.items("undeliverable") == []
    store = Store(house.env["INTAKE_DATABASE_URL"])
    with store.read() as session:
        actions = [a.action for a in session.exec(select(Audit).order_by("id")).all()]
        ticket = session.exec(select(Ticket)).one()
    store.close()
    assert actions == ["set-aside-retried", "set-aside-retried", "set-aside-deleted"]
    assert ticket.review
    assert "another contact" in " ".join(ticket.review_reasons)


def test_a_held_mail_is_accepted_and_an_unprocessable_one_processed_again(house: House, smarthost: FakeSmarthost) -> None:
    smarthost.replies["RCPT"] = "250 ok"
    spam = (CORPUS / "mails" / "019.eml").read_bytes()
    send(house, spam, "seo@rank.example")
    send(house, fault(2).as_bytes())
    house.settled(2)
    (held,) = house.items("held")
    assert house.command("setaside", "export", held["ref"]).stdout.replace("\r", "").strip()
    assert "white-hat" in house.command("setaside", "show", held["ref"]).stdout
    house.command("setaside", "accept", held["ref"])
    house.until(lambda: all(c["ticket"] for c in house.rows("contacts")))
    assert house.items("held") == []
    stranger = next(c for c in house.rows("contacts") if c["envelope"]["from"] == "seo@rank.example")
    assert (stranger["verdict"], stranger["state"]) == ("stranger", "filed")
    assert "accepted by" in stranger["reason"]

    store = Store(house.env["INTAKE_DATABASE_URL"])
    with store.write() as session:
        contact = session.exec(select(Contact).where(Contact.envelope_from == "noc@savaport.example")).one()
        contact.state, contact.last_error, ticket = ContactState.UNPROCESSABLE.value, "not read within 2 s", contact.ticket_id
        session.add(contact)
    (item,) = house.items("unprocessable")
    assert item["why"] == "not read within 2 s"
    house.command("setaside", "retry", "--all", "--kind", "unprocessable")
    house.settled(2)
    with store.read() as session:
        contact = session.exec(select(Contact).where(Contact.envelope_from == "noc@savaport.example")).one()
        answers = session.exec(select(Outbox).where(Outbox.contact_id == contact.id)).all()
    store.close()
    assert (contact.state, contact.ticket_id, contact.again) == ("filed", ticket, 1)
    assert len(answers) == 2
    assert house.command("setaside", "accept", f"c{contact.id}", check=False).returncode == 1
    assert house.command("setaside", "show", "x1", check=False).stderr.strip() == "intake: nothing is set aside as 'x1'"


def test_the_pages_let_each_role_do_what_it_may(house: House, smarthost: FakeSmarthost) -> None:
    send(house, (CORPUS / "mails" / "019.eml").read_bytes(), "seo@rank.example")
    send(house, fault(3).as_bytes())
    house.until(lambda: len(house.items("undeliverable")) == 3)
    smarthost.replies["RCPT"] = "250 ok"
    (held,), mail = house.items("held"), house.items("undeliverable")[0]
    for role in ("agent", "lead", "auditor"):
        house.command("user", "add", role, "--role", role, "--password-stdin", text="right-password\n")
    base = f"http://127.0.0.1:{house.http}"
    for role, may_work, may_delete in (("auditor", False, False), ("agent", True, False), ("lead", True, True)):
        with httpx.Client(base_url=base) as client:
            client.post("/login", data={"name": role, "password": "right-password"})
            page = client.get(f"/set-aside/{held['ref']}")
            csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
            assert ("Accept as" in page.text, "Delete for good" in page.text) == (may_work, may_delete)
            assert client.get(f"/set-aside/{held['ref']}/raw").headers["content-disposition"].startswith("attachment")
            forged = client.post(f"/set-aside/{mail['ref']}/retry", data={"csrf": "forged", "to": ""})
            assert forged.status_code == 403
            if role == "auditor":
                assert client.post(f"/set-aside/{mail['ref']}/retry", data={"csrf": csrf}).status_code == 403
            elif role == "agent":
                assert client.post(f"/set-aside/{held['ref']}/delete", data={"csrf": csrf}).status_code == 403
                assert client.post(f"/set-aside/{mail['ref']}/retry", data={"csrf": csrf, "to": "a b"}).status_code == 400
                assert client.post("/set-aside-retry-all", data={"csrf": csrf, "kind": "undeliverable"}).status_code == 303
            else:
                assert client.post(f"/set-aside/{held['ref']}/delete", data={"csrf": csrf}).status_code == 303
                assert client.get(f"/set-aside/{held['ref']}").status_code == 404
    house.until(lambda: len(smarthost.accepted) == 3)
    spam = next(c for c in house.rows("contacts") if c["envelope"]["from"] == "seo@rank.example")
    assert spam["state"] == "deleted"
