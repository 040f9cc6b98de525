"""Mail manners from outside: real SMTP in, what stands in the database and what goes out."""

from __future__ import annotations

import re
import smtplib
from email.message import EmailMessage

from tests.flows.test_main_job import CUSTOMER, mail, send, text_of
from tests.running import Running

FAULT = "Service ID: {}\nStart time: today 00:01 UTC\nImpact: service affecting\nDescription: no traffic passes the line\n"
NOTICE = """Planned Work Notification

Reference: NW-4711
Start: 2026-12-01 22:00 UTC
End: 2026-12-02 02:00 UTC
Impact: Loss of service

Affected circuit(s):
  OGYX/172340//ZYO
"""


def dsn(mid: str, address: str) -> bytes:
    head = f"From: MAILER-DAEMON@mx.example\r\nTo: x\r\nSubject: Undelivered\r\nMessage-ID: <dsn-{address}>\r\n"
    kind = "Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n"
    status = f"--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; {address}\r\n"
    tail = (
        f"Action: failed\r\nStatus: 5.1.1\r\n\r\n--B\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {mid}\r\n--B--\r\n"
    )
    return (head + kind + status + tail).encode()


def raw(running: Running, sender: str, to: str, message: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", running.smtp) as smtp:
        smtp.sendmail(sender, [to], message)


def stranger(number: str, service: str) -> EmailMessage:
    return mail(FAULT.format(service), "line down", f"who{number}@nowhere.example")


def test_manners(running: Running) -> None:
    send(running, mail(FAULT.format("DIA-118340"), "[PL-24417] down"))
    running.settled(1)
    [answer] = running.answers()
    assert "[PL-24417]" in str(answer["Subject"])
    raw(running, "", str(answer["Return-Path"]).strip("<>"), dsn(str(answer["Message-ID"]), CUSTOMER))
    running.settled(2)
    send(running, mail(NOTICE, "Planned Work Notification NW-4711", "change@nordwick.example"))
    send(running, stranger("1", "DIA-118340"), stranger("2", "DIA-118999"))
    send(running, mail("any news?", "Re: [PL-24417] down"))
    contacts = running.settled(6)
    verdicts = [c["verdict"] for c in contacts]
    assert verdicts == ["person", "bounce", "maintenance", "stranger", "stranger", "person"]
    assert contacts[1]["ticket"] == contacts[0]["ticket"] == contacts[5]["ticket"]
    assert contacts[2]["ticket"] is None
    outbox = running.rows("outbox")
    assert sorted(o["contact"] for o in outbox) == [1, 4, 5], "the address bounced: no automatic mail goes there any more"
    known, unknown = (_neutral(text_of(m)) for m in running.answers()[-2:])
    assert known == unknown
    [ticket] = [t for t in running.rows("tickets") if t["id"] == contacts[0]["ticket"]]
    assert any("was not delivered" in r for r in ticket["reasons"])


def _neutral(text: str) -> str:
    return re.sub(r"INC-\d{4}-\d+|DIA-\d+", "#", text)
