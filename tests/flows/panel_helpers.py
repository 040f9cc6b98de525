"""The customers' pages over real HTTP, with a clock that the test turns, and the mails that go out."""

from __future__ import annotations

import email
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlmodel import col, select

from app.facts import facts_of
from app.house import House
from app.panel import panel_site
from app.reader import Job
from app.settings import Settings
from models.clock import utc_now
from models.directory import Customer, Directory, Person, Service
from models.directory_store import import_directory
from models.questions import question_of
from models.reading import Reading
from models.tables import Contact, Event, Outbox, Ticket
from outbound.deliver import Delivery, deliver_one
from panel.app import build_panel
from parsers import open_mail, read_mail
from tests.servers import free_port
from tickets.clock_pass import load_case
from tickets.filing import Filed, file_contact
from tickets.mailing import Work
from tickets.work import lease_contact

_NO_FILES: Mapping[str, bytes] = MappingProxyType({})
KEY = "first:" + "k" * 32
ADA, CARL, BO, SHARED = "ada@ferry.example", "carl@ferry.example", "bo@granite.example", "noc@msp.example"
DIRECTORY = Directory(
    customers=(
        Customer("C1", "Ferry Lines", ("ferry.example",), (Person("Ada Beck", ADA), Person("MSP", SHARED)), "Europe/Berlin"),
        Customer("C2", "Granite Radio", ("granite.example",), (Person("Bo", BO), Person("MSP", SHARED)), "Europe/London"),
    ),
    services=(
        Service("SVC-104233", "C1", "IP Transit", "Hamburg", ("HH-90001", "HH-90002"), ("198.51.100.0/28",)),
        Service("SVC-104234", "C1", "Private Line", "Kiel", redundant=True),
        Service("DIA-771200", "C2", "Internet Access", "London", ("LO-90125",)),
    ),
)  # fmt: skip


def read(raw: bytes, address: str, at: datetime, directory: Directory, customer: str) -> Reading | None:
    """The parser without its child process."""
    return read_mail(raw, directory=directory.seen_by(directory.customer_by_id.get(customer)), received_at=at)


class Site:
    """One installation with customers' pages."""

    def __init__(self, path: Path, database_url: str, directory: Directory = DIRECTORY, **settings: Any) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        given = {
            "data_dir": path / "data", "database_url": database_url, "mail_addresses": "noc@desk.example", "provider_name": "Desk",
            "public_url": self.url, "panel_token_keys": KEY, "cap_per_hour": 1000, "cap_per_day": 1000,
        }  # fmt: skip
        self.ahead = timedelta()
        self.house = House(Settings(**{**given, **settings}), clock=lambda: utc_now() + self.ahead)
        import_directory(self.house.store, directory)
        self.site = panel_site(self.house, read, lambda _row: None)
        self.app = FastAPI()
        self.panel = build_panel(self.site)
        self.app.mount("/panel", self.panel)
        self._server = uvicorn.Server(uvicorn.Config(self.app, host="127.0.0.1", port=self.port, log_level="error"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._delivery = Delivery(self.house.store, "test", self.house.clock, self.house.sender, self.house.composing)

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            threading.Event().wait(0.02)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self.house.store.close()

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, follow_redirects=True, timeout=60) as client:
            yield client

    @contextmanager
    def signed_in(self, address: str = ADA) -> Iterator[httpx.Client]:
        with self.browser() as client:
            link = self.sign_in_link(client, address)
            assert client.post(link).status_code == 200
            yield client

    def sign_in_link(self, client: httpx.Client, address: str) -> str:
        before = len(self.links_to(address))
        assert client.post("/panel/sign-in", data={"email": address}).status_code == 200
        self.until(lambda: len(self.links_to(address)) > before)
        return self.links_to(address)[-1]

    def links_to(self, address: str) -> list[str]:
        """The sign-in links that wait to be sent to an address, or were."""
        return [m.context.get("links", {}).get("sign_in", "") for m in self.mails("panel-sign-in") if m.to_address == address]

    def until(self, condition: Callable[[], bool]) -> None:
        """Polls a condition; the bound only ends a test that hangs."""
        end = utc_now() + timedelta(seconds=90)
        while not condition():
            assert utc_now() < end, "still not"
            threading.Event().wait(0.02)

    def mails(self, event: str = "") -> list[Outbox]:
        query = select(Outbox).order_by(col(Outbox.id))
        with self.house.store.read() as session:
            return list(session.exec(query.where(Outbox.event == event) if event else query).all())

    def deliver(self) -> list[str]:
        """Sends all that is queued; gives the plain texts in order."""
        return [self.text(m) for m in self.mails() if m.state == "queued" and deliver_one(self._delivery, m.id or 0)]

    def text(self, mail: Outbox) -> str:
        with self.house.store.read() as session:
            row = session.get(Outbox, mail.id)
        if row is None or row.raw is None:
            return ""
        part = email.message_from_bytes(row.raw, policy=policy.default).get_body(("plain",))
        assert part
        return str(part.get_content())

    def mail(self, sender: str, subject: str, text: str, files: Mapping[str, bytes] = _NO_FILES, **headers: str) -> Filed:
        """A customer's mail, kept, read and filed as a worker does it."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, "noc@desk.example", subject
        message["Message-ID"] = make_msgid(domain="customer.example")
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        for name, data in files.items():
            message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        now, raw = self.house.clock(), message.as_bytes()
        contact = Contact(mailbox="noc", dedupe_key=str(message["Message-ID"]), raw=raw, arrived_at=now, envelope_from=sender)
        contact.envelope_to = "noc@desk.example"
        with self.house.store.write() as session:
            session.add(contact)
        assert contact.id
        assert lease_contact(self.house.store, contact.id, owner="test", now=now)
        directory = self.site.directory()
        facts = facts_of(open_mail(raw), Job(raw, now, sender, "noc@desk.example", ("noc@desk.example",), None), directory)
        with self.house.store.read() as session:
            question = question_of(session, raw)
        words = read_mail(raw, directory=directory, received_at=now, previous_question=question)
        return file_contact(
            self.house.store, contact.id, owner="test", facts=facts, reading=words, directory=directory, clock=self.house.clock,
            settings=self.house.filing,
        )  # fmt: skip

    def tickets(self) -> list[Ticket]:
        with self.house.store.read() as session:
            return list(session.exec(select(Ticket).order_by(col(Ticket.id))).all())

    def contacts(self) -> list[Contact]:
        with self.house.store.read() as session:
            return list(session.exec(select(Contact).order_by(col(Contact.id))).all())

    def events(self, ticket_id: str, kind: str) -> list[Event]:
        with self.house.store.read() as session:
            return list(session.exec(select(Event).where(Event.ticket_id == ticket_id, Event.kind == kind)).all())

    def act(self, ticket_id: str, do: Any) -> Any:
        """What an agent or the clock does to a ticket."""
        with self.house.store.write() as session:
            ticket = session.get(Ticket, ticket_id, with_for_update=True)
            assert ticket
            return do(Work(session, self.house.clock(), self.house.life, "agent"), load_case(session, ticket))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def report(client: httpx.Client, service: str = "SVC-104233", files: Any = None, **fields: Any) -> httpx.Response:
    """Fills in the Support tab as a customer would, and sends it."""
    page = client.get(f"/panel/services/{service}/support").text
    return send(client, page, service, files, **fields)


def send(client: httpx.Client, page: str, service: str, files: Any = None, **fields: Any) -> httpx.Response:
    base: dict[str, Any] = {
        "csrf": hidden(page, "csrf"), "draft": hidden(page, "draft"), "description": "No traffic at all since we came in.",
        "began": "now", "impact": "service_affecting", "urgency": "", "pattern": "constant", "logs": "",
    }  # fmt: skip
    data = {k: v for k, v in {**base, **fields}.items() if v is not None}
    return client.post(f"/panel/services/{service}/support", data=data, files=files)


def act(client: httpx.Client, ticket: str, name: str, files: Any = None, **fields: Any) -> httpx.Response:
    page = client.get(f"/panel/tickets/{ticket}").text
    data: Mapping[str, Any] = {"csrf": hidden(page, "csrf"), "draft": f"number-of-the-form-{name}", **fields}
    return client.post(f"/panel/tickets/{ticket}/{name}", data=data, files=files)


def link_in(text: str, purpose: str) -> str:
    found = re.search(rf"http://\S+/panel/link/{purpose}/\S+", text)
    assert found, (purpose, text)
    return found[0]


def token(site: Site, kid: str = "first", secret: str = "k" * 32, **claims: Any) -> str:
    now = int(site.house.clock().timestamp())
    base = {
        "aud": site.url + "/panel",
        "sub": ADA,
        "customer": "C1",
        "iat": now,
        "exp": now + 60,
        "jti": f"j{len(claims)}{claims}",
    }
    whole = {k: v for k, v in {**base, **claims}.items() if v is not None}
    return jwt.encode({"alg": "HS256", "kid": kid}, whole, OctKey.import_key(secret))
