"""Calls of our own making to our own line: where its webhooks are served, and with what they are signed."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from app.phone import account_sid, voice_tokens
from app.settings import Settings, host_port, reached_at
from ivr.walk import Poster, Sender, Walk, signed_poster

_TIMEOUT_S = 20.0


class _Once:
    """A connection for each post: a caller at a keyboard takes his time."""

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str]) -> httpx.Response:
        return httpx.post(url, data=dict(data), headers=dict(headers), timeout=_TIMEOUT_S, trust_env=False)


def own_poster(s: Settings, client: Sender | None = None) -> Poster:
    """Posts to the webhooks where this machine serves them; they are signed for the public URL, as the carrier's are."""
    base, here = s.public_url.rstrip("/"), served_at(s)
    return signed_poster(client or _Once(), voice_tokens(s)[0], lambda url: here + url.removeprefix(base))


def served_at(s: Settings) -> str:
    """The address at which the web server of this machine answers."""
    host, port = host_port(s.http_listen)
    host = reached_at(host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def own_call(s: Settings, *, number: str = "", client: Sender | None = None, sid: str = "") -> Walk:
    """A call from this number; an empty one is withheld."""
    return Walk(
        own_poster(s, client), public_url=s.public_url, account=account_sid(s), number=number, called=s.phone_number, sid=sid
    )
