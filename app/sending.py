"""Hands mail files to an SMTP listener."""

from __future__ import annotations

import smtplib
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path

_TIMEOUT_S = 60


def send_file(path: Path, server: tuple[str, int], sender: str, recipient: str) -> tuple[bool, str]:
    """Sends one file in a session of its own: whether it was taken, and the server's last reply."""
    raw = path.read_bytes()
    sender = sender or default_sender(raw)
    with smtplib.SMTP(*server, timeout=_TIMEOUT_S) as smtp:
        smtp.ehlo()
        code, text = smtp.mail(sender)
        if code < 400:
            code, text = smtp.rcpt(recipient)
        if code < 400:
            code, text = _data(smtp, raw)
        return code < 400, f"{code} {text.decode(errors='replace')}"


def _data(smtp: smtplib.SMTP, raw: bytes) -> tuple[int, bytes]:
    try:
        return smtp.data(raw)
    except smtplib.SMTPDataError as e:
        return e.smtp_code, e.smtp_error if isinstance(e.smtp_error, bytes) else e.smtp_error.encode()


def default_sender(raw: bytes) -> str:
    """The Return-Path, else the From address; empty for a bounce."""
    headers = BytesHeaderParser().parsebytes(raw[:65536])
    return_path = str(headers.get("Return-Path", "")).strip()
    if return_path:
        return return_path.strip("<>")
    address = parseaddr(str(headers.get("From", "")))[1]
    return address if address.isascii() and " " not in address else ""
