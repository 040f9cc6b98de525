"""One mailbox that is fetched by IMAP, as its URL in INTAKE_IMAP_URLS describes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from intake.imap_tokens import Secret, TokenSettings, token_settings
from models.errors import SettingError

T = TypeVar("T")
SETTING = "INTAKE_IMAP_URLS"
MIB = 1024 * 1024
_BAD_IN_NAMES = frozenset('"\\\x7f') | {chr(n) for n in range(32)}
_PORTS = {"imaps": 993, "imap": 143}
TOKEN_OPTIONS = frozenset(
    {"provider", "grant", "tenant", "client_id", "client_secret_file", "refresh_token_file", "key_file", "token_url", "scope"}
)


class Encryption(StrEnum):
    """`tls` from the first byte (imaps), `starttls`, or `none` on loopback."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True)
class Mailbox:
    """What is fetched, from where, as whom, and what becomes of a message there once it is stored."""

    name: str
    host: str
    port: int
    user: str
    folder: str
    encryption: Encryption
    ca_file: Path | None = None
    password: Secret | None = None
    token: TokenSettings | None = None
    secret_expires: date | None = None
    move_to: str = "Processed"
    keyword: str = ""
    too_large_folder: str = "TooLarge"
    address: str = ""
    max_bytes: int = 25 * MIB
    since: datetime | None = None
    poll_s: float = 60.0


def parse_mailboxes(text: str) -> tuple[Mailbox, ...]:
    """The mailboxes of INTAKE_IMAP_URLS. Raises SettingError that names the mailbox (never its password) and the fault."""
    boxes = tuple(_parse(url) for url in text.split())
    names = [b.name for b in boxes]
    for name in names:
        if names.count(name) > 1:
            raise SettingError(f"{SETTING}: {name} is named twice")
    return boxes


def _parse(url: str) -> Mailbox:
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    name = f"{user}@{parts.hostname or ''}{_shown_port(parts)}/{folder}"
    try:
        if parts.scheme not in _PORTS or not user or not parts.hostname:
            raise ValueError("is not imaps://USER@HOST/FOLDER")
        options = _options(parts)
        _known(options)
        for what in (user, folder, options.get("processed", ""), options.get("too_large", "")):
            if _BAD_IN_NAMES & set(what):
                raise ValueError(f"{what!r} has a character that no user or folder may have")
        move_to, keyword = _processed(options.get("processed", "move:Processed"))
        return Mailbox(
            name=name,
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            user=user,
            folder=folder,
            encryption=_encryption(parts.scheme, options.get("tls", ""), parts.hostname),
            ca_file=Path(options["ca_file"]) if "ca_file" in options else None,
            password=_password(options, password),
            token=_token(options, user),
            secret_expires=_read(options, "secret_expires", date.fromisoformat, None),
            move_to=move_to,
            keyword=keyword,
            too_large_folder=options.get("too_large", "TooLarge"),
            address=options.get("address", "").lower(),
            max_bytes=_read(options, "max_mb", lambda v: int(float(v) * MIB), 25 * MIB),
            since=_read(options, "since", lambda v: datetime.combine(date.fromisoformat(v), datetime.min.time(), UTC), None),
            poll_s=_read(options, "poll", float, 60.0),
        )
    except ValueError as e:
        raise SettingError(f"{SETTING}: {name}: {e}") from e


def _shown_port(parts: SplitResult) -> str:
    try:
        return f":{parts.port}" if parts.port and parts.port not in _PORTS.values() else ""
    except ValueError as e:
        raise SettingError(f"{SETTING}: {parts.hostname}: {e}") from e


def _options(parts: SplitResult) -> dict[str, str]:
    found = parse_qsl(parts.query, keep_blank_values=True)
    for name, _ in found:
        if [n for n, _ in found].count(name) > 1:
            raise ValueError(f"option {name} is given twice")
    return dict(found)


OPTIONS = frozenset(
    "auth password_file tls ca_file processed too_large address max_mb since poll secret_expires".split()
)  # those of every mailbox; TOKEN_OPTIONS come with auth=xoauth2


def _known(options: dict[str, str]) -> None:
    if options.get("auth", "password") not in ("password", "xoauth2"):
        raise ValueError("auth is password or xoauth2")
    allowed = OPTIONS | (TOKEN_OPTIONS if options.get("auth") == "xoauth2" else frozenset())
    for name in options:
        if name not in allowed:
            raise ValueError(f"there is no option {name} here; there are {', '.join(sorted(allowed))}")


def _read(options: dict[str, str], name: str, read: Callable[[str], T], default: T) -> T:
    if name not in options:
        return default
    try:
        return read(options[name])
    except ValueError as e:
        raise ValueError(f"{name}={options[name]}: {e}") from e


def _processed(text: str) -> tuple[str, str]:
    """(folder, keyword), one of them empty."""
    kind, _, target = text.partition(":")
    if kind == "move" and target:
        return target, ""
    if kind == "keyword" and target and target.isascii() and not set(' (){}%*"\\]') & set(target):
        return "", target
    raise ValueError(f"processed={text} is not move:FOLDER or keyword:NAME")


def _encryption(scheme: str, tls: str, host: str) -> Encryption:
    if scheme == "imaps":
        if tls not in ("", "tls"):
            raise ValueError("imaps is TLS from the first byte; tls=starttls belongs to imap://")
        return Encryption.TLS
    if tls in ("", "starttls"):
        return Encryption.STARTTLS
    if tls == "none" and _is_loopback(host):
        return Encryption.NONE
    raise ValueError("tls is starttls, or none on loopback")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _password(options: dict[str, str], inline: str) -> Secret | None:
    if options.get("auth") == "xoauth2":
        return None
    if "password_file" in options:
        return Secret(path=Path(options["password_file"]))
    if not inline:
        raise ValueError("has no password: give password_file=FILE, or USER:PASSWORD@HOST")
    return Secret(text=inline)


def _token(options: dict[str, str], user: str) -> TokenSettings | None:
    return token_settings(options, user) if options.get("auth") == "xoauth2" else None
