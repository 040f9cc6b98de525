"""The directory in the database: read as one value, imported whole or merged by ID."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import delete
from sqlmodel import Session, col, select

from models.directory import Customer, Directory, Person, Service
from models.errors import DirectoryFileError
from models.store import Store
from models.tables import CustomerRecord, Meta, ServiceRecord

_VERSION = "directory_version"


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    changed: int
    removed: int
    unchanged: int


def directory_version(session: Session) -> str:
    """Changes with each import, so that readers know when to load again."""
    row = session.get(Meta, _VERSION)
    return row.value if row else ""


def read_directory(store: Store) -> Directory:
    """The directory as stored now."""
    with store.read() as session:
        customers = session.exec(select(CustomerRecord).order_by(col(CustomerRecord.id))).all()
        services = session.exec(select(ServiceRecord).order_by(col(ServiceRecord.id))).all()
        version = directory_version(session)
    return Directory(tuple(map(_customer, customers)), tuple(map(_service, services)), version)


def import_directory(store: Store, new: Directory, *, replace: bool = False) -> Imported:
    """Merges by ID in one transaction; `replace` removes what the file lacks. Raises DirectoryFileError, changing nothing."""
    old = read_directory(store)
    have = {("c", c.id): c for c in old.customers} | {("s", s.id): s for s in old.services}
    want = {("c", c.id): c for c in new.customers} | {("s", s.id): s for s in new.services}
    gone = [k for k in have if k not in want] if replace else []
    added, changed = [k for k in want if k not in have], [k for k in want if k in have and have[k] != want[k]]
    with store.write() as session:
        session.connection().execute(delete(ServiceRecord).where(col(ServiceRecord.id).in_([i for k, i in gone if k == "s"])))
        session.connection().execute(delete(CustomerRecord).where(col(CustomerRecord.id).in_([i for k, i in gone if k == "c"])))
        for row in (want[k] for k in sorted([*added, *changed])):
            session.merge(_record(row))
            if isinstance(row, Customer):
                session.flush()
        session.merge(Meta(name=_VERSION, value=secrets.token_hex(8)))
        _no_orphans(session)
    return Imported(len(added), len(changed), len(gone), len(want) - len(added) - len(changed))


def _no_orphans(session: Session) -> None:
    session.flush()
    orphan = session.exec(select(ServiceRecord).where(col(ServiceRecord.customer).not_in(select(CustomerRecord.id)))).first()
    if orphan:
        raise DirectoryFileError(f"service {orphan.id!r} names customer {orphan.customer!r}, which is not on file")


def _record(row: Customer | Service) -> CustomerRecord | ServiceRecord:
    if isinstance(row, Service):
        return ServiceRecord(
            id=row.id,
            customer=row.customer,
            product=row.product,
            site=row.site,
            redundant=row.redundant,
            circuits=list(row.circuits),
            prefixes=list(row.prefixes),
        )
    people = [{"name": p.name, "email": p.email, "phone": p.phone} for p in row.contacts]
    return CustomerRecord(id=row.id, name=row.name, timezone=row.timezone, domains=list(row.domains), contacts=people)


def _customer(c: CustomerRecord) -> Customer:
    return Customer(
        c.id, c.name, tuple(c.domains), tuple(Person(p["name"], p["email"], p["phone"]) for p in c.contacts), c.timezone
    )


def _service(s: ServiceRecord) -> Service:
    return Service(s.id, s.customer, s.product, s.site, tuple(s.circuits), tuple(s.prefixes), s.redundant)
