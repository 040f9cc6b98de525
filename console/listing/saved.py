"""Saved views: filters and order of a list under a name, one's own or shared with everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import or_
from sqlmodel import Session, col, select

from console.auth import SignedIn
from console.listing.query import parse
from console.listing.spec import ListSpec, View
from models.errors import NotFoundError, RefusedError, UserError
from models.store import Store
from models.tables_lists import SavedView
from models.words import Role

_MOST_CHARS = 60
_MOST_VIEWS = 50
# Who may take a shared view of somebody else away.
TIDIERS = frozenset({Role.LEAD, Role.ADMIN})
# An auditor keeps views for himself and changes nothing for others.
SHARERS = frozenset({Role.AGENT, Role.LEAD, Role.ADMIN})


def views_of(session: Session, spec: ListSpec[Any], who: SignedIn) -> list[View]:
    """The list's own views, then the user's, then what others share."""
    rows = session.exec(
        select(SavedView)
        .where(SavedView.listing == spec.name, or_(col(SavedView.owner) == who.name, col(SavedView.shared).is_(True)))
        .order_by(col(SavedView.name), col(SavedView.id))
        .limit(2 * _MOST_VIEWS)
    ).all()
    saved = [View(r.name, r.query, r.id or 0, r.owner == who.name, r.shared) for r in rows]
    return [*spec.views, *(v for v in saved if v.own), *(v for v in saved if not v.own)]


def may_remove(view: View, who: SignedIn) -> bool:
    return bool(view.id) and (view.own or who.role in TIDIERS)


def save_view(store: Store, spec: ListSpec[Any], who: SignedIn, *, name: str, asked: str, shared: bool, now: datetime) -> None:
    """Keeps a view; a user's same name means the same view. Raises UserError that says what is wrong with the name."""
    name = " ".join(name.split())
    if not name:
        raise UserError("Give the view a name.")
    if len(name) > _MOST_CHARS:
        raise UserError(f"The name is {len(name)} characters long; {_MOST_CHARS} are the most.")
    if name.casefold() in {v.name.casefold() for v in spec.views}:
        raise UserError(f"{name!r} is a view of the list itself; choose another name.")
    if shared and who.role not in SHARERS:
        raise UserError("Your role keeps views for itself only; clear the box.")
    query = parse(spec, dict(parse_qsl(asked))).address()
    with store.write() as session:
        mine = session.exec(select(SavedView).where(SavedView.owner == who.name, SavedView.listing == spec.name)).all()
        row = next((v for v in mine if v.name == name), None)
        if row is None and len(mine) >= _MOST_VIEWS:
            raise UserError(f"You have {_MOST_VIEWS} views of this list; remove one first.")
        row = row or SavedView(owner=who.name, listing=spec.name, name=name, query="", created_at=now)
        row.query, row.shared = query, shared
        session.add(row)


def remove_view(store: Store, view_id: int, who: SignedIn) -> str:
    """Takes a view away; gives the name of its list. Raises NotFoundError, or RefusedError for another's."""
    with store.write() as session:
        row = session.get(SavedView, view_id)
        if row is None or (row.owner != who.name and not row.shared):
            raise NotFoundError("There is no such view.")
        if not may_remove(View(row.name, row.query, view_id, row.owner == who.name, row.shared), who):
            raise RefusedError("This view is another user's; only its owner or a lead can remove it.")
        session.delete(row)
        return row.listing
