"""A list as a CSV file, sent while it is read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from console.listing.fetch import fetch
from console.listing.query import ListQuery
from console.listing.spec import ListSpec
from models.store import Store

_AT_ONCE = 500
# A spreadsheet takes a field that begins so for a formula (OWASP, CSV Injection); an apostrophe makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Spreadsheets take a file for UTF-8 only when it begins with this.
_BOM = b"\xef\xbb\xbf"


def safe(value: str) -> str:
    """A field that no spreadsheet runs."""
    value = value.replace("\x00", "")
    return "'" + value if value.lstrip(" ").startswith(_FORMULA) else value


def csv_lines(store: Store, spec: ListSpec[Any], query: ListQuery) -> Iterator[bytes]:
    """Header and rows, some hundred at a time, each read by a question of its own: no transaction stays open."""
    yield _BOM + _line([c.title for c in spec.columns])
    after = ""
    while True:
        with store.read() as session:
            page = fetch(session, spec, replace(query, after=after, before=""), size=_AT_ONCE, count=False)
        yield b"".join(_line([safe(c.cell(row).plain()) for c in spec.columns]) for row in page.rows)
        after = page.older
        if not after:
            return


def _line(fields: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(fields)
    return out.getvalue().encode(errors="replace")
