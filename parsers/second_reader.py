"""mail-parser as the second reader: text and defects where the structure is broken."""

from __future__ import annotations

import quopri
import re
from typing import Any

from parsers.charset import clean, decode, unbase64
from parsers.mime_parts import MAX_HEAD, Parts


def second_reader(raw: bytes, parts: Parts) -> None:
    """Adds defects, and text when the first reader has found none."""
    try:
        import mailparser

        module: Any = mailparser
        other = module.parse_from_bytes(raw)
        texts = [clean(t) for t in (other.text_plain or []) if isinstance(t, str) and t.strip()]
        pages = [clean(t) for t in (other.text_html or []) if isinstance(t, str) and t.strip()]
        parts.defects.extend(str(x) for x in (other.defects_categories or ()))
        rest = "" if texts or pages else str(other.body or "")
    except Exception as e:
        parts.defects.append(f"second reader failed: {type(e).__name__}")
        texts, pages, rest = [], [], ""
    if parts.plain or parts.html:
        return
    parts.html.extend(pages)
    parts.plain.extend(_without_boundaries(t) for t in texts)
    if not texts and not pages:
        body = rest.strip() or _raw_body(raw)
        if body.strip() and not parts.unreadable and not parts.attachments and not parts.forwarded:
            parts.plain.append(_without_boundaries(clean(body)))


def _raw_body(raw: bytes) -> str:
    body = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)
    return decode(body[1][:MAX_HEAD], None)[0] if len(body) == 2 else ""


def _without_boundaries(text: str) -> str:
    """Text of a broken multipart without its part heads; an HTML alternative is dropped."""
    if not re.search(r"(?im)^content-type:", text):
        return text
    blocks = re.split(r"(?m)^--[^\s].*$", text)
    kept: list[str] = []
    for block in blocks:
        head, _, body = block.strip("\n").partition("\n\n")
        if not re.search(r"(?im)^content-", head):
            kept.append(block.strip("\n"))
        elif "text/html" not in head.lower():
            encoded = re.search(r"(?im)^content-transfer-encoding:\s*([\w-]+)", head)
            kept.append(_decoded(body, encoded.group(1).lower() if encoded else ""))
    return "\n".join(k for k in kept if k.strip())


def _decoded(body: str, encoding: str) -> str:
    data = body.encode("utf-8", "surrogateescape")
    if encoding == "base64":
        return clean(decode(unbase64(data), None)[0])
    return clean(decode(quopri.decodestring(data), None)[0]) if encoding == "quoted-printable" else body
