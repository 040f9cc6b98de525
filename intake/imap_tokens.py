"""Access tokens for XOAUTH2: from a client secret, a refresh token or a service account, renewed before they expire.

Sources: RFC 6749 (4.4 client credentials, 6 refresh), RFC 7523 (2.1 JWT bearer), and the mail sign-in pages of
Microsoft (IMAP.AccessAsApp, IMAP.AccessAsUser.All) and Google (https://mail.google.com/).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from models.clock import Clock
from models.errors import OwnError

# A token is renewed so long before its end: a session that begins now shall not lose it at once.
EARLY = timedelta(minutes=5)
_TIMEOUT_S = 20.0
_ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class TokenRefused(OwnError):
    """The token server refuses our credentials; trying again soon would not help."""


class TokenUnavailable(OwnError):
    """No token could be had now."""


@dataclass(frozen=True)
class Secret:
    """A secret given as text or as a file, which is read anew each time: a changed one is used without a restart."""

    text: str = ""
    path: Path | None = None

    def read(self) -> str:
        """Raises TokenRefused naming the file (never its content) where it cannot be read."""
        if self.path is None:
            return self.text
        try:
            text = self.path.read_text().strip()
        except (OSError, UnicodeDecodeError) as e:
            raise TokenRefused(f"{self.path} cannot be read: {getattr(e, 'strerror', None) or 'not text'}") from e
        if not text:
            raise TokenRefused(f"{self.path} is empty")
        return text

    def __repr__(self) -> str:
        return f"Secret({self.path or '***'})"


@dataclass(frozen=True)
class TokenSettings:
    """Where a token comes from and by which grant."""

    grant: str
    url: str
    user: str
    scope: str
    client_id: str = ""
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    key: Secret | None = None


@dataclass(frozen=True)
class _Provider:
    url: str
    scopes: dict[str, str]


PROVIDERS: dict[str, _Provider] = {
    "microsoft": _Provider(
        "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        {
            "client_credentials": "https://outlook.office365.com/.default",
            "refresh_token": "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
        },
    ),
    "google": _Provider(
        "https://oauth2.googleapis.com/token",
        {"refresh_token": "", "service_account": "https://mail.google.com/"},
    ),
}
# What each grant must be given.
_NEEDS: dict[str, tuple[str, ...]] = {
    "client_credentials": ("client_id", "client_secret_file"),
    "refresh_token": ("client_id", "refresh_token_file"),
    "service_account": ("key_file",),
}


def token_settings(options: dict[str, str], user: str) -> TokenSettings:
    """From the options of a mailbox URL. Raises ValueError saying what is missing or wrong."""
    provider = PROVIDERS.get(options.get("provider", ""))
    if provider is None:
        raise ValueError(f"auth=xoauth2 needs provider={' or '.join(PROVIDERS)}")
    grant = options.get("grant", "") or _grant(options)
    if grant not in provider.scopes:
        raise ValueError(f"grant={grant}: {options['provider']} has {', '.join(provider.scopes)}")
    needed = _NEEDS[grant] + (("tenant",) if "{tenant}" in provider.url and "token_url" not in options else ())
    for name in needed:
        if not options.get(name):
            raise ValueError(f"grant {grant} needs {name}=")
    url = options.get("token_url") or provider.url.format(tenant=options.get("tenant", ""))
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("token_url must be https")
    secrets = {
        n: Secret(path=Path(options[n])) for n in ("client_secret_file", "refresh_token_file", "key_file") if n in options
    }
    return TokenSettings(
        grant=grant,
        url=url,
        user=user,
        scope=options.get("scope", provider.scopes[grant]),
        client_id=options.get("client_id", ""),
        client_secret=secrets.get("client_secret_file"),
        refresh_token=secrets.get("refresh_token_file"),
        key=secrets.get("key_file"),
    )


def _grant(options: dict[str, str]) -> str:
    if "refresh_token_file" in options:
        return "refresh_token"
    return "service_account" if "key_file" in options else "client_credentials"


class Tokens:
    """The current access token of one mailbox."""

    def __init__(self, settings: TokenSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = Lock()
        self._token = ""
        self._renew_at = clock()

    @property
    def is_ending(self) -> bool:
        """Whether the token should be renewed by now."""
        return self._clock() >= self._renew_at

    def get(self) -> str:
        """A token that lasts for some minutes at least. Raises TokenRefused or TokenUnavailable."""
        with self._lock:
            if not self._token or self.is_ending:
                self._renew()
            return self._token

    def drop(self) -> None:
        """Forgets the token: the mail server would not have it."""
        self._token = ""

    def _renew(self) -> None:
        try:
            answer = httpx.post(self._settings.url, data=self._form(), timeout=_TIMEOUT_S, follow_redirects=False)
            body: Any = answer.json()
        except (httpx.HTTPError, ValueError) as e:
            raise TokenUnavailable(f"no answer from {urlsplit(self._settings.url).hostname}: {type(e).__name__}") from e
        if not isinstance(body, dict) or answer.status_code >= 500 or answer.status_code == 429:
            raise TokenUnavailable(f"{urlsplit(self._settings.url).hostname} answers {answer.status_code}")
        token = body.get("access_token")
        if answer.status_code != 200 or not isinstance(token, str) or not token:
            words = str(body.get("error_description") or body.get("error") or answer.status_code)
            raise TokenRefused(f"{urlsplit(self._settings.url).hostname} refuses: {words.splitlines()[0][:300]}")
        self._token = token
        lasts = _lifetime(body.get("expires_in"))
        self._renew_at = self._clock() + lasts - min(EARLY, lasts / 2)
        self._keep(body.get("refresh_token"))

    def _form(self) -> dict[str, str]:
        s = self._settings
        form = {"grant_type": _ASSERTION if s.grant == "service_account" else s.grant}
        if s.grant == "service_account":
            return form | {"assertion": self._assertion()}
        form["client_id"] = s.client_id
        if s.scope:
            form["scope"] = s.scope
        if s.client_secret is not None:
            form["client_secret"] = s.client_secret.read()
        if s.refresh_token is not None and s.grant == "refresh_token":
            form["refresh_token"] = s.refresh_token.read()
        return form

    def _assertion(self) -> str:
        """Signed by the service account for the mailbox's user (domain-wide delegation)."""
        s = self._settings
        assert s.key is not None
        now = int(self._clock().timestamp())
        try:
            key = json.loads(s.key.read())
            claims = {"iss": key["client_email"], "sub": s.user, "scope": s.scope, "aud": s.url, "iat": now, "exp": now + 3600}
            header = {"alg": "RS256", "kid": str(key.get("private_key_id", ""))}
            return jwt.encode(header, claims, RSAKey.import_key(key["private_key"]))
        except (ValueError, KeyError, TypeError, JoseError) as e:
            raise TokenRefused(f"{s.key.path} is no key of a service account") from e

    def _keep(self, renewed: object) -> None:
        """Some servers give a new refresh token with each answer; the file then holds the new one, or stays whole."""
        secret = self._settings.refresh_token
        if not isinstance(renewed, str) or not renewed or secret is None or secret.path is None:
            return
        if renewed == secret.read():
            return
        new = secret.path.with_name(f".{secret.path.name}.{os.getpid()}")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
                out.write(renewed + "\n")
                out.flush()
                os.fsync(out.fileno())
            new.replace(secret.path)
        except OSError:
            new.unlink(missing_ok=True)  # a read-only file: the old token goes on being used while the server takes it


def _lifetime(seconds: object) -> timedelta:
    try:
        return timedelta(seconds=max(0, min(int(str(seconds)), 86_400)))
    except ValueError:
        return timedelta(minutes=10)


def fingerprint(*secrets: Secret | None) -> str:
    """Changes when a secret does; so that a corrected one is tried at once."""
    digest = sha256()
    for secret in secrets:
        try:
            digest.update(secret.read().encode() if secret else b"")
        except TokenRefused:
            digest.update(b"?")
        digest.update(b"\0")
    return digest.hexdigest()
