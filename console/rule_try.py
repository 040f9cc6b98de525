"""Try a text, a mail or a stored contact: the reading by the active set beside that by another one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, Response

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.highlight import pieces
from console.rule_sets import EDITORS, Shown, shown
from console.site import Site
from models.directory_store import read_directory
from models.label_store import StoredMail, newest_mails, stored_mail
from models.rule_store import list_drafts, list_rules

if TYPE_CHECKING:
    from models.directory import Directory
    from models.reading import Reading

_TEXT = Annotated[str, Form()]
_MOST = 2_000_000
_NEWEST = 100
_SHOWN = (
    *("service_ids", "circuit_ids", "ip_addresses", "impact", "start_time", "fault_pattern", "has_test_results"),
    *("ticket_ref", "description", "intent", "missing", "action"),
)


def add_rule_try(app: FastAPI, site: Site) -> None:
    user = Depends(site.guard.may(EVERYBODY))

    @app.get("/rules/try", response_class=HTMLResponse)
    def try_page(request: Request, who: SignedIn = user, set: str = "active", contact: int | None = None) -> Response:
        return _page(site, request, who, set, "", "", str(contact or ""), None)

    @app.post("/rules/try", response_class=HTMLResponse)
    def try_sent(
        request: Request,
        who: SignedIn = user,
        csrf: _TEXT = "",
        set: _TEXT = "active",
        text: _TEXT = "",
        sender: _TEXT = "",
        contact: _TEXT = "",
        mail: UploadFile | None = None,
    ) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        raw = mail.file.read(_MOST + 1) if mail and mail.filename else None
        return _page(site, request, who, set, text[:100_000], sender[:200], contact.strip()[:20], raw)


def _page(
    site: Site, request: Request, who: SignedIn, which: str, text: str, sender: str, contact: str, raw: bytes | None
) -> Response:
    """The form, and what was read; what cannot be read is told beside its part of the form."""
    with site.store.read() as session:
        sets = [shown(session, "active"), shown(session, which)]
        versions, drafts = list_rules(session), list_drafts(session)
        kept = stored_mail(session, int(contact)) if contact.isdecimal() and len(contact) < 10 else None
        newest = newest_mails(session, _NEWEST)
    wrong = {"contact": "There is no such contact by mail that was read."} if contact and kept is None else {}
    if raw is not None and len(raw) > _MOST:
        wrong["mail"] = f"The mail is larger than {_MOST // 1_000_000} MB."
    mail = None if wrong else mail_of(site, kept) if kept else Mail(raw, None) if raw is not None else None
    directory = read_directory(site.store)
    asked = not wrong and bool(text.strip() or mail)
    chosen = sets[:1] if sets[0].which == sets[1].which else sets
    sides = [side(site, known, directory, mail or text, sender) for known in chosen] if asked else []
    context = {"who": who, "sets": sets, "versions": versions, "drafts": drafts, "sides": sides, "rows": compared(sides),
               "text": text, "sender": sender, "newest": newest, "contact": contact,
               "wrong": wrong, "may_edit": who.role in EDITORS}  # fmt: skip
    return site.pages.TemplateResponse(request, "rule_try.html", context, status_code=422 if wrong else 200)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail with what it is read by; nothing of it is known but its own bytes where somebody has just uploaded it."""

    raw: bytes
    at: datetime | None
    own: tuple[str, ...] = ()
    question: str | None = None
    customer_address: str = ""


def mail_of(site: Site, kept: StoredMail) -> Mail:
    """A stored contact as it was read: the same time, question of ours and customer."""
    return Mail(kept.raw, kept.at, site.tuning.own_addresses, kept.question, kept.customer_address)


def side(site: Site, known: Shown, directory: Directory, what: Mail | str, sender: str = "") -> dict[str, Any]:
    """What one rule set reads, with its evidence and every rule that found something."""
    from parsers import read_mail, read_text
    from parsers.explain import fired_in

    rules = known.rules()
    reading: Reading
    if isinstance(what, Mail):
        reading = read_mail(
            what.raw,
            directory=directory,
            own_addresses=what.own,
            rules=rules,
            now=site.clock(),
            received_at=what.at,
            previous_question=what.question,
            customer_address=what.customer_address,
        )
    else:
        reading = read_text(what, directory=directory, sender=sender or None, received_at=site.clock(), rules=rules)
    row = reading.as_row()
    fired = fired_in(reading, rules)
    return {"known": known, "row": row, "pieces": pieces(row), "fired": fired, "notes": reading.notes}


def compared(sides: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Field by field what each side read."""
    out = []
    for key in _SHOWN if sides else ():
        values = [_words(side["row"][key]) for side in sides]
        out.append({"name": key, "values": values, "differs": len(set(values)) > 1})
    return out


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value in (None, False) else "yes" if value is True else str(value)
