"""The rules of a ticket's life as they are in force: read from versioned documents, changed only by a new version."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlmodel import Session, col, func, select

from models.calendar_file import CalendarRow
from models.directory import Directory
from models.errors import UserError
from models.matrix_file import MatrixRow, MatrixVersion, check_overlaps
from models.policy_file import CareRow, PriorityRow, TargetsRow
from models.tables import Meta
from models.tables_life import PolicyDocument
from models.tables_users import Audit
from models.tuning_file import IdFormatsRow, LabelsRow, LimitsRow, MailTextRow, PhoneRow, PromptRow
from tickets.calendars import Calendar

_T = TypeVar("_T")
_VERSION = "life_policy_version"
KINDS: Mapping[str, type[BaseModel]] = {
    "calendar": CalendarRow,
    "care": CareRow,
    "id-formats": IdFormatsRow,
    "labels": LabelsRow,
    "limits": LimitsRow,
    "mail-text": MailTextRow,
    "matrix": MatrixRow,
    "phone": PhoneRow,
    "priority": PriorityRow,
    "targets": TargetsRow,
    "voice-text": PromptRow,
}
_OFFICE = {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}


@dataclass(frozen=True)
class Policy:
    """All that is in force; `version` changes with each change."""

    version: str = ""
    priority: PriorityRow = field(default_factory=PriorityRow)
    care: CareRow = field(default_factory=CareRow)
    labels: LabelsRow = field(default_factory=LabelsRow)
    limits: LimitsRow = field(default_factory=LimitsRow)
    phone: PhoneRow = field(default_factory=PhoneRow)
    mail_texts: Mapping[str, MailTextRow] = field(default_factory=dict)
    prompts: Mapping[str, PromptRow] = field(default_factory=dict)
    targets: tuple[TargetsRow, ...] = (TargetsRow(),)
    matrices: tuple[MatrixVersion, ...] = ()
    calendars: Mapping[str, Calendar] = field(
        default_factory=lambda: {"default": Calendar(CalendarRow(name="default", hours=_OFFICE))}
    )

    def calendar(self, name: str) -> Calendar:
        return self.calendars[name]

    def calendar_of(self, customer_id: str | None) -> Calendar:
        """The working hours that count for this customer: his country's, else the contact centre's."""
        return self.calendars[self.care.customer_calendars.get(customer_id or "", self.care.calendar)]

    def matrix_for(self, customer_id: str | None, services: Iterable[str]) -> MatrixVersion | None:
        """The matrix of the first service that has one, else the customer's, else the default."""
        return _chosen(self.matrices, lambda m: m.row, customer_id, services)

    def targets_for(self, customer_id: str | None, services: Iterable[str]) -> TargetsRow:
        return _chosen(self.targets, lambda t: t, customer_id, services) or TargetsRow(response={}, repair={})


def _chosen(
    rows: Iterable[_T], scope: Callable[[_T], MatrixRow | TargetsRow], customer_id: str | None, services: Iterable[str]
) -> _T | None:
    rows = tuple(rows)
    for service in services:
        if found := next((r for r in rows if service in scope(r).services), None):
            return found
    by_customer = next((r for r in rows if customer_id and customer_id in scope(r).customers), None)
    return by_customer or next((r for r in rows if scope(r).default), None)


_held: dict[str, Policy] = {"": Policy()}


def load_policy(session: Session) -> Policy:
    """What is in force now; read again only when another version stands in the database.

    A transaction asks once: what came in force meanwhile is for the next one.
    """
    known: Policy | None = session.info.get(_VERSION)
    if known is None:
        known = session.info[_VERSION] = _in_force(session)
    return known


def _in_force(session: Session) -> Policy:
    row = session.get(Meta, _VERSION)
    version = row.value if row else ""
    found = _held.get(version)
    if found is None:
        found = _read(session, version)
        # One version is in force at a time; the one before may still be asked for by a transaction under way.
        for old in list(_held)[1:-1]:
            _held.pop(old, None)
        _held[version] = found
    return found


def current(session: Session, kind: str) -> list[PolicyDocument]:
    """The documents of a kind in their newest version, retired ones left out."""
    newest = (
        select(PolicyDocument.name, func.max(PolicyDocument.version).label("version"))
        .where(PolicyDocument.kind == kind)
        .group_by(col(PolicyDocument.name))
        .subquery()
    )
    rows = session.exec(
        select(PolicyDocument)
        .join(newest, (newest.c.name == PolicyDocument.name) & (newest.c.version == PolicyDocument.version))
        .where(PolicyDocument.kind == kind)
        .order_by(col(PolicyDocument.name))
    ).all()
    return [r for r in rows if not r.retired]


def save(session: Session, kind: str, name: str, body: Mapping[str, Any], *, author: str, now: datetime) -> PolicyDocument:
    """A new version of a document, in force with the commit; an unchanged one is given back as it is.

    Raises UserError naming what is wrong; nothing was changed then.
    """
    row = _checked(kind, name, body)
    kept = row.model_dump(mode="json")
    newest = _newest(session, kind, name)
    if newest and not newest.retired and newest.body == kept:
        return newest
    version = newest.version + 1 if newest else 1
    made = PolicyDocument(kind=kind, name=name, version=version, body=kept, author=author, created_at=now)
    _add(session, made, now)
    return made


def retire(session: Session, kind: str, name: str, *, author: str, now: datetime) -> None:
    """Takes a document out of force; its versions stay. Raises UserError where there is none, or where it is still used."""
    newest = _newest(session, kind, name)
    if newest is None or newest.retired:
        raise UserError(f"there is no {kind} {name!r}")
    gone = PolicyDocument(
        kind=kind, name=name, version=newest.version + 1, body=newest.body, retired=True, author=author, created_at=now
    )
    _add(session, gone, now)


def save_matrices(session: Session, rows: Iterable[MatrixRow], directory: Directory, *, author: str, now: datetime) -> int:
    """Matrices of a directory file, all or none; gives how many are new or changed. Raises UserError by name."""
    rows, before = list(rows), {m.row.name: m.version for m in load_policy(session).matrices}
    check_against(Policy(matrices=tuple(MatrixVersion(r, 0) for r in rows)), directory)
    made = [save(session, "matrix", r.name, r.model_dump(mode="json"), author=author, now=now) for r in rows]
    return sum(before.get(d.name) != d.version for d in made)


def check_against(policy: Policy, directory: Directory) -> None:
    """Matrices and targets name only what is on file. Raises UserError naming matrix and ID."""
    rows: list[MatrixRow | TargetsRow] = [*(m.row for m in policy.matrices), *policy.targets]
    for row in rows:
        for kind, ids, known in (
            ("service", row.services, directory.service_by_id),
            ("customer", row.customers, directory.customer_by_id),
        ):
            if unknown := next((i for i in ids if i not in known), None):
                raise UserError(f"{row.name!r} names {kind} {unknown!r}, which is not on file")


def _add(session: Session, document: PolicyDocument, now: datetime) -> None:
    session.add(document)
    session.flush()
    _read(session, "")
    session.merge(Meta(name=_VERSION, value=secrets.token_hex(8)))
    if document.kind == "id-formats":
        session.merge(Meta(name="directory_version", value=secrets.token_hex(8)))
    session.info.pop(_VERSION, None)
    detail = {"kind": document.kind, "name": document.name, "version": document.version, "retired": document.retired}
    session.add(Audit(at=now, actor=document.author, action="policy-changed", detail=detail))
    session.flush()


def proposed(session: Session, kind: str, name: str, body: Mapping[str, Any], *, now: datetime) -> Policy:
    """The policy as it would be with this document; nothing is kept. Raises UserError as `save` does."""
    with session.begin_nested() as savepoint:
        save(session, kind, name, body, author="preview", now=now)
        made = _read(session, "preview")
        savepoint.rollback()
    return made


def _checked(kind: str, name: str, body: Mapping[str, Any]) -> BaseModel:
    if kind not in KINDS:
        raise UserError(f"{kind!r} is none of {', '.join(KINDS)}")
    model = KINDS[kind]
    given = dict(body) | ({"name": name} if "name" in model.model_fields else {})
    try:
        return model.model_validate(given)
    except ValidationError as e:
        raise DocumentError(f"{kind} {name!r}: " + first_error(e), places_of(e)) from e


class DocumentError(UserError):
    """A document is wrong in itself; `places` says what is wrong where, by dotted path."""

    def __init__(self, message: str, places: Mapping[str, str]) -> None:
        super().__init__(message)
        self.places = places


def places_of(e: ValidationError) -> dict[str, str]:
    return {".".join(str(x) for x in x["loc"]): x["msg"].removeprefix("Value error, ") for x in e.errors()}


def first_error(e: ValidationError) -> str:
    """The first mistake in words, with its place."""
    first = e.errors()[0]
    place = ".".join(str(x) for x in first["loc"])
    return f"{place + ': ' if place else ''}{first['msg'].removeprefix('Value error, ')}"


def _newest(session: Session, kind: str, name: str) -> PolicyDocument | None:
    return session.exec(
        select(PolicyDocument)
        .where(PolicyDocument.kind == kind, PolicyDocument.name == name)
        .order_by(col(PolicyDocument.version).desc())
        .limit(1)
    ).first()


def _read(session: Session, version: str) -> Policy:
    """All documents as one value. Raises UserError where they do not fit together."""
    default = _held[""]
    calendars = {d.name: Calendar(CalendarRow.model_validate(d.body)) for d in current(session, "calendar")}
    targets = tuple(TargetsRow.model_validate(d.body) for d in current(session, "targets"))
    matrices = tuple(MatrixVersion(MatrixRow.model_validate(d.body), d.version) for d in current(session, "matrix"))
    made = Policy(
        version=version,
        priority=next((PriorityRow.model_validate(d.body) for d in current(session, "priority")), default.priority),
        care=next((CareRow.model_validate(d.body) for d in current(session, "care")), default.care),
        labels=next((LabelsRow.model_validate(d.body) for d in current(session, "labels")), default.labels),
        limits=next((LimitsRow.model_validate(d.body) for d in current(session, "limits")), default.limits),
        phone=next((PhoneRow.model_validate(d.body) for d in current(session, "phone")), default.phone),
        mail_texts={d.name: MailTextRow.model_validate(d.body) for d in current(session, "mail-text")},
        prompts={d.name: PromptRow.model_validate(d.body) for d in current(session, "voice-text")},
        targets=targets if any(t.default for t in targets) else (*targets, *default.targets),
        matrices=matrices,
        calendars={**default.calendars, **calendars},
    )
    _fits(made)
    return made


def _fits(policy: Policy) -> None:
    check_overlaps(m.row for m in policy.matrices)
    uses = [(f"matrix {m.row.name!r}", m.row.calendar) for m in policy.matrices]
    uses += [(f"targets {t.name!r}", t.calendar) for t in policy.targets]
    uses += [("care", c) for c in (policy.care.calendar, *policy.care.customer_calendars.values())]
    for who, name in uses:
        if name not in policy.calendars:
            raise UserError(f"{who} counts by calendar {name!r}, which there is not")
