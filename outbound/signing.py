"""DKIM signatures (RFC 6376) on our own mail, where a key is set."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from models.errors import SettingError

Sign = Callable[[bytes], bytes]
# RFC 6376 section 5.4.1, and our own marks; From and Subject once more than they stand there, so that none can be added.
_SIGNED = (
    *(b"from", b"from", b"to", b"subject", b"subject", b"date", b"message-id", b"in-reply-to", b"references"),
    *(b"reply-to", b"mime-version", b"content-type", b"auto-submitted", b"x-intake-loop"),
)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")


def signer(*, domain: str, selector: str, key_file: str) -> Sign:
    """A function that gives a mail with its DKIM-Signature in front. Raises SettingError naming what cannot be used."""
    import dkim

    for name, value in (("INTAKE_DKIM_DOMAIN", domain), ("INTAKE_DKIM_SELECTOR", selector)):
        if not _LABEL.fullmatch(value):
            raise SettingError(f"{name}: {value!r} is not a name as it stands in DNS")
    try:
        key = Path(key_file).read_bytes()
    except OSError as e:
        raise SettingError(f"INTAKE_DKIM_KEY_FILE: {key_file}: {e.strerror}") from e

    def sign(raw: bytes) -> bytes:
        header: bytes = dkim.sign(
            raw, selector.encode(), domain.encode(), key, canonicalize=(b"relaxed", b"relaxed"), include_headers=_SIGNED
        )
        return header + raw

    try:
        sign(b"From: a@b\r\n\r\n")
    except (dkim.DKIMException, ValueError) as e:
        raise SettingError(f"INTAKE_DKIM_KEY_FILE: {key_file} holds no RSA key in PEM ({e})") from e
    return sign
