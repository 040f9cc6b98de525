"""Rule sets switched under load while two workers read: each contact by one set, the new one in force with the next."""

from __future__ import annotations

import smtplib
from pathlib import Path

from sqlmodel import select

from models.clock import utc_now
from models.rule_store import activate, find_rules, keep_rules
from models.store import Store
from models.tables import ReadingRecord
from parsers.rules import shipped_text
from tests.running import Running

NOC = "noc@halverlink.example"
SENDER = "goran@drinska-pekara.example"
_MAILS = 24


def test_no_reading_mixes_two_rule_sets(database_url: str, tmp_path: Path) -> None:
    running = Running(tmp_path, database_url, {"INTAKE_WORKERS": "2"})
    running.import_directory()
    store = Store(database_url)
    digests = [""]
    with store.write() as session:
        for n in (1, 2):
            text = shipped_text().replace('{"name": "shipped"', f'{{"name": "set {n}"')
            digests.append(keep_rules(session, f"set {n}", text, utc_now()).digest)
    running.start()
    try:
        for n in range(_MAILS):
            with smtplib.SMTP("127.0.0.1", running.smtp) as smtp:
                text = (
                    f"From: {SENDER}\r\nTo: {NOC}\r\nSubject: n{n}\r\n\r\nDIA-118220 is down since 9:0{n % 10}, number {n}.\r\n"
                )
                smtp.sendmail(SENDER, [NOC], text)
            if n % 3 == 0:
                with store.write() as session:
                    activate(session, find_rules(session, digests[1 + n % 2]), actor="lea", now=utc_now())
        running.settled(_MAILS)
        with store.write() as session:
            activate(session, find_rules(session, "1"), actor="lea", now=utc_now())
        with smtplib.SMTP("127.0.0.1", running.smtp) as smtp:
            smtp.sendmail(SENDER, [NOC], f"From: {SENDER}\r\nTo: {NOC}\r\nSubject: last\r\n\r\nDIA-118220 is slow.\r\n")
        running.settled(_MAILS + 1)
        with store.read() as session:
            readings = session.exec(select(ReadingRecord).order_by(ReadingRecord.contact_id)).all()  # type: ignore[arg-type]
    finally:
        running.stop()
        store.close()
    assert len(readings) == _MAILS + 1
    for reading in readings:
        named = {e["version"] for found in reading.data["evidence"].values() for e in found}
        assert named == {reading.rule_set}
    assert {r.rule_set for r in readings} >= {digests[1], digests[2]}
    assert readings[-1].rule_set == digests[1]
