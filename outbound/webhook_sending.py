"""One POST to an endpoint: to public addresses only unless a setting says otherwise, no redirects, one answer within 10 s."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import httpcore

from models.errors import UserError

TIMEOUT_S = 10.0
MAX_ANSWER = 2_000
MAX_URL = 2_000


class UrlRefused(UserError):
    """An endpoint's address cannot be used."""


class NotPublic(UserError):
    """The host has an address that webhooks may not go to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said; `status` is 0 where it said nothing, `words` tell why."""

    status: int
    words: str
    retry_after_s: int = 0

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Allowed:
    """Hosts and networks that webhooks may go to although they are private, over http too."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    def host(self, host: str) -> bool:
        try:
            return host.lower() in self.hosts or self.address(ipaddress.ip_address(host))
        except ValueError:
            return False

    def address(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        return any(address.version == n.version and address in n for n in self.networks)


def parse_allowed(text: str) -> Allowed:
    """`host, 10.0.0.0/8, ::1`."""
    hosts, networks = set(), []
    for part in (p.strip().lower() for p in text.split(",") if p.strip()):
        try:
            networks.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            hosts.add(part)
    return Allowed(frozenset(hosts), tuple(networks))


def check_url(url: str, allowed: Allowed) -> None:
    """What can be said of an address without asking anybody. Raises UrlRefused with what would be right."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as e:
        raise UrlRefused(f"{url!r} is no address: {e}") from e
    host = parts.hostname or ""
    if len(url) > MAX_URL or not url.isprintable() or " " in url or not host or parts.fragment:
        raise UrlRefused(f"{url[:100]!r} is no address of the form https://HOST/PATH")
    if parts.username or parts.password:
        raise UrlRefused("an address may not hold a name and password; use the key of the endpoint, or the signature")
    known = allowed.host(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and known):
        raise UrlRefused("the address must begin with https:// (http only for hosts of INTAKE_WEBHOOK_ALLOW)")
    if port is not None and port not in (443, 8443) and not known:
        raise UrlRefused(f"port {port} is not open to webhooks; use 443 or 8443, or name the host in INTAKE_WEBHOOK_ALLOW")
    try:
        if not known:
            _must_be_public(host, ipaddress.ip_address(host))
    except NotPublic as e:
        raise UrlRefused(str(e)) from e
    except ValueError:
        return


class _Guarded(httpcore.SyncBackend):
    """Looks the host up once, checks each of its addresses, and connects to what was checked: no second look-up to fool."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as e:
            raise httpcore.ConnectError(f"the host {host} cannot be looked up") from e
        addresses = [ipaddress.ip_address(str(f[4][0]).partition("%")[0]) for f in found]
        for address in addresses:
            if not self._allowed.host(host) and not self._allowed.address(address):
                _must_be_public(host, address)
        return super().connect_tcp(str(addresses[0]), port, timeout, local_address, socket_options)


@dataclass(frozen=True)
class HookSender:
    """Sends bodies. `ca_file` is a certificate authority to trust beside the system's."""

    allowed: Allowed
    timeout_s: float = TIMEOUT_S
    ca_file: str = ""

    def post(self, url: str, headers: Mapping[str, str], body: str) -> Answer:
        """One try; whatever goes wrong is an answer with status 0."""
        try:
            check_url(url, self.allowed)
            return self._post(url, headers, body)
        except UserError as e:
            return Answer(0, str(e))
        except httpcore.TimeoutException:
            return Answer(0, f"no answer within {self.timeout_s:g} s")
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as e:
            return Answer(0, f"{type(e).__name__}: {e}"[:300])

    def _post(self, url: str, headers: Mapping[str, str], body: str) -> Answer:
        t = self.timeout_s
        limits = {"connect": t, "read": t, "write": t, "pool": t}
        sent = {"content-type": "application/json", "user-agent": "intake-webhooks", **headers}
        with (
            httpcore.ConnectionPool(ssl_context=self._trust, network_backend=_Guarded(self.allowed)) as pool,
            pool.stream("POST", url, headers=list(sent.items()), content=body.encode(), extensions={"timeout": limits}) as got,
        ):
            words = b""
            for part in got.iter_stream():
                words += part
                if len(words) >= MAX_ANSWER:
                    break
            after = next((v for n, v in got.headers if n.lower() == b"retry-after"), b"")
        text = " ".join(words[:MAX_ANSWER].decode("utf-8", "replace").split())[:300]
        if 300 <= got.status < 400:
            text = "redirects are not followed; enter the address that it leads to"
        return Answer(got.status, text, int(after) if after.isdigit() and len(after) < 7 else 0)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.ca_file:
            context.load_verify_locations(self.ca_file)
        return context


def _must_be_public(host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    if not inner.is_global or inner.is_multicast or not address.is_global:
        raise NotPublic(f"{host} has the address {address}, which is not public; INTAKE_WEBHOOK_ALLOW can allow it")
