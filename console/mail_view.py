"""What lies in a mail beside its text, handed out so that it can do no harm (docs/console-design.md)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from urllib.parse import quote

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import HTMLResponse, Response

from console import queries
from console.auth import SignedIn
from console.guard import EVERYBODY
from console.html_mail import MAIL_HEADERS, mail_page, safe_mail
from console.site import Site

_MOST_PARTS = 200
_AUDIO = {"audio/wav", "audio/x-wav", "audio/mpeg", "audio/ogg"}
_NO_NAME = re.compile(r"[\\/:*?\"<>|]+")


@dataclass(frozen=True, slots=True)
class File:
    number: int
    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class MailParts:
    html: str
    files: tuple[File, ...]


def add_mail_view(app: FastAPI, site: Site) -> None:
    user = Depends(site.guard.may(EVERYBODY))

    @app.get("/contacts/{contact_id}/raw")
    def raw(contact_id: int, who: SignedIn = user) -> Response:
        return download(_raw(site, contact_id), f"contact-{contact_id}.eml")

    @app.get("/contacts/{contact_id}/html", response_class=HTMLResponse)
    def contact_html(contact_id: int, who: SignedIn = user) -> Response:
        """The HTML that the mail brought, for the sandboxed frame only."""
        page = mail_page(safe_mail(parts_of(_raw(site, contact_id)).html))
        return HTMLResponse(page, headers=MAIL_HEADERS)

    @app.get("/contacts/{contact_id}/files/{number}")
    def contact_file(contact_id: int, number: int, who: SignedIn = user) -> Response:
        for at, part in enumerate(_walk(_raw(site, contact_id))):
            if at == number and _is_file(part):
                return download(_bytes(part), safe_name(part.get_filename() or f"part-{number}"))
        raise HTTPException(404, "There is no such file.")


def parts_of(raw: bytes) -> MailParts:
    """The HTML body and the files of a mail."""
    html, files = "", []
    for number, part in enumerate(_walk(raw)):
        if _is_file(part):
            data = _bytes(part)
            files.append(File(number, safe_name(part.get_filename() or f"part-{number}"), part.get_content_type(), len(data)))
        elif part.get_content_type() == "text/html" and not html:
            html = _bytes(part).decode(_charset(part), "replace")
    return MailParts(html, tuple(files))


def safe_name(name: str) -> str:
    """A file name without path, control and direction characters, at most 120 characters."""
    last = re.split(r"[\\/]", name)[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    return _NO_NAME.sub("_", kept).strip(". ")[-120:] or "file"


def download(data: bytes, name: str) -> Response:
    """Handed out to be saved, never to be shown by the browser (RFC 6266)."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type="application/octet-stream", headers=headers)


def _raw(site: Site, contact_id: int) -> bytes:
    with site.store.read() as session:
        found = queries.contact_page(session, contact_id)
    if found is None:
        raise HTTPException(404, "There is no such contact.")
    return found[0].raw


def _walk(raw: bytes) -> list[Message]:
    """The leaves of the message, some hundred at most; what cannot be opened has none."""
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
        return [p for p, _ in zip(message.walk(), range(_MOST_PARTS), strict=False) if not p.is_multipart()]
    except (ValueError, LookupError, RecursionError, AttributeError):
        return []


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _bytes(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _charset(part: Message) -> str:
    name = part.get_content_charset() or "utf-8"
    try:
        b"".decode(name)
    except (LookupError, ValueError):
        return "utf-8"
    return name
