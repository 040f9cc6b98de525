"""The demo: an invented provider with customers, services, two users and a dozen mails to look at."""

from __future__ import annotations

import os
import secrets
import smtplib
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlmodel import select

from app.house import House
from app.sending import send_file
from app.settings import DEMO_ADDRESS, DEMO_PASSWORD, Settings, host_port, load_settings
from console.auth import create_user
from models.directory_file import load_directory
from models.directory_store import import_directory
from models.tables import CustomerRecord

log = structlog.get_logger("intake.demo")
CORPUS = Path(__file__).resolve().parent.parent / "tests" / "corpus" / "open"
SAMPLES = ("001", "004", "008", "003", "005", "012", "025", "033", "041", "007", "019", "056")


@dataclass(frozen=True, slots=True)
class Fresh:
    password: str


def demo_settings() -> Settings:
    """The settings as given, with the invented provider's where nothing is set."""
    given = load_settings()
    if given.addresses:
        return given
    return given.model_copy(update={"provider_name": "Halverlink", "mail_addresses": DEMO_ADDRESS})


def load_demo(house: House) -> Fresh | None:
    """Fills an empty database; None when there is something in it already."""
    with house.store.read() as session:
        if session.exec(select(CustomerRecord)).first() is not None:
            return None
    import_directory(house.store, load_directory(CORPUS / "directory.json"))
    password = secrets.token_urlsafe(9)
    with house.store.write() as session:
        for name in ("agent", "admin"):
            create_user(session, name, name, password)
    path = house.settings.data_dir.absolute() / DEMO_PASSWORD
    path.touch(mode=0o600)
    path.write_text(password + "\n")
    return Fresh(password)


def send_samples(settings: Settings) -> None:
    """Hands the sample mails to our own listener."""
    try:
        for name in SAMPLES:
            send_file(CORPUS / "mails" / f"{name}.eml", host_port(settings.smtp_listen), "", settings.addresses[0])
    except (OSError, smtplib.SMTPException):
        log.warning("samples_not_sent", pid=os.getpid(), exc_info=True)
