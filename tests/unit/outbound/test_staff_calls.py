"""Our own persons are texted or rung through the carrier's library, against a server that answers as the carrier does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest

from app.house import House
from app.settings import load_settings
from models.errors import DeliveryDeferred, DeliveryRefused
from models.words import NoticeWay
from outbound.staff_calls import StaffCaller
from tests.servers import end_kept_connections

ACCOUNT = "AC" + "0" * 32
TEXT = 'Ticket INC-2026-000128 is at level 2. Nobody of level 1 acknowledged <after> 3 rounds & "more".'


class Carrier:
    """Takes messages and calls and keeps what was posted; `status` makes it refuse."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, dict[str, str], str]] = []
        self.status = 201
        carrier = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fields = {k: v[0] for k, v in parse_qs(body).items()}
                carrier.posted.append((self.path, fields, self.headers["Authorization"]))
                good = carrier.status < 300
                told = (
                    {"sid": "SM" + "1" * 32}
                    if good
                    else {"code": 21211, "message": "Invalid 'To' number", "status": carrier.status}
                )
                answer = json.dumps(told).encode()
                self.send_response(carrier.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    server = Carrier()
    yield server
    server.close()
    end_kept_connections()


def caller(carrier: Carrier) -> StaffCaller:
    settings = load_settings(
        twilio_account_sid=ACCOUNT,
        twilio_auth_tokens="first,second",
        twilio_api_url=carrier.url,
        phone_number="+4930555010",
        provider_name="Halverlink",
    )
    found = House(settings).caller
    assert isinstance(found, StaffCaller)
    return found


def test_a_person_is_texted_from_our_number(carrier: Carrier) -> None:
    caller(carrier).notify(NoticeWay.SMS, "+4930555011", TEXT + "\nmore")
    [(path, fields, authorization)] = carrier.posted
    assert path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert (fields["To"], fields["From"]) == ("+4930555011", "+4930555010")
    assert fields["Body"] == f"Halverlink: {TEXT} more"
    assert authorization.startswith("Basic ")


def test_a_person_is_rung_and_hears_the_number_of_the_ticket_figure_by_figure_twice(carrier: Carrier) -> None:
    caller(carrier).notify(NoticeWay.CALL, "+4930555011", TEXT)
    [(path, fields, _)] = carrier.posted
    assert path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    said = [e.text or "" for e in ElementTree.fromstring(fields["Twiml"]) if e.tag == "Say"]
    assert len(said) == 2
    assert said[0].startswith("Halverlink: Ticket 2 0 2 6, 0 0 0 1 2 8 is at level 2.")
    assert "<after> 3 rounds & " in said[0]


@pytest.mark.parametrize(("status", "error"), [(400, DeliveryRefused), (429, DeliveryDeferred), (503, DeliveryDeferred)])
def test_a_refusal_of_the_carrier_is_told(carrier: Carrier, status: int, error: type[Exception]) -> None:
    carrier.status = status
    with pytest.raises(error, match=str(status)):
        caller(carrier).notify(NoticeWay.SMS, "+4930555011", TEXT)


def test_without_an_account_there_is_no_caller() -> None:
    assert House(load_settings(phone_number="+4930555010")).caller is None
