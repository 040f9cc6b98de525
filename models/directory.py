"""What the provider knows of its customers, as one immutable value with its look-ups."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from models.matrix_file import MatrixRow

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
    activated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """An address or number that customers were given; for these customers and services, or for all."""

    kind: str
    value: str
    customers: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IdFormat:
    """One form of service IDs: letters, what parts them from the digits, how many digits."""

    prefix: str
    separator: str
    digits: int


@dataclass(frozen=True)
class Directory:
    """`formats` are forms of IDs beside those that the services show, `formats_off` prefixes that are not to be read.

    `matrices` are escalation matrices as the file gives them; the database keeps them in versions of their own."""

    customers: tuple[Customer, ...] = ()
    services: tuple[Service, ...] = ()
    version: str = field(default="", compare=False)
    matrices: tuple[MatrixRow, ...] = ()
    channels: tuple[Channel, ...] = ()
    formats: tuple[IdFormat, ...] = ()
    formats_off: frozenset[str] = frozenset()

    def prepare(self) -> None:
        """Makes now what reading looks up, so that the first mail need not wait for it."""
        for name, made in vars(Directory).items():
            # Telephone numbers are looked up where calls come in only.
            if isinstance(made, cached_property) and name != "contacts_by_number":
                getattr(self, name)

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
    def contacts_by_number(self) -> dict[str, tuple[tuple[Customer, Person], ...]]:
        """Telephone number as plain digits with a plus -> whose it may be; numbers without a country code are left out."""
        out: dict[str, list[tuple[Customer, Person]]] = {}
        for c in self.customers:
            for p in c.contacts:
                if p.phone.strip().startswith("+"):
                    out.setdefault("+" + re.sub(r"\D", "", p.phone), []).append((c, p))
        return {k: tuple(v) for k, v in out.items()}

    @cached_property
    def _sharers(self) -> dict[str, tuple[Customer, ...]]:
        """Contact addresses on file for more than one customer, such as that of a firm that runs their networks."""
        pairs: dict[str, dict[str, Customer]] = {}
        for c in self.customers:
            for p in c.contacts:
                pairs.setdefault(p.email.casefold(), {})[c.id] = c
        return {k: tuple(v.values()) for k, v in pairs.items() if len(v) > 1}

    def customers_of_address(self, email: str) -> tuple[Customer, ...]:
        """All customers that this address may write for."""
        shared = self._sharers.get(email.casefold())
        one = self.customer_of_address(email) if email and not shared else None
        return shared or ((one,) if one else ())

    def seen_by(self, customer: Customer | None) -> Directory:
        """What an answer to this customer may draw on: his own services; of the others only what their IDs look like.

        Nobody learns by writing to us which IDs exist: a known and an unknown one of the same shape read alike.
        """
        key = customer.id if customer else ""
        if key not in self._views:
            own = self.services_by_customer.get(key, ())
            self._views[key] = Directory((customer,) if customer else (), (*own, *self._shapes), f"{self.version}/{key}",
                                         formats=self.formats, formats_off=self.formats_off)  # fmt: skip
        return self._views[key]

    @cached_property
    def _views(self) -> dict[str, Directory]:
        return {}

    @cached_property
    def _shapes(self) -> tuple[Service, ...]:
        """One invented service for each shape of ID: its digits all zero."""
        shapes = dict.fromkeys(re.sub(r"\d", "0", s.id) for s in self.services)
        return tuple(Service(x, "") for x in shapes if any(c.isdigit() for c in x))

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
    out: dict[str, dict[str, Service]] = {}
    for key, service in pairs:
        out.setdefault(key, {})[service.id] = service
    return {k: list(v.values()) for k, v in out.items()}
