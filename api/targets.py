"""Addresses that others give us to call: https to the public internet only, and to the very host that was looked at."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx

from api.problems import wrong_field

_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Target:
    """`url` names the address that was checked; `host` is who must answer there."""

    url: str
    host: str
    netloc: str


def check_target(callback: str, *, local: bool) -> Target:
    """Raises a problem naming the callback for one that is not called. `local` lets it be on this machine (trials)."""
    parts = urlsplit(callback)
    try:
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM) if host else []
    except (OSError, ValueError, UnicodeError) as e:
        raise wrong_field("body.callback", "its host cannot be found") from e
    if parts.username or parts.password or not found:
        raise wrong_field("body.callback", "must be an address without a user in it")
    addresses = [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in found]
    here = all(a.is_loopback for a in addresses)
    if not (local and here):
        if parts.scheme != "https":
            raise wrong_field("body.callback", "must be https")
        if not all(a.is_global and not a.is_multicast for a in addresses):
            raise wrong_field("body.callback", "is not in the public internet")
    first = addresses[0]
    at = f"[{first}]:{port}" if first.version == 6 else f"{first}:{port}"
    return Target(urlunsplit((parts.scheme, at, parts.path, parts.query, "")), host, parts.netloc)


def post(callback: str, body: bytes, headers: dict[str, str], *, local: bool) -> int:
    """Posts to it and gives the status; redirects are not followed. Raises httpx.HTTPError or a problem."""
    target = check_target(callback, local=local)
    with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
        answer = client.post(
            target.url, content=body, headers={**headers, "Host": target.netloc}, extensions={"sni_hostname": target.host}
        )
    return answer.status_code
