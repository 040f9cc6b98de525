"""No robot is ever answered, whatever program wrote it and whether its sender is on file or not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.facts import facts_of
from app.reader import Job
from models.directory import Customer, Directory
from models.directory_file import load_directory
from models.mail import MailFacts
from models.words import Verdict
from parsers import open_mail, read_mail
from tests.unit.tickets.robots import ME, ROBOTS, raw
from tickets.checks import ANSWERED, Case, judge

CORPUS = Path(__file__).resolve().parents[2] / "corpus" / "open"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
OPEN = load_directory(CORPUS / "directory.json")
KUNDE = Directory((Customer("K", "Kunde", ("kunde.example", "people.example", "shop.example")),), (), "k")
GOLD = [json.loads(line) for line in (CORPUS / "gold.jsonl").read_text().splitlines()]


def judged(mail: bytes, directory: Directory, envelope_from: str = "x@sender.example") -> tuple[Verdict, MailFacts]:
    job = Job(mail, NOW, envelope_from, ME, (ME,), None)
    facts = facts_of(open_mail(mail), job, directory)
    reading = read_mail(mail, directory=directory, own_addresses=(ME,), received_at=NOW)
    customer = directory.customer_of_address(facts.from_address)
    own = frozenset({ME})
    return judge(Case(facts, reading, customer, own, frozenset(), False, bounce_address="bounce@halverlink.example"))[0], facts


@pytest.mark.parametrize("name", [r[0] for r in ROBOTS])
@pytest.mark.parametrize("directory", [OPEN, KUNDE], ids=["stranger", "on-file"])
def test_a_robot_is_not_answered(name: str, directory: Directory) -> None:
    verdict, _ = judged(raw(name), directory)
    assert verdict not in ANSWERED


@pytest.mark.parametrize("one", [g["id"] for g in GOLD if g["action"] == "none"])
def test_a_robot_of_the_corpus_is_not_answered(one: str) -> None:
    verdict, _ = judged((CORPUS / "mails" / f"{one}.eml").read_bytes(), OPEN)
    assert verdict not in ANSWERED


@pytest.mark.parametrize("one", [g["id"] for g in GOLD if g["action"] == "ask"][:40])
def test_the_null_sender_is_never_answered_even_with_a_persons_words(one: str) -> None:
    mail = b"Return-Path: <>\n" + (CORPUS / "mails" / f"{one}.eml").read_bytes()
    assert judged(mail, OPEN, "")[0] not in ANSWERED


def test_a_persons_mail_is_answered_all_the_same() -> None:
    wrong = [
        g["id"]
        for g in GOLD
        if g["action"] in ("ask", "acknowledge")
        and judged((CORPUS / "mails" / f"{g['id']}.eml").read_bytes(), OPEN)[0] not in ANSWERED
    ]
    assert len(wrong) <= 3, wrong


def test_bounces_in_free_words_name_address_and_message() -> None:
    for name in ("qmail", "exim", "sendmail-old", "yahoo", "exchange-2003", "notes-failure", "postfix-dsn", "gmail-dsn"):
        report = judged(raw(name), KUNDE)[1].report
        assert report, name
        assert (report.kind, report.address) == ("failed", "a@kunde.example"), name
    delayed = judged(raw("postfix-delay"), KUNDE)[1].report
    assert delayed
    assert (delayed.kind, delayed.message_ids) == ("delayed", ("<x@halverlink.example>",))
    receipt = judged(raw("outlook-read"), KUNDE)[1].report
    assert receipt
    assert (receipt.kind, receipt.message_ids) == ("receipt", ("<x@halverlink.example>",))
