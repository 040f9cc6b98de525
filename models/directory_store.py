"""The directory in the database: read as one value, imported whole or merged by ID."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from models.directory import Channel, Customer, Directory, IdFormat, Person, Service, canonical
from models.errors import DirectoryFileError
from models.store import Store
from models.tables import CustomerRecord, Meta, ServiceRecord
from models.tables_life import PolicyDocument, SupportChannel

_VERSION = "directory_version"
_PORTION = 2000


def _formats(session: Session) -> dict[str, Any]:
    """What an admin has said of the forms of IDs."""
    query = select(PolicyDocument).where(PolicyDocument.kind == "id-formats").order_by(col(PolicyDocument.version).desc())
    row = session.exec(query.limit(1)).first()
    if row is None or row.retired:
        return {}
    more = tuple(IdFormat(f["prefix"].upper(), f["separator"], f["digits"]) for f in row.body["more"])
    return {"formats": more, "formats_off": frozenset(p.upper() for p in row.body["off"])}


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    changed: int
    removed: int
    unchanged: int


def directory_version(session: Session) -> str:
    """Changes with each import, so that readers know when to load again."""
    return session.exec(select(Meta.value).where(Meta.name == _VERSION)).first() or ""


def read_directory(store: Store) -> Directory:
    """The directory as stored now."""
    with store.read() as session:
        customers = session.exec(select(CustomerRecord).order_by(col(CustomerRecord.id))).all()
        services = session.exec(select(ServiceRecord).order_by(col(ServiceRecord.id))).all()
        channels = session.exec(select(SupportChannel).order_by(col(SupportChannel.value))).all()
        version = directory_version(session)
        formats = _formats(session)
    known = tuple(Channel(c.kind, c.value, tuple(c.customers), tuple(c.services)) for c in channels)
    return Directory(tuple(map(_customer, customers)), tuple(map(_service, services)), version, channels=known, **formats)


def import_directory(store: Store, new: Directory, *, replace: bool = False, progress: Progress | None = None) -> Imported:
    """Merges by ID in one transaction; `replace` removes what the file lacks. Raises DirectoryFileError, changing nothing.

    With `progress` rows are written in transactions of a few thousand, and readers take the whole over at the end, when
    its version changes: an import that breaks off is simply done again.
    """
    old = read_directory(store)
    have = {("c", c.id): c for c in old.customers} | {("s", s.id): s for s in old.services}
    want = {("c", c.id): c for c in new.customers} | {("s", s.id): s for s in new.services}
    gone = [k for k in have if k not in want] if replace else []
    added, changed = [k for k in want if k not in have], [k for k in want if k in have and have[k] != want[k]]
    _no_strangers(new, {c.id for c in new.customers} | {c.id for c in old.customers if ("c", c.id) not in gone})
    parts = list(_parts([want[k] for k in sorted(added)], [want[k] for k in sorted(changed)]))
    total = len(added) + len(changed)
    for part in parts if progress else ():
        with store.write() as session:
            _write(session, *part)
        assert progress
        progress(len(part[0]) + len(part[1]), total)
    with store.write() as session:
        for part in () if progress else parts:
            _write(session, *part)
        services, customers = ([i for k, i in gone if k == kind] for kind in ("s", "c"))
        session.connection().execute(delete(ServiceRecord).where(col(ServiceRecord.id).in_(services)))
        session.connection().execute(delete(CustomerRecord).where(col(CustomerRecord.id).in_(customers)))
        _channels(session, new.channels, replace=replace)
        session.merge(Meta(name=_VERSION, value=secrets.token_hex(8)))
        _no_orphans(session)
    return Imported(len(added), len(changed), len(gone), len(want) - len(added) - len(changed))


Progress = Callable[[int, int], None]
"""Called with the number of rows just written and of all that will be."""
_Rows = list[Customer | Service]


def _parts(added: Sequence[Customer | Service], changed: Sequence[Customer | Service]) -> Iterator[tuple[_Rows, _Rows]]:
    """New rows and changed ones in portions; customers come before services, as their keys do."""
    for rows, new in ((added, True), (changed, False)):
        for i in range(0, len(rows), _PORTION):
            part = list(rows[i : i + _PORTION])
            yield (part, []) if new else ([], part)


def _write(session: Session, added: _Rows, changed: _Rows) -> None:
    """New rows are inserted many at once, customers first."""
    for kind in (Customer, Service):
        session.add_all([_record(row) for row in added if isinstance(row, kind)])
        session.flush()
    for row in changed:
        session.merge(_record(row))
        if isinstance(row, Customer):
            session.flush()


def _no_strangers(new: Directory, customers: set[str]) -> None:
    stranger = next((s for s in new.services if s.customer not in customers), None)
    if stranger:
        raise DirectoryFileError(f"service {stranger.id!r} names customer {stranger.customer!r}, which is not on file")


def add_service(store: Store, service: Service) -> None:
    """One more service. Raises DirectoryFileError where it, or no such customer, is on file."""
    known = read_directory(store)
    if canonical(service.id) in known.service_by_canonical:
        raise DirectoryFileError(f"service {service.id!r} is on file already")
    import_directory(store, Directory((), (service,)))


def _channels(session: Session, channels: tuple[Channel, ...], *, replace: bool) -> None:
    if replace:
        session.connection().execute(delete(SupportChannel))
    for c in channels:
        session.merge(SupportChannel(value=c.value, kind=c.kind, customers=list(c.customers), services=list(c.services)))


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
            activated=row.activated,
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
    return Service(s.id, s.customer, s.product, s.site, tuple(s.circuits), tuple(s.prefixes), s.redundant, s.activated)
