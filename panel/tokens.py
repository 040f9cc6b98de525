"""Sign-in tokens of the provider's own control panel: JWT with HMAC, short-lived, for us only, used once (docs/formats.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from models.errors import SettingError, UserError

LONGEST = timedelta(minutes=5)
SKEW = timedelta(seconds=60)
MIN_KEY_BYTES = 32


class TokenRefused(UserError):
    """The token cannot be used to sign in."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """Whom the control panel vouches for, and the service whose page he comes from."""

    address: str
    customer: str
    service: str
    jti: str
    until: datetime


def parse_keys(text: str) -> dict[str, bytes]:
    """`name:secret, name:secret`: the keys by their names; all of them count, so that one can be changed without a gap.

    Raises SettingError naming the key that cannot be used.
    """
    keys: dict[str, bytes] = {}
    for part in (p.strip() for p in text.split(",") if p.strip()):
        name, _, secret = part.partition(":")
        if not name or len(secret.encode()) < MIN_KEY_BYTES:
            raise SettingError(
                f"INTAKE_PANEL_TOKEN_KEYS: key {name!r} is not name:secret with a secret of {MIN_KEY_BYTES} bytes or more"
            )
        if name in keys:
            raise SettingError(f"INTAKE_PANEL_TOKEN_KEYS: two keys are named {name!r}")
        keys[name] = secret.encode()
    return keys


def read_token(text: str, keys: Mapping[str, bytes], *, audience: str, now: datetime) -> Entrance:
    """What a token says. Raises TokenRefused with the reason, in words for the control panel's own developers."""
    if not keys:
        raise TokenRefused("no key is set for sign-in by token")
    ring = KeySet([OctKey.import_key(secret, {"kid": name, "alg": "HS256"}) for name, secret in keys.items()])
    try:
        token = jwt.decode(text[:4096], ring, algorithms=["HS256"])
    except (JoseError, ValueError) as e:
        raise TokenRefused("the signature is not right") from e
    claims = token.claims
    until, made = _instant(claims, "exp"), _instant(claims, "iat")
    if claims.get("aud") != audience:
        raise TokenRefused(f"it is for another audience; aud must be {audience}")
    if until <= now - SKEW:
        raise TokenRefused("it has expired")
    if made > now + SKEW or until - made > LONGEST:
        raise TokenRefused("iat lies in the future, or exp more than 5 minutes after it")
    return Entrance(
        address=_text(claims, "sub").lower(),
        customer=_text(claims, "customer"),
        service=str(claims.get("service", "")),
        jti=_text(claims, "jti"),
        until=until + SKEW,
    )


def _instant(claims: Mapping[str, object], name: str) -> datetime:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e11:
        raise TokenRefused(f"{name} is missing or is no time in seconds")
    return datetime.fromtimestamp(value, UTC)


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 320:
        raise TokenRefused(f"{name} is missing")
    return value
