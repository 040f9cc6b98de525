"""The docs name what the product has: settings, checks, commands, mails."""

from __future__ import annotations

from pathlib import Path

from app.settings import Settings
from intake.imap_settings import OPTIONS, TOKEN_OPTIONS
from models.mailboxes import AlarmKind, MessageState
from models.words import MailEvent
from tickets.checks import CHECKS

ROOT = Path(__file__).resolve().parent.parent.parent
OPERATIONS = (ROOT / "docs" / "operations" / "settings.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()


def test_every_setting_is_documented() -> None:
    assert not [n for n in Settings.model_fields if f"`INTAKE_{n.upper()}`" not in OPERATIONS]


def test_every_check_and_its_verdict_is_documented() -> None:
    assert not [c.name for c in CHECKS if c.name not in ARCHITECTURE or c.verdict.value not in ARCHITECTURE]


def test_every_mail_is_documented_and_has_its_three_parts() -> None:
    for event in MailEvent:
        if event is not MailEvent.UNREADABLE:
            assert f"`{event.value}`" in ARCHITECTURE
        for part in ("subject.txt", "body.txt", "body.html"):
            assert (ROOT / "templates" / "mail" / event.value / part).is_file()


def test_every_state_and_alarm_of_mailboxes_and_every_option_is_documented() -> None:
    text = (ROOT / "docs" / "operations" / "mail.md").read_text()
    states = [s.value for s in MessageState if s is not MessageState.TRYING]
    assert not [w for w in (*states, *AlarmKind) if f"| {w} |" not in text]
    assert not [o for o in OPTIONS | TOKEN_OPTIONS if f"{o}=" not in text and o not in ("grant",)]
