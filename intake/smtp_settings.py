"""What the SMTP listener is told: where it listens, for whom, and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from intake.own import OwnAddresses

MIB = 1024 * 1024


@dataclass(frozen=True)
class SmtpSettings:
    """The listener's settings; sizes are in bytes, times in seconds."""

    host: str
    port: int
    own_addresses: tuple[str, ...]
    bounce_address: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    max_bytes: int = 25 * MIB
    max_connections: int = 50
    max_per_address: int = 10
    trusted: tuple[str, ...] = ("127.0.0.1", "::1")
    data_slots: int = 8
    timeout: float = 300.0
    session_cap: float = 1800.0
    data_rate: float = 500.0
    data_grace: float = 60.0
    data_dir: Path = Path(".")
    min_free_disk: int = 500_000_000
    max_backlog: int = 100_000

    @property
    def hostname(self) -> str:
        """What the greeting calls us: the domain of our first address."""
        return self.own_addresses[0].rpartition("@")[2] if self.own_addresses else "localhost"

    @cached_property
    def _own(self) -> OwnAddresses:
        return OwnAddresses(self.own_addresses, self.bounce_address)

    def mailbox_of(self, address: str) -> str | None:
        """Which of our own addresses this recipient means; None when it is not ours, or written in a relay's way."""
        return self._own.mailbox_of(address)

    def mailbox_for(self, recipients: tuple[str, ...]) -> str:
        """Under which mailbox a mail with these recipients is kept: the first of ours; the bounce address comes last."""
        return self._own.mailbox_for(recipients) or ""

    def trusts(self, host: str) -> bool:
        """Whether this address is a front of ours."""
        peer = plain_ip(host)
        return peer is not None and any(peer in ip_network(t, strict=False) for t in self.trusted)


def plain_ip(host: str) -> IPv4Address | IPv6Address | None:
    """The address, an IPv4 one in IPv6 clothes undressed."""
    try:
        peer = ip_address(host)
    except ValueError:
        return None
    return peer.ipv4_mapped or peer if isinstance(peer, IPv6Address) else peer
