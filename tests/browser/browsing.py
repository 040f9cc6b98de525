"""What browser tests share: the desk of one house, signed-in pages, and axe."""

from __future__ import annotations

import json
import smtplib
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from sqlmodel import select

from console.auth import create_user
from models.store import Store
from models.tables import Contact, Ticket
from tests.running import CORPUS, Running

CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "browser-password"
USERS = {"ana": "agent", "ben": "agent", "lea": "lead", "adam": "admin", "aud": "auditor"}
_AXE = (Path(__file__).parent / "axe.min.js").read_text()
_BAD = frozenset({"serious", "critical"})


def chromium_missing() -> str:
    """Why there is no browser to test with, or nothing."""
    return "" if CHROMIUM.exists() else "Debian package chromium is not installed (.ci/system-packages installs it)"


def axe(page: Page) -> None:
    """Fails on what axe-core calls serious or critical on this page; evaluated from outside, so the page's CSP stays as it is."""
    page.evaluate(_AXE + ";undefined")
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    bad = [_told(v) for v in found if v["impact"] in _BAD]
    assert not bad, f"{page.url}\n" + "\n".join(bad)


def _told(violation: dict[str, Any]) -> str:
    where = "; ".join(f"{n['target']} {n['html'][:160]} {n['failureSummary'][:300]}" for n in violation["nodes"][:4])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}: {where}"


def new_house(path: Path) -> Running:
    """`intake serve` with the open corpus' directory and a user of each role."""
    running = Running(path, f"sqlite:///{path}/intake.db")
    running.import_directory()
    store = Store(running.env["INTAKE_DATABASE_URL"])
    with store.write() as session:
        for name, role in USERS.items():
            create_user(session, name, role, PASSWORD)
    store.close()
    running.start()
    return running


@dataclass
class Desk:
    """One house and its browser; each user signs in once."""

    running: Running
    browser: Browser
    _cookies: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.running.http}"

    def page(self, user: str = "ana", *, width: int = 1440, height: int = 900, scheme: Any = "light", **more: Any) -> Page:
        """A page of a context of its own, signed in; its context is closed with the page's `context.close()`."""
        context = self.browser.new_context(
            base_url=self.url, viewport={"width": width, "height": height}, color_scheme=scheme, **more
        )
        context.set_default_timeout(30_000)
        if user:
            context.add_cookies(self._signed_in(user, context))
        return context.new_page()

    def _signed_in(self, user: str, context: BrowserContext) -> Any:
        if user not in self._cookies:
            page = context.new_page()
            page.goto("/login")
            page.fill("#name", user)
            page.fill("#password", PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(lambda url: not url.endswith("/login"))
            self._cookies[user] = context.cookies()
            page.close()
        return self._cookies[user]

    def mail(self, sender: str, subject: str, text: str, *, html: str = "", files: dict[str, bytes] | None = None) -> int:
        """Sends a mail to the house and gives the number of its contact, once that is filed."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, "noc@halverlink.example", subject
        message["Message-ID"] = f"<{abs(hash((sender, subject, text)))}@browser.example>"
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html")
        for name, content in (files or {}).items():
            message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        with smtplib.SMTP("127.0.0.1", self.running.smtp) as smtp:
            smtp.send_message(message, sender, ["noc@halverlink.example"])
        self.running.until(lambda: self._contact(str(message["Message-ID"])) is not None)
        found = self._contact(str(message["Message-ID"]))
        assert found
        return found

    def _contact(self, message_id: str) -> int | None:
        """The contact with this Message-ID, once it is filed."""
        with self._store.read() as session:
            query = select(Contact.id).where(Contact.message_id == message_id, Contact.state != "received")
            return session.exec(query).first()

    def ticket_of(self, contact: int) -> str:
        with self._store.read() as session:
            found = session.exec(select(Contact.ticket_id).where(Contact.id == contact)).one()
        assert found
        return found

    def ticket(self, ticket_id: str) -> Ticket:
        with self._store.read() as session:
            found = session.get(Ticket, ticket_id)
        assert found
        return found

    @cached_property
    def _store(self) -> Store:
        return Store(self.running.env["INTAKE_DATABASE_URL"])


def samples(running: Running, names: tuple[str, ...]) -> None:
    """Sends mails of the open corpus and waits until they are filed."""
    running.command("send", *(str(CORPUS / "mails" / f"{n}.eml") for n in names))
    running.settled(len(names))


def directory() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((CORPUS / "directory.json").read_text())
    return loaded
