"""Where mail goes out: the addresses in INTAKE_SMARTHOST_URL, in order of preference."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from models.errors import SettingError

_NAME = "INTAKE_SMARTHOST_URL"
_FORM = "use smtp://HOST:PORT or smtps://HOST:PORT, with USER:PASSWORD@ if needed"


class Tls(StrEnum):
    """How a connection is made private: STARTTLS (RFC 3207), from the first byte (RFC 8314), or not at all."""

    STARTTLS = "starttls"
    AT_ONCE = "at_once"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class SmarthostUrl:
    """The parts of `smtp://user:pass@host:587` or `smtps://...`."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def parse_urls(text: str) -> tuple[SmarthostUrl, ...]:
    """The smarthosts of one setting, parted by spaces or commas, the preferred first; raises SettingError."""
    return tuple(parse_url(part) for part in re.split(r"[\s,]+", text.strip()) if part)


def parse_url(url: str) -> SmarthostUrl:
    """The parts of one address; raises SettingError, whose message never shows the password.

    Without TLS only to this machine, or where `?tls=off` says so; a password never, unless it says so.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SettingError(f"{_NAME}: the port is not a number from 1 to 65535") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/") or parts.fragment:
        raise SettingError(f"{_NAME}: {_FORM}")
    if bool(parts.username) != bool(parts.password):
        raise SettingError(f"{_NAME}: give both a user and a password, or neither")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    tls = _tls(parts.scheme, parts.query, private=_is_loopback(parts.hostname) and not user)
    usual = {Tls.AT_ONCE: 465, Tls.STARTTLS: 587 if user else 25, Tls.OFF: 25}
    return SmarthostUrl(parts.hostname, port or usual[tls], tls, user, password)


def _tls(scheme: str, query: str, *, private: bool) -> Tls:
    given = dict(parse_qsl(query, keep_blank_values=True))
    wish = given.pop("tls", None)
    if given or wish not in (None, "starttls", "off") or (wish and scheme == "smtps"):
        raise SettingError(f"{_NAME}: after the `?` stands tls=starttls or tls=off, with smtp:// only")
    if scheme == "smtps":
        return Tls.AT_ONCE
    return Tls(wish) if wish else Tls.OFF if private else Tls.STARTTLS


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
