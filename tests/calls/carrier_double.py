"""A carrier for tests: the part of its REST interface that we use, with memory, behind a real socket.

Messages are kept and listed, recordings have sound and can be deleted, and each path can be told to fail for a while: with a
status, by an answer that never comes, or by one that comes after the message was taken.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

_ROOT = re.compile(
    r"/2010-04-01/Accounts/(AC[0-9a-f]{32})/(Messages|Recordings|IncomingPhoneNumbers)(?:/(\w+))?(\.json|\.wav)?"
)
_ACCOUNT = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-f]{32})\.json")
TAKEN_THEN_SILENT = "taken, then silent"


@dataclass
class Carrier:
    """`failing` is what happens to the next requests, one entry each: a status, or TAKEN_THEN_SILENT."""

    account: str
    token: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    recordings: dict[str, bytes] = field(default_factory=dict)
    failing: list[int | str] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    elsewhere: str = ""
    status: str = "active"
    numbers: tuple[str, ...] = ("+4930555010",)
    release: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def handle(self, h: BaseHTTPRequestHandler, body: bytes) -> None:
        path = urlsplit(h.path)
        given = h.headers.get("Authorization", "")
        self.asked.append((h.command, path.path, given))
        right = "Basic " + base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        found = _ROOT.fullmatch(path.path) or _ACCOUNT.fullmatch(path.path)
        if given != right or not found or found[1] != self.account:
            return _send(h, 401, {"code": 20003, "message": "Authenticate", "status": 401})
        fails = self.failing.pop(0) if self.failing else 0
        if isinstance(fails, int) and fails:
            return _send(h, fails, {"code": 20429 if fails == 429 else 20500, "message": "not now", "status": fails})
        if found.re is _ACCOUNT:
            _send(h, 200, {"sid": self.account, "friendly_name": "Desk", "status": self.status})
        elif found[2] == "IncomingPhoneNumbers":
            asked = parse_qs(path.query).get("PhoneNumber", [""])[0]
            hits = [{"sid": "PN" + "0" * 32, "phone_number": n} for n in self.numbers if n == asked]
            _send(h, 200, {"incoming_phone_numbers": hits, "page": 0, "page_size": 50, "next_page_uri": None, "uri": h.path})
        elif found[2] == "Messages":
            self._messages(h, body, path.query, silent=fails == TAKEN_THEN_SILENT)
        else:
            self._recordings(h, found[3] or "")
        return None

    def _messages(self, h: BaseHTTPRequestHandler, body: bytes, query: str, *, silent: bool) -> None:
        if h.command == "GET":
            to = parse_qs(query).get("To", [""])[0]
            hits = [m for m in self.messages if not to or m["to"] == to]
            return _send(h, 200, {"messages": hits, "page": 0, "page_size": 50, "next_page_uri": None, "uri": h.path})
        form = {k: v[0] for k, v in parse_qs(body.decode()).items()}
        if not form.get("To", "").startswith("+"):
            return _send(h, 400, {"code": 21211, "message": "Invalid 'To' Phone Number", "status": 400})
        made = {
            "sid": f"SM{len(self.messages):032x}", "to": form["To"], "from": form["From"], "body": form["Body"], "status": "queued",
            "account_sid": self.account, "status_callback": form.get("StatusCallback"),
        }  # fmt: skip
        self.messages.append(made)
        if silent:
            self.release.wait(60)
        return _send(h, 201, made)

    def _recordings(self, h: BaseHTTPRequestHandler, sid: str) -> None:
        if sid not in self.recordings:
            return _send(h, 404, {"code": 20404, "message": "not found", "status": 404})
        if h.command == "DELETE":
            del self.recordings[sid]
            h.send_response(204)
            h.end_headers()
            return None
        if self.elsewhere:
            h.send_response(302)
            h.send_header("Location", self.elsewhere)
            h.end_headers()
            return None
        sound = self.recordings[sid]
        h.send_response(200)
        h.send_header("Content-Type", "audio/x-wav")
        h.send_header("Content-Length", str(len(sound)))
        h.end_headers()
        h.wfile.write(sound)
        return None


def _send(h: BaseHTTPRequestHandler, status: int, what: dict[str, Any]) -> None:
    body = json.dumps(what).encode()
    try:
        h.send_response(status)
        h.send_header("Content-Type", "application/json")
        h.send_header("Content-Length", str(len(body)))
        h.end_headers()
        h.wfile.write(body)
    except OSError:
        pass


@contextmanager
def carrier(account: str, token: str) -> Iterator[Carrier]:
    made = Carrier(account, token)

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            made.handle(self, body)

        do_GET = do_POST = do_DELETE = _any

        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield made
    finally:
        made.release.set()
        server.shutdown()
        server.server_close()
