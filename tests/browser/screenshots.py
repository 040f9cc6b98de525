"""Refreshes docs/screenshots: each page at 1440 and 390 pixels, light and dark, over the open corpus' mails.

`python -m tests.browser.screenshots [DIRECTORY] [NAME...]`
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import sync_playwright

from console.site import NAVIGATION
from tests.browser.browsing import CHROMIUM, Desk, chromium_missing, directory, new_house, samples
from tests.running import ROOT

MAILS = ("001", "004", "008", "003", "005", "012", "025", "033", "041", "007", "019", "056")
WIDTHS = (1440, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_TALLEST = 1800
_COLOURS = 96


def shots(desk: Desk) -> Iterator[tuple[str, str]]:
    """Name and path of each page: every area, and one of what lies below them."""
    for item in NAVIGATION:
        yield item.label.lower().replace(" ", "-"), item.path
    contacts = desk.running.rows("contacts")
    ticket = next(r for r in contacts if r["ticket"])
    yield "contact", f"/contacts/{ticket['id']}"
    yield "ticket", f"/tickets/{ticket['ticket']}"
    service = directory()["services"][0]
    yield "service", f"/services/{service['id']}"
    yield "customer", f"/customers/{service['customer']}"
    for kind in ("calendar", "matrix", "targets"):
        yield f"policy-{kind}", f"/policy/{kind}/default"
    yield "search", "/search?q=link+down"
    yield "contacts-found", "/contacts?q=down&channel=email"


def small(png: bytes) -> bytes:
    """The picture with few colours, cut at a height that still shows the page."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, _TALLEST)))
    out = io.BytesIO()
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def take(desk: Desk, to: Path, wanted: Sequence[str]) -> None:
    """Writes the pictures, one line of output each."""
    to.mkdir(parents=True, exist_ok=True)
    pages = [(name, path) for name, path in shots(desk) if not wanted or name in wanted]
    for width in WIDTHS:
        for scheme in SCHEMES:
            page = desk.page("adam", width=width, scheme=scheme)
            for name, path in pages:
                page.goto(path)
                file = to / f"{name}-{width}-{scheme}.png"
                file.write_bytes(small(page.screenshot(full_page=True)))
                print(file.name, file.stat().st_size)
            page.context.close()


def main() -> None:
    if why := chromium_missing():
        sys.exit(why)
    to = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots"
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        running = new_house(Path(scratch))
        try:
            samples(running, MAILS)
            take(Desk(running, browser), to, sys.argv[2:])
        finally:
            running.stop()
            browser.close()


if __name__ == "__main__":
    main()
