"""`intake serve` over a real mailbox: from the mailbox to the answer, and SIGKILL between commit and MOVE."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.dovecot import PASSWORD, Dovecot, dovecot_missing
from tests.flows.test_kill import fault
from tests.proxy import Proxy
from tests.running import Running


@pytest.fixture
def dovecot(tmp_path: Path) -> Iterator[Dovecot]:
    if why := dovecot_missing():
        pytest.skip(why)
    server = Dovecot(tmp_path)
    server.start()
    yield server
    server.stop()


def _running(tmp_path: Path, urls: str) -> Running:
    running = Running(tmp_path, f"sqlite:///{tmp_path}/intake.db", {"INTAKE_IMAP_URLS": urls, "INTAKE_WORKERS": "1"})
    running.import_directory()
    return running


def _mailbox(running: Running) -> dict[str, object]:
    lines = running.command("mailboxes", "list", "--json").stdout.splitlines()
    return json.loads(lines[0]) if lines else {}


def test_a_mail_in_the_mailbox_is_answered_and_one_too_large_is_a_ticket_with_that_reason(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    running = _running(tmp_path, dovecot.url("max_mb=0.1&secret_expires=2020-01-01"))
    large = bytes(fault(2)) + b"x" * 200_000
    dovecot.deliver([bytes(fault(1)), large], sender="noc@savaport.example")
    running.start()
    contacts = running.settled(2)
    assert [c["verdict"] for c in contacts] == ["person", "unreadable"]
    assert contacts[0]["envelope"] == {"from": "noc@savaport.example", "to": "noc@halverlink.example"}
    reasons = {t["id"]: t["reasons"] for t in running.rows("tickets")}
    assert any("too large" in r for r in reasons[contacts[1]["ticket"]])
    assert len(running.answers()) == 2
    running.until(lambda: _mailbox(running).get("on_server") == 0)
    box = _mailbox(running)
    assert box["balanced"] is True
    assert box["messages"] == {"processed": 1, "too_large": 1}
    ready = httpx.get(f"http://127.0.0.1:{running.http}/readyz").json()
    assert ready["checks"]["mailboxes"]["ok"], ready
    told = running.command("doctor").stdout
    assert f"ok  mailbox {box['name']}: signed in, 0 messages on the server now" in told
    assert PASSWORD not in told + running.log()
    dovecot.set_password("another")
    dovecot.stop()  # it comes again with that password
    dovecot.start(signed_in=False)
    running.until(lambda: httpx.get(f"http://127.0.0.1:{running.http}/readyz").status_code == 503)
    detail = httpx.get(f"http://127.0.0.1:{running.http}/readyz").json()["checks"]["mailboxes"]["detail"]
    assert str(box["name"]) in detail
    assert "refuses the sign-in" in detail
    assert "mailbox_dead" in running.log()
    running.stop()


def test_a_kill_between_commit_and_move_loses_and_doubles_nothing(tmp_path: Path, dovecot: Dovecot) -> None:
    between = Proxy(dovecot.imap)
    between.hang_at = b" MOVE "
    running = _running(tmp_path, f"imap://support:{PASSWORD}@127.0.0.1:{between.port}/INBOX?tls=none")
    dovecot.fill([bytes(fault(n)) for n in range(10)])
    running.start()
    running.until(between.hung.is_set)
    assert dovecot.count("INBOX") == 10
    running.kill()
    between.hang_at = b""
    running.start()
    contacts = running.settled(10)
    assert len(contacts) == 10
    assert all(c["repeats"] == 0 for c in contacts)
    running.until(lambda: dovecot.count("Processed") == 10)
    running.until(lambda: _mailbox(running).get("messages") == {"processed": 10})
    assert len({t["id"] for t in running.rows("tickets")}) == 10
    assert len(running.rows("outbox")) == 10
    running.stop()
    between.close()
