"""Texts without the persons, companies, addresses and numbers in them; the same thing always gets the same new name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from models.directory import Customer, Directory, Person, Service

_MAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_DOMAIN = re.compile(
    r"\b(?:[\w-]+\.)+(?:com|net|org|de|eu|io|fr|nl|at|ch|it|es|pl|uk|ru|rs|tr|pt|be|cz|example|info|biz)\b", re.I
)
_IP4 = re.compile(r"(?<![\d.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_IP6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{0,4})*(?![\w:])", re.I)
_PHONE = re.compile(r"(?<![\w+.-])(?:\+|00)[1-9][\d ()/.-]{6,18}\d(?!\w)|(?<![\w.-])0\d[\d ()/-]{6,16}\d(?!\w)")
_URL = re.compile(r"https?://\S+")
_MIN_NAME = 3
# Legal forms and everyday words in the names of companies do not tell who it is.
_COMMON = frozenset(
    "gmbh ltd limited inc llc bv ab ag sa srl doo the and und group networks network telecom services service".split()
)


class Anonymous:
    """Replaces what the directory knows by name, and what looks like an address or a number."""

    def __init__(self, directory: Directory) -> None:
        self._made: dict[tuple[str, str], str] = {}
        self._directory = directory
        self._ids = {i: self._shaped(i) for s in directory.services for i in (s.id, *s.circuits) if any(c.isdigit() for c in i)}
        names = {n: f"Customer-{k}" for k, c in enumerate(directory.customers, 1) for n in _names(c)}
        persons = [p.name for c in directory.customers for p in c.contacts]
        names |= {w: f"Person-{k}" for k, n in enumerate(persons, 1) for w in (n, *n.split()) if len(w) >= _MIN_NAME}
        self._names = {k.casefold(): v for k, v in names.items()}
        self._known = _any_of((*self._ids, *names))

    def text(self, text: str) -> str:
        text = _URL.sub("https://site.example/", text)
        text = _MAIL.sub(lambda m: self.address(m[0]), text)
        if self._known:
            text = self._known.sub(lambda m: self._name(m[0]), text)
        text = _IP4.sub(lambda m: self._ip4(m[0]), text)
        text = _IP6.sub(lambda m: self._ip6(m[0]), text)
        text = _DOMAIN.sub(lambda m: m[0] if m[0].endswith("example") else self._domain(m[0]), text)
        return _PHONE.sub(lambda m: "+1 555 01" + self._number("phone", re.sub(r"\D", "", m[0]), 2), text)

    def address(self, address: str) -> str:
        """A mail address of nobody; addresses of one domain keep one domain."""
        local, _, domain = address.casefold().rpartition("@")
        return f"person{self._number('local', local)}@{self._domain(domain)}"

    def value(self, value: object) -> object:
        """A value of a reading, wherever there are words in it."""
        if isinstance(value, list):
            return [self.value(v) for v in value]
        return self.text(value) if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\dT", value) else value

    def directory(self, services: Iterable[str]) -> Directory:
        """The named services and their customers, without who they are."""
        wanted = [s for s in self._directory.services if s.id in set(services)]
        kept = {s.customer for s in wanted}
        customers = [c for c in self._directory.customers if c.id in kept]
        return Directory(tuple(map(self._customer, customers)), tuple(map(self._service, wanted)))

    def _customer(self, c: Customer) -> Customer:
        people = tuple(Person(self.text(p.name), self.address(p.email)) for p in c.contacts)
        return Customer(self._id_of(c.id), self.text(c.name), tuple(self._domain(d) for d in c.domains), people, c.timezone)

    def _service(self, s: Service) -> Service:
        prefixes = tuple(self.text(p) for p in s.prefixes)
        circuits = tuple(self._ids.get(c, c) for c in s.circuits)
        return Service(self._ids.get(s.id, s.id), self._id_of(s.customer), s.product, "", circuits, prefixes, s.redundant)

    def _id_of(self, customer: str) -> str:
        return f"C{self._number('customer', customer)}"

    def _name(self, found: str) -> str:
        return self._ids.get(found) or self._ids.get(found.upper()) or self._names.get(found.casefold(), "Somebody")

    def _shaped(self, identifier: str) -> str:
        """An ID of the same form with other digits."""
        count = sum(c.isdigit() for c in identifier)
        digits = iter(self._number("id " + re.sub(r"\d", "0", identifier), identifier, count))
        return "".join(next(digits) if c.isdigit() else c for c in identifier)

    def _domain(self, domain: str) -> str:
        return f"company{self._number('domain', domain.casefold())}.example"

    def _ip4(self, found: str) -> str:
        a, b, c, d = found.split(".")
        return f"10.{int(self._number('net', f'{a}.{b}')) % 256}.{c}.{d}" if max(map(int, (a, b, c, d))) < 256 else found

    def _ip6(self, found: str) -> str:
        head, _, rest = found.partition(":")
        return (
            f"2001:db8:{int(self._number('net6', head)):x}:{rest}"
            if rest.count(":") < 5
            else f"2001:db8::{self._number('six', found)}"
        )

    def _number(self, kind: str, key: str, digits: int = 0) -> str:
        """One, two, three ... in the order in which things come."""
        known = self._made.get((kind, key))
        if known is None:
            known = str(1 + sum(k == kind for k, _ in self._made))
            self._made[kind, key] = known
        return known.rjust(digits, "0")[-digits:] if digits else known


def _names(customer: Customer) -> list[str]:
    """The whole name, the name without its legal form, and the word by which a company is called."""
    words = [w for w in re.findall(r"[^\W\d_]{2,}", customer.name) if w.casefold() not in _COMMON]
    return [customer.name, *([" ".join(words)] if len(words) > 1 else []), *(w for w in words[:1] if len(w) > _MIN_NAME)]


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    ordered = sorted({w for w in words if w.strip()}, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, ordered)) + r")(?!\w)", re.I) if ordered else None
