"""The documents of the policy in the console: versions, what a new one begins with, who changed it meanwhile."""

from __future__ import annotations

import re
from typing import Any

from sqlmodel import Session, col, select

from console.policy_shape import LEVEL, PERSON, Laid
from models.errors import StaleError, UserError
from models.matrix_file import default_ages
from models.tables_life import PolicyDocument
from tickets.policy import KINDS, Policy, load_policy

# Kinds of which there may be several, each by its name.
NAMED: tuple[str, ...] = ("calendar", "targets", "matrix")
_SHOWN = 50
_UNNAMED = re.compile(r"levels\.\d+\.(?:persons\.\d+\.)?(title|name)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")


def versions(session: Session, kind: str, name: str) -> list[PolicyDocument]:
    """The newest first."""
    query = select(PolicyDocument).where(PolicyDocument.kind == kind, PolicyDocument.name == name)
    return list(session.exec(query.order_by(col(PolicyDocument.version).desc()).limit(_SHOWN)))


def newest(session: Session, kind: str, name: str) -> PolicyDocument | None:
    return next(iter(versions(session, kind, name)), None)


def version_of(session: Session, kind: str, name: str, version: str) -> dict[str, Any]:
    """The body of an earlier version. Raises UserError."""
    found = next((v for v in versions(session, kind, name) if str(v.version) == version), None)
    if found is None:
        raise UserError(f"there is no version {version[:20]!r} of it")
    return found.body


def check_seen(session: Session, kind: str, name: str, seen: str | None) -> None:
    """Raises StaleError where another version is in force than the form was filled from; `None` asks for no such check."""
    last = newest(session, kind, name)
    if seen is not None and last is not None and str(last.version) != seen:
        raise StaleError(
            f"{last.author} put version {last.version} in force after you opened this page. What you typed stands below; "
            "look at what it would change of that version before you put it in force."
        )


def usable_name(name: str) -> str:
    """A name for a new document. Raises UserError."""
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise UserError(
            "a name has letters, digits, blanks, dots, hyphens and underscores, at most 60, a letter or digit first"
        )
    return name


def begun(policy: Policy, kind: str, name: str) -> dict[str, Any]:
    """What a document without a version is: what stands by default, or what a new one begins with."""
    if kind in ("id-formats", "mail-text", "voice-text"):
        return KINDS[kind].model_construct().model_dump(mode="json", warnings=False)
    if kind == "targets":
        found = next((t for t in policy.targets if t.name == name), None)
        return (found or policy.targets[-1]).model_dump(mode="json") | ({} if found else _for_nobody(name))
    if kind == "calendar":
        known = policy.calendars.get(name) or policy.calendars["default"]
        return known.row.model_dump(mode="json") | {"name": name}
    if kind == "matrix":
        ages = {p.value: age for p, age in default_ages(1).items()}
        level = {**LEVEL, "title": "Shift lead", "persons": [PERSON], "after": ages}
        first = not any(m.row.default for m in policy.matrices)
        return _for_nobody(name) | {"default": first, "by_age": True, "calendar": "default", "levels": [level]}
    whole: dict[str, Any] = getattr(policy, kind).model_dump(mode="json")
    return whole


def stands(policy: Policy, kind: str, name: str) -> bool:
    """Whether something of this name counts now, by a version or as it comes."""
    names = {
        "calendar": set(policy.calendars),
        "targets": {t.name for t in policy.targets},
        "matrix": {m.row.name for m in policy.matrices},
    }
    return name in names.get(kind, {name})


def body_in_force(session: Session, kind: str, name: str) -> dict[str, Any]:
    """The newest version, else what it begins with."""
    row = newest(session, kind, name)
    return row.body if row else begun(load_policy(session), kind, name)


def unnamed(form: Laid) -> dict[str, str]:
    """What is to be named and is not, by field: the customer is handed the title of each level and the persons' names."""
    found = {path: _UNNAMED.fullmatch(path) for path, value in form.values.items() if not value.strip()}
    words = {"title": "give the level a title, such as Shift lead", "name": "give the person's name"}
    return {path: words[match[1]] for path, match in found.items() if match}


def _for_nobody(name: str) -> dict[str, Any]:
    return {"name": name, "default": False, "customers": [], "services": []}
