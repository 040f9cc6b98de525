"""The audit log: who did what, when, from where; with filters, as a file, and a check of its chain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session, col, select

from console.auth import SignedIn
from console.site import Site
from models.audit_log import verify
from models.clock import iso
from models.tables_users import Audit
from models.words import Role

READERS: frozenset[Role] = frozenset({Role.AUDITOR, Role.ADMIN})
_PAGE = 100
_EXPORT = 100_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for; empty fields match all. Days are UTC."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    ip: str = ""
    since: str = ""
    until: str = ""

    def wrong(self) -> str:
        bad = [d for d in (self.since, self.until) if d and _day(d) is None]
        return f"{bad[0]!r} is no day; write 2026-05-29" if bad else ""

    def query(self, **more: str) -> str:
        return urlencode({k: v for k, v in {**asdict(self), **more}.items() if v})


def add_audit(app: FastAPI, site: Site) -> None:
    reader = Depends(site.guard.may(READERS))

    @app.get("/audit", response_class=HTMLResponse)
    def audit_page(
        request: Request,
        who: SignedIn = reader,
        actor: str = "",
        action: str = "",
        subject: str = "",
        ip: str = "",
        since: str = "",
        until: str = "",
        before: int | None = None,
        check: bool = False,
    ) -> Response:
        wanted = Filters(actor.strip(), action.strip(), subject.strip(), ip.strip(), since.strip(), until.strip())
        with site.store.read() as session:
            rows = [] if wanted.wrong() else _rows(session, wanted, before, _PAGE + 1)
            actions = session.exec(select(Audit.action).distinct().order_by(col(Audit.action))).all()
            chain = verify(session) if check else None
        more = wanted.query(before=str(rows[_PAGE - 1].seq)) if len(rows) > _PAGE else ""
        context = {
            "who": who, "rows": rows[:_PAGE], "f": wanted, "more": more, "actions": actions, "wrong": wanted.wrong(),
            "chain": chain, "query": wanted.query(),
        }  # fmt: skip
        return site.pages.TemplateResponse(request, "audit.html", context, status_code=422 if wanted.wrong() else 200)

    @app.get("/audit/export")
    def audit_export(
        who: SignedIn = reader,
        actor: str = "",
        action: str = "",
        subject: str = "",
        ip: str = "",
        since: str = "",
        until: str = "",
    ) -> Response:
        wanted = Filters(actor.strip(), action.strip(), subject.strip(), ip.strip(), since.strip(), until.strip())
        with site.store.read() as session:
            text = "".join(_lines(_rows(session, wanted, None, _EXPORT)))
        name = 'attachment; filename="audit.jsonl"'
        return Response(text, media_type="application/jsonl", headers={"Content-Disposition": name})


def _rows(session: Session, f: Filters, before: int | None, limit: int) -> list[Audit]:
    rows = select(Audit).order_by(col(Audit.seq).desc()).limit(limit)
    for column, value in ((Audit.actor, f.actor), (Audit.action, f.action), (Audit.ip, f.ip)):
        if value:
            rows = rows.where(col(column) == value)
    if f.subject:
        rows = rows.where(col(Audit.subject).startswith(f.subject, autoescape=True))
    if day := _day(f.since):
        rows = rows.where(col(Audit.at) >= day)
    if day := _day(f.until):
        rows = rows.where(col(Audit.at) < day + timedelta(days=1))
    if before is not None:
        rows = rows.where(col(Audit.seq) < before)
    return list(session.exec(rows).all())


def _lines(rows: list[Audit]) -> Iterator[str]:
    for r in rows:
        line = r.model_dump(exclude={"id", "at"}) | {"at": iso(r.at)}
        yield json.dumps(line, ensure_ascii=False, sort_keys=True, default=str) + "\n"


def _day(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) if text else None
    except ValueError:
        return None
