"""A desk for the tests of manners, and those who write to it again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models.mail import Report
from models.reading import Reading, Zone
from models.tables import Outbox
from models.words import Intent, ZoneKind
from tests.unit.tickets.makers import reading
from tests.unit.tickets.test_filing import ANSWERS, Desk
from tickets.filing import Filed

WRITTEN = {"service_ids": (), "start_time": None, "impact": None, "description": "", "intent": Intent.UPDATE}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    d = Desk(tmp_path)
    yield d
    d.store.close()


def rows(desk: Desk) -> list[Outbox]:
    with desk.store.read() as session:
        return list(session.exec(select(Outbox).order_by("id")))


def words(text: str, **given: Any) -> Reading:
    return reading(**(WRITTEN | {"text": text, "zones": (Zone(ZoneKind.PROSE, 0, len(text)),)} | given))


Peer = Callable[[Desk, Outbox, int], Filed]


def quoting(desk: Desk, mail: Outbox, n: int) -> Filed:
    return desk.file(words("Thank you, we look into it."), from_address=mail.to_address, in_reply_to=mail.message_id)


def new_subject(desk: Desk, mail: Outbox, n: int) -> Filed:
    return desk.file(words(f"We have opened number {n} for you."), from_address=mail.to_address, subject=f"Our case number {n}")


def marked(name: str, value: str) -> Peer:
    return lambda desk, mail, n: desk.file(
        words("Away."), from_address=mail.to_address, in_reply_to=mail.message_id, headers=((name, value),)
    )


def bounce(desk: Desk, mail: Outbox, n: int) -> Filed:
    return desk.file(
        words("Failed."), envelope_from="", from_address="mailer-daemon@x.example", envelope_to=(mail.envelope_from,),
        null_sender=True, report=Report("failed", mail.to_address, "5.1.1", "unknown", (mail.message_id,)),
    )  # fmt: skip


def came_back(desk: Desk, mail: Outbox, n: int) -> Filed:
    mark = ANSWERS.tokens.loop_mark(mail.message_id)
    return desk.file(words("Our own."), from_address=mail.to_address, headers=(("x-intake-loop", mark),))


def spoofed(desk: Desk, mail: Outbox, n: int) -> Filed:
    return desk.file(words("Our own address."), from_address="noc@desk.example")


PEERS: dict[str, Peer] = {
    "quotes our reference, unmarked": quoting,
    "ticket system, unmarked, new subject each time": new_subject,
    "ticket system, marked": marked("auto-submitted", "auto-generated"),
    "vacation": marked("precedence", "bulk"),
    "list": marked("list-id", "<x.example>"),
    "bounce": bounce,
    "our own mail comes back": came_back,
    "our own address as sender": spoofed,
}
