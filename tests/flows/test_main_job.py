"""The main job from outside: mails in over SMTP, tickets and English answers out, on both databases."""

from __future__ import annotations

import json
import smtplib
from email.message import EmailMessage, Message
from email.utils import make_msgid

from tests.running import CORPUS, Running

NOC = "noc@halverlink.example"
CUSTOMER = "t.wehmeier@rheinblick-logistik.example"


def mail(text: str, subject: str = "Line", sender: str = CUSTOMER, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"Torsten Wehmeier <{sender}>", NOC, subject
    message["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def send(running: Running, *mails: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", running.smtp) as smtp:
        for m in mails:
            smtp.send_message(m, to_addrs=[NOC])


def text_of(message: Message) -> str:
    part = next(p for p in message.walk() if p.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode(part.get_content_charset() or "utf-8")


def test_a_reply_between_the_lines_completes_the_ticket_and_gets_the_right_next_answer(running: Running) -> None:
    send(running, mail("Hello,\n\nDIA-118340 in Duisburg is completely down, nothing works. Please help.\n\nTorsten"))
    running.settled(1)
    [asked] = running.answers()
    [ticket] = running.rows("tickets")
    assert ticket["missing"] == ["start_time"]
    assert ticket["id"] in str(asked["Subject"])
    assert asked["Auto-Submitted"] == "auto-replied"
    assert asked["X-Envelope-To"] == CUSTOMER
    question = text_of(asked)
    assert ticket["id"] in question
    lines = question.splitlines()
    at = next(i for i, line in enumerate(lines) if line.lower().startswith("start time:"))
    quoted = [f"> {line}".rstrip() for line in lines]
    quoted.insert(at + 1, "It began today at 00:01 UTC.")
    reply = mail(
        "\n".join(["On Monday Halverlink wrote:", *quoted]),
        "Re: " + str(asked["Subject"]),
        In_Reply_To=str(asked["Message-ID"]),
    )
    send(running, reply)
    running.settled(2)
    [ticket] = running.rows("tickets")
    assert ticket["missing"] == []
    assert ticket["report"]["start_time"]["values"][0].endswith("T00:01:29Z")
    running.until(lambda: len(running.answers()) == 2)
    confirmed = running.answers()[-1]
    assert confirmed["In-Reply-To"] == reply["Message-ID"]
    assert [o["event"] for o in running.rows("outbox")] == ["information-needed", "information-received"]


def test_all_corpus_mails_become_contacts_with_a_verdict_and_no_robot_is_answered(running: Running) -> None:
    mails = sorted((CORPUS / "mails").glob("*.eml"))
    sent = running.command("send", *map(str, mails), check=False)
    assert sent.returncode == 0, sent.stdout
    contacts = running.settled(len(mails))
    assert len(contacts) == len(mails) == 120
    assert all(c["verdict"] and c["reason"] and c["state"] == "filed" for c in contacts)
    gold = [json.loads(line) for line in (CORPUS / "gold.jsonl").read_text().splitlines()]
    none = {g["id"] for g in gold if g["action"] == "none"}
    robots = [c["id"] for c, path in zip(contacts, mails, strict=True) if path.stem in none]
    outbox = running.rows("outbox")
    assert not [o for o in outbox if o["contact"] in robots]
    persons = [c for c, path in zip(contacts, mails, strict=True) if path.stem not in none]
    assert len({o["contact"] for o in outbox}) >= len(persons) - 3
    on_disk = {str(m["Message-ID"]) for m in running.answers()}
    assert on_disk == {o["message_id"] for o in outbox if o["state"] == "sent"}


def test_bytes_that_are_no_mail_are_kept_and_become_a_ticket(running: Running) -> None:
    with smtplib.SMTP("127.0.0.1", running.smtp) as smtp:
        smtp.sendmail(CUSTOMER, [NOC], b"From: " + CUSTOMER.encode() + b"\r\n\r\n" + bytes(range(1, 10)) + b"\xff\xfe" * 50)
        smtp.sendmail(CUSTOMER, [NOC], b"\x00\x01\x02 no header at all")
    contacts = running.settled(2)
    assert contacts[0]["ticket"]
    assert all(c["verdict"] for c in contacts)
