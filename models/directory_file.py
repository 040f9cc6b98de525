"""directory.json in and out (format: docs/formats.md); a bad file names the place and changes nothing."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError, field_validator

from models.clock import iso
from models.directory import Channel, Customer, Directory, Person, Service
from models.errors import DirectoryFileError, UserError
from models.matrix_file import MatrixRow, check_overlaps


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class PersonRow(_Row):
    name: str = ""
    email: str
    phone: str = ""


class CustomerRow(_Row):
    id: str
    name: str
    domains: list[str] = []
    contacts: list[PersonRow] = []
    timezone: str = "UTC"

    @field_validator("timezone")
    @classmethod
    def known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except Exception as e:
            raise ValueError(f"unknown time zone {value!r}; use an IANA name such as Europe/Berlin") from e
        return value


class ServiceRow(_Row):
    id: str
    customer: str
    product: str = ""
    site: str = ""
    circuits: list[str] = []
    prefixes: list[str] = []
    redundant: bool = False
    activated: AwareDatetime | None = None

    @field_validator("prefixes")
    @classmethod
    def real_prefixes(cls, value: list[str]) -> list[str]:
        for p in value:
            ipaddress.ip_network(p, strict=False)
        return value


class ChannelRow(_Row):
    kind: Literal["email", "phone", "panel"]
    value: str
    customers: list[str] = []
    services: list[str] = []


class DirectoryFile(_Row):
    customers: list[CustomerRow]
    services: list[ServiceRow]
    matrices: list[MatrixRow] = []
    support_channels: list[ChannelRow] = []


def parse_directory(text: str, name: str = "directory") -> Directory:
    """Reads directory.json text. Raises DirectoryFileError naming the file and the place."""
    try:
        rows = DirectoryFile.model_validate(json.loads(text))
    except json.JSONDecodeError as e:
        raise DirectoryFileError(f"{name}:{e.lineno}: not JSON ({e.msg}); nothing was changed") from e
    except ValidationError as e:
        first = e.errors()[0]
        place = ".".join(str(x) for x in first["loc"])
        raise DirectoryFileError(f"{name}: {place}: {first['msg']}; nothing was changed") from e
    _check_references(rows, name)
    _check_matrices(rows, name)
    return Directory(
        customers=tuple(
            Customer(c.id, c.name, tuple(c.domains), tuple(Person(p.name, p.email, p.phone) for p in c.contacts), c.timezone)
            for c in rows.customers
        ),
        services=tuple(
            Service(s.id, s.customer, s.product, s.site, tuple(s.circuits), tuple(s.prefixes), s.redundant, s.activated)
            for s in rows.services
        ),
        version=hashlib.sha256(text.encode()).hexdigest()[:12],
        matrices=tuple(rows.matrices),
        channels=tuple(Channel(c.kind, c.value.lower(), tuple(c.customers), tuple(c.services)) for c in rows.support_channels),
    )


def _check_references(rows: DirectoryFile, name: str) -> None:
    known: set[str] = set()
    for kind, ids in (("customer", [c.id for c in rows.customers]), ("service", [s.id for s in rows.services])):
        seen: set[str] = set()
        for i in ids:
            if i in seen:
                raise DirectoryFileError(f"{name}: {kind} {i!r} stands twice; nothing was changed")
            seen.add(i)
        known = known or seen
    for s in rows.services:
        if s.customer not in known:
            raise DirectoryFileError(f"{name}: service {s.id!r} names customer {s.customer!r}, which the file does not have")


def _check_matrices(rows: DirectoryFile, name: str) -> None:
    try:
        check_overlaps(rows.matrices)
    except UserError as e:
        raise DirectoryFileError(f"{name}: {e}; nothing was changed") from e


def load_directory(path: Path) -> Directory:
    """Reads a directory file. Raises DirectoryFileError when it cannot be opened or used."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise DirectoryFileError(f"{path}: cannot be read ({e})") from e
    return parse_directory(text, path.name)


def dump_directory(directory: Directory) -> str:
    """The directory as JSON text that parse_directory takes."""
    customers = [
        {
            "id": c.id,
            "name": c.name,
            "domains": list(c.domains),
            "contacts": [{"name": p.name, "email": p.email, "phone": p.phone} for p in c.contacts],
            "timezone": c.timezone,
        }
        for c in directory.customers
    ]
    services = [
        {
            "id": s.id,
            "customer": s.customer,
            "product": s.product,
            "site": s.site,
            "circuits": list(s.circuits),
            "prefixes": list(s.prefixes),
            "redundant": s.redundant,
            **({"activated": iso(s.activated)} if s.activated else {}),
        }
        for s in directory.services
    ]
    whole: dict[str, Any] = {"customers": customers, "services": services}
    if directory.matrices:
        whole["matrices"] = [m.model_dump(mode="json") for m in directory.matrices]
    if directory.channels:
        whole["support_channels"] = [asdict(c) for c in directory.channels]
    return json.dumps(whole, ensure_ascii=False, indent=1)
