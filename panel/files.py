"""Files of a form: checked by size, type and name; kept while the form is put right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from models.tables_panel import PanelFile

MOST_FILES, MOST_BYTES, MOST_IN_ALL = 5, 10_000_000, 20_000_000
_NAME_CHARS = 120
# By their first bytes, never by what the browser says of them.
_KNOWN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap"),
    (b"\xa1\xb2\xc3\xd4", "application/vnd.tcpdump.pcap"),
    (b"\x4d\x3c\xb2\xa1", "application/vnd.tcpdump.pcap"),
    (b"\x0a\x0d\x0d\x0a", "application/x-pcapng"),
)
_REFUSED_NAMES = re.compile(r"\.(exe|com|scr|bat|cmd|ps1|vbs|js|jse|wsf|hta|msi|jar|lnk|html?|xhtml|svg|xml|iso|dll)$", re.I)
ALLOWED = "text and logs, PDF, PNG, JPEG, GIF, WebP, ZIP, GZIP, PCAP"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was taken; `name` is safe to show and to send."""

    name: str
    media_type: str
    data: bytes


def safe_name(name: str) -> str:
    """The last part of a file's name without control and direction characters, at most 120 of them."""
    last = re.split(r"[\\/]", name)[-1]
    plain = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    plain = plain.strip(" .")
    if len(plain) > _NAME_CHARS:
        stem, dot, ending = plain.rpartition(".")
        plain = (stem or plain)[: _NAME_CHARS - 12] + (dot + ending[:10] if dot else "")
    return plain or "file"


def checked(name: str, data: bytes) -> tuple[Upload | None, str]:
    """The file, or why it cannot be taken, in words for the customer."""
    name = safe_name(name)
    if not data:
        return None, f"{name} is empty."
    if len(data) > MOST_BYTES:
        return None, f"{name} has {len(data) / 1e6:.1f} MB; a file may have {MOST_BYTES // 1_000_000} MB."
    kind = _kind(data)
    if not kind or _REFUSED_NAMES.search(name):
        return None, f"{name} is of a kind that we do not take. We take {ALLOWED}."
    return Upload(name, kind, data), ""


def too_many(files: Sequence[Upload]) -> str:
    if len(files) > MOST_FILES:
        return f"{len(files)} files are too many; send at most {MOST_FILES}."
    if sum(len(f.data) for f in files) > MOST_IN_ALL:
        return f"The files have more than {MOST_IN_ALL // 1_000_000} MB in all."
    return ""


def kept(session: Session, draft: str, address: str) -> list[PanelFile]:
    """The files of a form that was sent before and came back."""
    query = select(PanelFile).where(PanelFile.draft == draft, PanelFile.address == address).order_by(col(PanelFile.id))
    return list(session.exec(query).all())


def keep(session: Session, draft: str, address: str, files: Sequence[Upload], now: datetime) -> None:
    session.add_all(
        PanelFile(draft=draft, address=address, name=f.name, media_type=f.media_type, data=f.data, at=now) for f in files
    )


def forget(session: Session, draft: str, address: str, ids: Sequence[int] | None = None) -> None:
    """Drops all files of a form, or those of these numbers."""
    query = delete(PanelFile).where(col(PanelFile.draft) == draft, col(PanelFile.address) == address)
    session.connection().execute(query if ids is None else query.where(col(PanelFile.id).in_(ids)))


def _kind(data: bytes) -> str:
    head = data[:16]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    for mark, kind in _KNOWN:
        if head.startswith(mark):
            return kind
    return "text/plain" if _is_text(data) else ""


def _is_text(data: bytes) -> bool:
    """UTF-8 or a one-byte set, without control characters beyond those of terminals, and no page or script."""
    sample = data[:65536]
    if b"\0" in sample or sample.count(b"\x7f") > 2:
        return False
    odd = sum(c < 32 and c not in (7, 8, 9, 10, 12, 13, 27) for c in sample)
    if odd > len(sample) // 100:
        return False
    start = sample[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return not start.startswith((b"<!doctype", b"<html", b"<svg", b"<script", b"#!/", b"<?xml", b"mz"))
