"""The labelled set: what people have said is true of contacts, how often readings were right, its end and its export."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session, col, func, select

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.rule_sets import EDITORS
from console.site import Site
from models.anonymous import Anonymous
from models.clock import iso
from models.directory_file import dump_directory
from models.directory_store import read_directory
from models.errors import UserError
from models.label_stats import label_stats
from models.label_store import LABELS, drop_label, label_from, newest_labels, put_label
from models.replay_store import newest_silent
from models.tables import ReadingRecord
from models.tables_rules import LabelledValue
from models.tables_users import Audit
from models.words import Role, ZoneKind
from tickets.policy import load_policy, save

_TEXT = Annotated[str, Form()]
_PAGE = 50
_LABELLERS = frozenset({Role.AGENT, Role.LEAD, Role.ADMIN})
_ADMINS = frozenset({Role.ADMIN})
_LEFT_OUT = frozenset({ZoneKind.SUBJECT.value, ZoneKind.SIGNATURE.value, ZoneKind.QUOTED.value, ZoneKind.DISCLAIMER.value})


def add_rule_labels(app: FastAPI, site: Site) -> None:
    user, labeller = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(_LABELLERS))
    editor, admin = Depends(site.guard.may(EDITORS)), Depends(site.guard.may(_ADMINS))

    @app.get("/rules/labels", response_class=HTMLResponse)
    def labels(request: Request, who: SignedIn = user) -> Response:
        return _page(site, request, who, {}, {})

    @app.post("/rules/labels", response_class=HTMLResponse)
    def label_put(
        request: Request,
        who: SignedIn = labeller,
        csrf: _TEXT = "",
        do: _TEXT = "put",
        contact: _TEXT = "",
        field: _TEXT = "",
        value: _TEXT = "",
    ) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        given = {"contact": contact, "field": field, "value": value}
        with site.store.write() as session:
            number = int(contact) if contact.isdigit() and len(contact) < 18 else 0
            if do == "drop":
                drop_label(session, number, field)
                return RedirectResponse("/rules/labels", status_code=303)
            if session.get(ReadingRecord, number) is None:
                return _page(site, request, who, {"contact": "there is no contact of this number that was read"}, given, 422)
            try:
                put_label(session, number, field, label_from(field, value), actor=who.name, now=site.clock())
            except UserError as e:
                return _page(site, request, who, {"value": str(e)}, given, 422)
        return RedirectResponse("/rules/labels", status_code=303)

    @app.post("/rules/labels/keep", response_class=HTMLResponse)
    def labels_kept(request: Request, who: SignedIn = admin, csrf: _TEXT = "", keep_days: _TEXT = "") -> Response:
        """For how long labels are kept."""
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        try:
            with site.store.write() as session:
                save(session, "labels", "default", {"keep_days": keep_days.strip()}, author=who.name, now=site.clock())
        except UserError:
            wrong = {"keep_days": "a number of days between 0 (for good) and 36500"}
            return _page(site, request, who, wrong, {"keep_days": keep_days}, 422)
        return RedirectResponse("/rules/labels", status_code=303)

    @app.post("/rules/labels/export")
    def labels_export(request: Request, who: SignedIn = editor, csrf: _TEXT = "") -> Response:
        """The labelled set as a corpus without persons, companies, addresses and numbers."""
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        with site.store.write() as session:
            data = anonymous_corpus(site, session)
            session.add(Audit(at=site.clock(), actor=who.name, action="labels-exported", detail={"bytes": len(data)}))
        name = 'attachment; filename="labelled.zip"'
        return Response(data, media_type="application/zip", headers={"Content-Disposition": name})


def _page(
    site: Site, request: Request, who: SignedIn, wrong: dict[str, str], given: dict[str, str], status: int = 200
) -> Response:
    with site.store.read() as session:
        context = {
            **{"who": who, "stats": label_stats(session), "rows": newest_labels(session, _PAGE), "wrong": wrong},
            **{"count": session.exec(select(func.count(col(LabelledValue.field)))).one(), "silent": newest_silent(session)},
            **{"may_label": who.role in _LABELLERS, "may_edit": who.role in EDITORS, "may_keep": who.role in _ADMINS},
            **{"labels": LABELS, "keep": given.get("keep_days", str(load_policy(session).labels.keep_days))},
            "given": {"contact": "", "field": "impact", "value": ""} | given,
        }
    return site.pages.TemplateResponse(request, "rule_labels.html", context, status_code=status)


def anonymous_corpus(site: Site, session: Session) -> bytes:
    """A zip as docs/formats.md has it: mails made of the words that were read, what is true of them, and their services."""
    hide = Anonymous(read_directory(site.store))
    rows = session.exec(select(LabelledValue).order_by(col(LabelledValue.contact_id), col(LabelledValue.field)))
    gold: dict[int, dict[str, Any]] = {}
    services: set[str] = set()
    for row in rows:
        gold.setdefault(row.contact_id, {})[row.field] = hide.value(row.value)
        services |= set(row.value) if row.field == "service_ids" and row.value else set()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        lines = []
        for contact, true in gold.items():
            reading = session.get(ReadingRecord, contact)
            if reading is None:
                continue
            services |= set(reading.data.get("service_ids") or ())
            at = reading.data.get("received_at") or iso(reading.created_at)
            archive.writestr(f"mails/{contact}.eml", _mail(site, session, hide, reading, at))
            lines.append(json.dumps({"id": str(contact), "received_at": at, **true}, ensure_ascii=False))
        archive.writestr("gold.jsonl", "\n".join(lines) + "\n")
        archive.writestr("directory.json", dump_directory(hide.directory(services)))
    return out.getvalue()


def _mail(site: Site, session: Session, hide: Anonymous, reading: ReadingRecord, at: str) -> bytes:
    from models.tables import Contact

    contact = session.get(Contact, reading.contact_id)
    text = str(reading.data.get("text", ""))
    kept = [(k, a, b) for k, a, b in reading.zones if k not in _LEFT_OUT] or [("prose", 0, len(text))]
    body = "\n".join(text[a:b].strip("\n") for _, a, b in kept)
    message = EmailMessage(policy=SMTP)
    message["From"] = hide.address(contact.from_address if contact and contact.from_address else "nobody@nowhere")
    message["To"] = "support@provider.example"
    message["Subject"] = " ".join(hide.text(contact.subject if contact else "").split())
    message["Date"] = format_datetime(datetime.fromisoformat(at))
    message.set_content(hide.text(body))
    return message.as_bytes()
