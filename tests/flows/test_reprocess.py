"""`intake reprocess`: filed mail is read again by what is known today; the ticket gains, and the customer hears nothing twice."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlmodel import select

from models.tables_users import Audit
from tests.flows.test_kill import NOC
from tests.running import CORPUS, Running

# Of no form that the directory has, so that nobody can know it for a service before it is on file.
SERVICE = "KW77ALPHA12"


def report() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "noc@savaport.example", NOC, "Line down"
    message["Message-ID"] = "<again@savaport.example>"
    message.set_content(f"Hello,\n\n{SERVICE} has been down since 00:01 UTC today, no traffic passes at all.\n\nRegards\nAda")
    return message


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Running]:
    """A house in which one mail was filed that names a service which is not on file."""
    made = Running(tmp_path, f"sqlite:///{tmp_path}/intake.db")
    made.import_directory()
    made.start()
    with smtplib.SMTP("127.0.0.1", made.smtp) as smtp:
        smtp.send_message(report(), to_addrs=[NOC])
    made.settled(1)
    yield made
    made.stop()


def _put_on_file(house: Running, tmp_path: Path) -> None:
    on_file = json.loads((CORPUS / "directory.json").read_text())["customers"]
    customer = next(c for c in on_file if "savaport.example" in c["domains"])
    file = tmp_path / "more.json"
    file.write_text(json.dumps({"customers": [customer], "services": [{"id": SERVICE, "customer": customer["id"]}]}))
    house.command("directory", "import", str(file))


def test_a_mail_is_read_again_with_todays_directory_into_the_same_ticket_without_a_second_answer(
    house: Running, tmp_path: Path
) -> None:
    (before,) = house.rows("tickets")
    answers = house.rows("outbox")
    assert "service_id" in before["missing"]
    _put_on_file(house, tmp_path)
    assert "1 contacts are processed again" in house.command("reprocess", "1").stdout
    house.settled(1)
    house.until(lambda: house.rows("tickets")[0]["missing"] == [])
    (after,) = house.rows("tickets")
    assert (before["state"], after["state"]) == ("awaiting_customer", "open")
    assert after["id"] == before["id"]
    assert SERVICE in json.dumps(after["report"])
    assert house.rows("outbox") == answers
    with house.store() as store, store.read() as session:
        assert [a.detail["ref"] for a in session.exec(select(Audit).where(Audit.action == "reprocessed"))] == ["c1"]


def test_all_since_a_day_are_taken_narrowed_by_verdict_and_no_day_is_named(house: Running) -> None:
    assert "0 contacts" in house.command("reprocess", "--since", "2020-01-01", "--verdict", "loop").stdout
    assert "1 contacts" in house.command("reprocess", "--since", "2020-01-01", "--verdict", "person").stdout
    refused = house.command("reprocess", "--since", "yesterday", check=False)
    assert (refused.returncode, "--since: 'yesterday' is no day" in refused.stderr) == (1, True)
    assert "name contacts by number" in house.command("reprocess", check=False).stderr
