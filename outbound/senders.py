"""The ways out: a folder of .eml files, and what every sender promises."""

from __future__ import annotations

import hashlib
import os
import re
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Protocol

from models.errors import DeliveryDeferred
from outbound.headers import safe_address


class Sender(Protocol):
    """Hands one mail on; returns once the next hop has taken responsibility for it.

    Raises DeliveryDeferred if it should be tried again, DeliveryRefused if that is of no use, and
    AddressError for an envelope address that is not one address.
    """

    def send(self, envelope_from: str, to: str, raw: bytes) -> None: ...


class FolderSender:
    """Writes each mail as `<time>-<ticket>-<event>.eml` into a folder, for an installation without a smarthost.

    The time is that of the mail's Date header and carries six digits of its digest, so the same mail sent again
    takes the place of the first and two mails of one second never do.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, envelope_from: str, to: str, raw: bytes) -> None:
        envelope = f"Return-Path: <{safe_address(envelope_from)}>\r\nX-Envelope-To: {safe_address(to)}\r\n"
        target = self.path / _file_name(raw)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            _write(target, envelope.encode() + raw)
        except OSError as e:
            raise DeliveryDeferred(f"{self.path}: {e.strerror or e}") from e


def _write(target: Path, content: bytes) -> None:
    """Durable and whole or not there at all: flushed to disk under another name, then renamed."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _file_name(raw: bytes) -> str:
    headers = BytesHeaderParser(policy=compat32).parsebytes(raw)
    label = re.sub(r"[^A-Za-z0-9]+", "-", str(headers.get("X-Intake-Mail", ""))).strip("-")
    stamp = f"{_date(headers):%Y%m%dT%H%M%S}.{hashlib.sha256(raw).hexdigest()[:6]}Z"
    return f"{stamp}-{label or 'mail'}.eml"


def _date(headers: Message) -> datetime:
    try:
        return parsedate_to_datetime(str(headers.get("Date", ""))).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
