"""What goes over an IMAP connection and comes back: sets of UIDs, instants, errors in words, the socket's keep-alive."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from intake.imap_tokens import TokenRefused

_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4), ("TCP_USER_TIMEOUT", 90_000))


def id_set(uids: Sequence[int]) -> str:
    """UIDs as IMAP's shortest set: 1:3,7."""
    ordered = sorted(set(uids))
    starts = [ordered[0], *(b for a, b in pairwise(ordered) if b != a + 1)]
    ends = [*(a for a, b in pairwise(ordered) if b != a + 1), ordered[-1]]
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in zip(starts, ends, strict=True))


def aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def one_line_password(password: str) -> str:
    if any(c in password for c in "\r\n\0"):
        raise TokenRefused("the password has a line break")
    return password


def in_words(error: BaseException) -> str:
    text = str(error.args[0] if error.args and not isinstance(error, OSError) else error)
    text = text.partition("unexpected response: ")[0] + "unexpected response" if "unexpected response: " in text else text
    return " ".join(text.removeprefix("b'").rstrip("'").split())[:300] or type(error).__name__


def keep_alive(sock: Any) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
