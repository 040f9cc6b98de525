"""A house with a phone line of its own for the call tests: the real application, real signatures, a store on disk."""

from __future__ import annotations

import asyncio
import inspect
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import col, select
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from app.house import House
from app.phone import account_sid, phone_ends
from app.settings import Settings
from app.web import build_site
from ivr.carrier import sign
from ivr.ends import Ends
from ivr.walk import Walk, signed_poster
from models.directory import Customer, Directory, Person, Service
from models.directory_store import import_directory
from models.tables import Contact, Event, Outbox, ReadingRecord, Ticket
from models.tables_life import Escalation
from models.tables_phone import CallBack, PhoneCall, PhoneStep, Recording

TOKEN = "12345678901234567890123456789012"
PUBLIC = "https://intake.desk.example"
ACCOUNT = "AC" + "5" * 32
ADA = "+491705550101"
STRANGER = "+12025550143"
DIRECTORY = Directory(
    customers=(
        Customer("C1", "Ferry Lines", ("ferry.example",), (Person("Ada Beck", "ada@ferry.example", "+49 170 5550101"),), "Europe/Berlin"),
        Customer("C2", "Granite Radio", ("granite.example",), (Person("Bo", "bo@granite.example", "+44 20 7946 0102"),), "Europe/London"),
    ),
    services=(*(Service(i, "C1") for i in ("SVC-104233", "SVC-104234", "VPN-771200")), Service("DIA-771200", "C2", circuits=("LO-90125",))),
)  # fmt: skip
AGENTS = "+493055500,sip:noc@desk.example"
_VERBS: dict[str, Any] = {
    **{
        n: getattr(VoiceResponse, n.lower())
        for n in ("Gather", "Record", "Dial", "Enqueue", "Say", "Pause", "Redirect", "Hangup", "Leave")
    },
    "Number": Dial.number,
    "Sip": Dial.sip,
}


class AppClient(httpx.Client):
    """A synchronous client that calls the application in this process, one request at a time."""

    def __init__(self, app: Any) -> None:
        self._runner = asyncio.Runner()
        self._inner = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC)
        super().__init__(base_url=PUBLIC)

    def post(self, url: Any, **given: Any) -> httpx.Response:
        return self._runner.run(self._inner.post(url, **given))

    def get(self, url: Any, **given: Any) -> httpx.Response:
        return self._runner.run(self._inner.get(url, **given))

    def close(self) -> None:
        self._runner.run(self._inner.aclose())
        self._runner.close()
        super().close()


class Phone:
    """One installation. `now` is its clock; `answers` keeps every TwiML document, checked."""

    def __init__(self, path: Path, **settings: Any) -> None:
        given = {
            "data_dir": path / "data", "mail_addresses": "noc@desk.example", "provider_name": "Desk", "public_url": PUBLIC,
            "twilio_auth_tokens": TOKEN, "twilio_account_sid": ACCOUNT, "phone_agents": AGENTS, "twilio_api_url": "http://127.0.0.1:9",
        }  # fmt: skip
        self.settings = Settings(**{**given, **settings})
        self.now = datetime(2026, 5, 6, 9, 20, tzinfo=UTC)
        self.house = House(self.settings, clock=lambda: self.now)
        import_directory(self.house.store, DIRECTORY)
        self.app = build_site(self.house, None)
        # A busy machine is no reason for an apology, but in the tests of one.
        self.app.state.voice.within_s = self.app.state.voice.keep_within_s = 120.0
        self.client = AppClient(self.app)
        self.answers: list[str] = []
        self.token = TOKEN

    def walk(self, number: str = ADA) -> Walk:
        post = signed_poster(self.client, self.token)

        def checked(url: str, fields: Mapping[str, str]) -> str:
            document = post(url, fields)
            self.answers.append(check_twiml(document))
            return document

        return Walk(checked, public_url=PUBLIC, account=account_sid(self.settings), number=number, called="+4930555010")

    def post(self, path: str, fields: Mapping[str, str], **given: Any) -> Any:
        """One signed post; `signature` or `token` take the place of the right one."""
        url = PUBLIC + path
        signature = given.pop("signature", None) or sign(given.pop("token", self.token), url, fields)
        return self.client.post(path, data=dict(fields), headers={"X-Twilio-Signature": signature})

    @property
    def ends(self) -> Ends:
        return phone_ends(self.house)

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def rows(self, table: Any) -> list[Any]:
        key = next(iter(table.__table__.primary_key.columns)).name
        with self.house.store.read() as session:
            return list(session.exec(select(table).order_by(col(getattr(table, key)))).all())

    @property
    def ticket(self) -> Ticket:
        (ticket,) = self.rows(Ticket)
        assert isinstance(ticket, Ticket)
        return ticket

    def close(self) -> None:
        self.client.close()
        self.house.store.close()


def check_twiml(document: str) -> str:
    """Fails for anything that the carrier's own library does not know: verbs, attributes, nesting, sizes, URLs."""
    assert len(document.encode()) <= 64 * 1024
    root = ET.fromstring(document)
    assert root.tag == "Response"
    for verb in root:
        _check_verb(verb)
        inner = {"Gather": {"Say", "Play", "Pause"}, "Dial": {"Number", "Sip"}, "Say": {"break"}}.get(verb.tag, set())
        for child in verb:
            assert child.tag in inner, f"<{child.tag}> in <{verb.tag}>"
            if child.tag != "break":
                _check_verb(child)
    return document


def _check_verb(verb: ET.Element) -> None:
    known = {_camel(p) for p in inspect.signature(_VERBS[verb.tag]).parameters} - {"self", "kwargs"}
    assert set(verb.attrib) <= known, f"<{verb.tag}> has {set(verb.attrib) - known}"
    for name, value in verb.attrib.items():
        if name in ("action", "url", "waitUrl", "recordingStatusCallback", "transcribeCallback"):
            assert value.startswith(PUBLIC + "/voice/"), value
    if verb.tag == "Say":
        assert 0 < len(" ".join(verb.itertext())) < 3000
    if verb.tag == "Gather" and verb.attrib.get("speechModel"):
        assert verb.attrib["speechTimeout"].isdigit(), "auto does not go with a named model"


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(t.capitalize() for t in tail)


__all__ = ["ACCOUNT", "ADA", "STRANGER", "TOKEN", "CallBack", "Contact", "Escalation", "Event", "Gather", "Outbox", "Phone", "PhoneCall", "PhoneStep",
           "ReadingRecord", "Recording", "Ticket"]  # fmt: skip
