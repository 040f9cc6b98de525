"""Password hashes: Argon2id, at most two computed at once."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.errors import OwnError

MAX_AT_ONCE = 2
MAX_LENGTH = 1024
_WAIT_S = 5.0
_hasher = PasswordHasher()
_slots = threading.BoundedSemaphore(MAX_AT_ONCE)
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5bm9ib2R5bm8$2J5RvMLfHo3eqYjKCXkbD6H4k3J0CgNSvoZlqGiPTRg"


class SignInBusy(OwnError):
    """Too many sign-ins are being checked at once."""


def hash_password(password: str) -> str:
    """The Argon2id hash with its parameters and salt."""
    with _Slot():
        return _hasher.hash(password)


def verify(password: str, password_hash: str | None) -> bool:
    """True when the password fits; with None it takes as long as for a user and is False."""
    with _Slot():
        try:
            fits = _hasher.verify(password_hash or _NOBODY, password[:MAX_LENGTH])
        except (VerificationError, InvalidHashError):
            return False
    return fits and password_hash is not None and len(password) <= MAX_LENGTH


class _Slot:
    """One of the few places for a hash; whoever waits too long is sent away, so that other pages stay quick."""

    def __enter__(self) -> None:
        if not _slots.acquire(timeout=_WAIT_S):
            raise SignInBusy("too many sign-ins at once; try again in a minute")

    def __exit__(self, *_: object) -> None:
        _slots.release()
