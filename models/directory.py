"""What the provider knows of its customers, as one immutable value with its look-ups."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
_NOT_ALNUM = re.compile(r"[\W_]+")


def canonical(identifier: str) -> str:
    """The form in which two spellings of one ID are equal: letters and digits only, upper case."""
    return _NOT_ALNUM.sub("", identifier).upper()


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    domains: tuple[str, ...] = ()
    contacts: tuple[Person, ...] = ()
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Service:
    id: str
    customer: str
    product: str = ""
    site: str = ""
    circuits: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    redundant: bool = False


@dataclass(frozen=True)
class Directory:
    customers: tuple[Customer, ...] = ()
    services: tuple[Service, ...] = ()
    version: str = field(default="", compare=False)

    @cached_property
    def customer_by_id(self) -> dict[str, Customer]:
        return {c.id: c for c in self.customers}

    @cached_property
    def service_by_id(self) -> dict[str, Service]:
        return {s.id: s for s in self.services}

    @cached_property
    def service_by_canonical(self) -> dict[str, Service]:
        return {canonical(s.id): s for s in self.services}

    @cached_property
    def services_by_customer(self) -> dict[str, tuple[Service, ...]]:
        return {k: tuple(v) for k, v in _group((s.customer, s) for s in self.services).items()}

    @cached_property
    def services_by_circuit(self) -> dict[str, tuple[Service, ...]]:
        """Canonical circuit ID -> the services that run over it."""
        pairs = ((canonical(c), s) for s in self.services for c in s.circuits)
        return {k: tuple(v) for k, v in _group(pairs).items()}

    @cached_property
    def circuit_spelling(self) -> dict[str, str]:
        """Canonical circuit ID -> the ID as the directory writes it."""
        return {canonical(c): c for s in self.services for c in s.circuits}

    @cached_property
    def services_by_digits(self) -> dict[str, tuple[Service, ...]]:
        """The digits of a service ID -> the services that have them."""
        pairs = ((re.sub(r"\D", "", s.id), s) for s in self.services)
        return {k: tuple(v) for k, v in _group(p for p in pairs if p[0]).items()}

    @cached_property
    def networks(self) -> dict[int, dict[int, dict[int, tuple[str, ...]]]]:
        """IP version -> prefix length -> network address as a number -> service IDs."""
        out: dict[int, dict[int, dict[int, tuple[str, ...]]]] = {4: {}, 6: {}}
        for s in self.services:
            for p in s.prefixes:
                n = ipaddress.ip_network(p, strict=False)
                row = out[n.version].setdefault(n.prefixlen, {})
                key = int(n.network_address)
                row[key] = (*row.get(key, ()), s.id)
        return out

    def services_of_address(self, text: str) -> tuple[str, ...]:
        """Service IDs of the most specific prefix on file that holds this address or prefix."""
        try:
            n = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return ()
        address, bits = int(n.network_address), n.max_prefixlen
        table = self.networks[n.version]
        for length in sorted((x for x in table if x <= n.prefixlen), reverse=True):
            hit = table[length].get((address >> (bits - length)) << (bits - length))
            if hit:
                return hit
        return ()

    @cached_property
    def _by_email(self) -> dict[str, Customer]:
        return {p.email.casefold(): c for c in self.customers for p in c.contacts}

    @cached_property
    def _by_domain(self) -> dict[str, Customer]:
        return {d.casefold(): c for c in self.customers for d in c.domains}

    def customer_of_address(self, email: str) -> Customer | None:
        """Whose mail address this is: a contact's, or one in a domain of the customer (or below it)."""
        email = email.casefold()
        if email in self._by_email:
            return self._by_email[email]
        domain = email.rpartition("@")[2]
        while "." in domain:
            if domain in self._by_domain:
                return self._by_domain[domain]
            domain = domain.partition(".")[2]
        return None


def _group(pairs: Iterable[tuple[str, Service]]) -> dict[str, list[Service]]:
    out: dict[str, list[Service]] = {}
    for key, service in pairs:
        row = out.setdefault(key, [])
        if service not in row:
            row.append(service)
    return out
