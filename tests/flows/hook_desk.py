"""An installation that sends webhooks, and somebody else's system that takes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from app.house import House
from app.settings import Settings
from app.webhooks import Webhooks, hook_settings
from models.clock import utc_now
from models.directory_store import import_directory
from models.tables import Ticket
from models.tables_mail import Alarm
from models.tables_webhooks import WebhookDelivery, WebhookEndpoint, WebhookEvent
from outbound import webhook_admin as admin
from outbound.webhook_admin import EndpointForm
from outbound.webhook_secrets import Box
from tests.flows.panel_helpers import DIRECTORY
from tests.unit.tickets.makers import reading
from tickets.clock_pass import load_case
from tickets.mailing import Work
from tickets.submissions import Act, Submission, file_submission, submission_key


class Receiver:
    """Somebody else's system. `answers` are the status codes it gives, the last one for good."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], str]] = []
        self.answers: list[int] = [200]
        self.headers: dict[str, str] = {}
        self.wait = threading.Event()
        self.slow = False
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                if receiver.slow:
                    receiver.wait.wait(60)
                code = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                self.send_response(code)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "5")
                self.end_headers()
                self.wfile.write(b"words")

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.wait.set()
        self.server.shutdown()
        self.server.server_close()

    def verified(self, secret: str, number: int = -1) -> dict[str, Any]:
        """The body, if its signature is right by Standard Webhooks' own words."""
        headers, body = self.got[number]
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
        right = base64.b64encode(hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest())
        assert f"v1,{right.decode()}" in headers["webhook-signature"].split(" ")
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 40 * 86400
        loaded: dict[str, Any] = json.loads(body)
        return loaded


class Desk:
    """An installation with the threads of its webhooks, and a clock that the test turns."""

    def __init__(self, path: Path, database_url: str, **settings: Any) -> None:
        self.ahead = timedelta()
        given = {
            "data_dir": path / "data", "database_url": database_url, "mail_addresses": "noc@desk.example", "provider_name": "Desk",
            "webhook_allow": "127.0.0.1",
        }  # fmt: skip
        self.house = House(Settings(**{**given, **settings}), clock=lambda: utc_now() + self.ahead)
        import_directory(self.house.store, DIRECTORY)
        self.hooks = Webhooks(self.house)
        self.count = 0

    def add(self, url: str, name: str = "noc", **form: Any) -> str:
        with self.house.store.write() as session:
            _, secret = admin.add(session, EndpointForm(name, url, **form), self.box, actor="adam", now=self.house.clock())
        return secret

    @property
    def box(self) -> Box:
        return hook_settings(self.house).box

    def report(self, act: Act = Act.REPORT, join: str = "", **read: Any) -> str:
        self.count += 1
        given = Submission(
            key=submission_key("ada@ferry.example", str(self.count)), address="ada@ferry.example", customer="C1", subject="Line is <down>",
            raw=b"", at=self.house.clock(), act=act, join=join, is_new=not join,
        )  # fmt: skip
        words = reading(**{"service_ids": ("SVC-104233",), "start_time": self.house.clock(), "says_new": not join, **read})
        filed = file_submission(self.house.store, given, words, directory=DIRECTORY, settings=self.house.filing)
        return filed.ticket_id or ""

    def act(self, ticket_id: str, do: Callable[[Work, Any], object]) -> None:
        with self.house.store.write() as session:
            ticket = session.get(Ticket, ticket_id, with_for_update=True)
            assert ticket
            do(Work(session, self.house.clock(), self.house.life, "ana"), load_case(session, ticket))

    def rows(self, table: Any) -> list[Any]:
        first = next(iter(table.__table__.primary_key.columns))
        key: Any = table.at if table is WebhookEvent else first
        with self.house.store.read() as session:
            return list(session.exec(select(table).order_by(key)).all())

    def until(self, condition: Callable[[], bool]) -> None:
        """Lets the threads work until something holds; the bound only ends a test that hangs."""
        end = utc_now() + timedelta(seconds=90)
        while not condition():
            assert utc_now() < end, [(d.state, d.tries, d.last_error) for d in self.rows(WebhookDelivery)]
            self.hooks.work()
            threading.Event().wait(0.02)

    def tried(self, number: int) -> WebhookDelivery:
        """The only delivery, once it has been tried so often."""
        self.until(lambda: bool(rows := self.rows(WebhookDelivery)) and rows[-1].tries >= number)
        delivery: WebhookDelivery = self.rows(WebhookDelivery)[-1]
        return delivery

    def endpoint(self) -> WebhookEndpoint:
        row: WebhookEndpoint = self.rows(WebhookEndpoint)[0]
        return row

    def alarms(self) -> list[str]:
        with self.house.store.read() as session:
            return list(session.exec(select(Alarm.name).where(col(Alarm.cleared_at).is_(None))).all())

    def stop(self) -> None:
        self.hooks.stop()
        self.house.store.close()
