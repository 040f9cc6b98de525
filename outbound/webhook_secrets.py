"""Secrets of webhooks: made for Standard Webhooks, stored encrypted, and the signature that they make."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from models.errors import UserError

PREFIX = "whsec_"


class SecretLost(UserError):
    """A stored secret cannot be read: INTAKE_SECRET_KEY is another one than when it was stored."""


@dataclass(frozen=True, slots=True)
class Box:
    """Encrypts and reads what is stored, with a key derived from the installation's own (AES-256-GCM, RFC 7516)."""

    key: bytes

    def seal(self, text: str) -> str:
        return jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, text.encode(), self._key()) if text else ""

    def open(self, sealed: str) -> str:
        """Raises SecretLost where it was sealed with another key."""
        if not sealed:
            return ""
        try:
            plain = jwe.decrypt_compact(sealed, self._key()).plaintext
        except (JoseError, ValueError) as e:
            raise SecretLost(
                "the secret cannot be read: INTAKE_SECRET_KEY is another one than when it was stored; make a new secret"
            ) from e
        return (plain or b"").decode()

    def _key(self) -> OctKey:
        return OctKey.import_key(hashlib.sha256(b"webhook secrets:" + self.key).digest())


def new_secret() -> str:
    """A fresh secret of 256 bits in the form of Standard Webhooks."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(known: Sequence[str], message_id: str, at: datetime, body: str) -> dict[str, str]:
    """The three headers of Standard Webhooks; more than one secret while one is being changed."""
    stamp = str(int(at.timestamp()))
    content = f"{message_id}.{stamp}.{body}".encode()
    marks = [_mark(secret, content) for secret in known]
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": " ".join(marks)}


def _mark(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
