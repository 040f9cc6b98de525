"""The one place that speaks OpenID Connect (Authlib for OAuth 2.0, joserfc for the ID token)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from console.oidc_settings import OidcSettings

_TIMEOUT_S = 10.0
# Never `none` and no shared secrets: the service signs with a key of its own.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_LEEWAY_S = 60
_MAX_NAME = 100


class OidcError(Exception):
    """The sign-in service's answer cannot be used; the message is shown to the person."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who the service says it is: `subject` never changes, `groups` are the values of the claim that gives the role."""

    subject: str
    name: str
    groups: tuple[str, ...]


class OidcClient:
    """Keeps what the service says of itself, once it was asked."""

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._metadata: dict[str, Any] = {}

    def leave_for(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in."""
        with self._client() as client:
            url, _ = client.create_authorization_url(
                self._at("authorization_endpoint"), state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url)

    def person(self, code: str, verifier: str, nonce: str) -> Person:
        """Who the code stands for. Raises OidcError for any answer that does not hold."""
        try:
            with self._client() as client:
                token = client.fetch_token(
                    self._at("token_endpoint"), code=code, code_verifier=verifier, timeout=_TIMEOUT_S, allow_redirects=False
                )
            keys = httpx.get(self._at("jwks_uri"), timeout=_TIMEOUT_S)
            keys.raise_for_status()
            claims = self._claims(str(token.get("id_token") or ""), keys.json(), nonce)
        except (httpx.HTTPError, OSError, AuthlibBaseError, JoseError, ValueError, AttributeError) as e:
            raise OidcError(f"the sign-in service's answer cannot be used ({type(e).__name__})") from e
        return _person(claims, self._settings)

    def _claims(self, id_token: str, keys: Any, nonce: str) -> dict[str, Any]:
        s = self._settings
        claims: dict[str, Any] = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims
        audience = claims.get("aud")
        rules = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": s.issuer},
            aud={"essential": True, "value": s.client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        rules.validate(claims)
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != s.client_id:
            raise OidcError("the sign-in service's answer is for another application")
        return claims

    def _client(self) -> OAuth2Session:
        s = self._settings
        return OAuth2Session(
            s.client_id, s.client_secret, scope="openid profile email", redirect_uri=s.redirect_uri,
            code_challenge_method="S256",
        )  # fmt: skip

    def _at(self, name: str) -> str:
        if not self._metadata:
            self._metadata = self._discovered()
        found = str(self._metadata.get(name) or "")
        if not safe_url(found):
            raise OidcError(f"the sign-in service names no usable {name}")
        return found

    def _discovered(self) -> dict[str, Any]:
        issuer = self._settings.issuer
        try:
            answer = httpx.get(issuer.rstrip("/") + "/.well-known/openid-configuration", timeout=_TIMEOUT_S)
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as e:
            raise OidcError("the sign-in service cannot be reached") from e
        if found.get("issuer") != issuer:
            raise OidcError("the sign-in service calls itself by another name than INTAKE_OIDC_ISSUER")
        return found


def safe_url(url: str) -> bool:
    """https, or http on this machine only (for a service beside it, and for tests)."""
    parts = urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))


def _person(claims: dict[str, Any], s: OidcSettings) -> Person:
    groups = claims.get(s.claim, [])
    given = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    mail = claims.get("email") if claims.get("email_verified") else None
    name = str(claims.get("preferred_username") or mail or claims["sub"]).strip()[:_MAX_NAME]
    if not name or not name.isprintable():
        raise OidcError("the sign-in service gives no name that can be used")
    return Person(f"{claims['iss']}|{claims['sub']}", name, tuple(str(g) for g in given))
