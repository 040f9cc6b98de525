"""A stand-in for NetBox: its list endpoints with pages of fifty at most, `next` links, token check and errors of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "0123456789abcdef"
_PAGE = 50


class NetBox:
    """`fail` gives a status for the next so many requests; `foreign` makes `next` name another host."""

    def __init__(self, circuits: int = 120) -> None:
        types = {"id": 1, "display": "IP transit"}
        tenants = [
            {"id": n, "name": f"Tenant {n}", "slug": f"t{n}", "custom_fields": {"domains": f"t{n}.example"}} for n in (1, 2, 3)
        ]
        self.lists: dict[str, list[dict[str, Any]]] = {
            "tenancy/tenants/": tenants,
            "tenancy/contacts/": [{"id": 7, "name": "Ada", "email": "ada@t1.example", "phone": "+4930555010"}],
            "tenancy/contact-assignments/": [
                {"id": 1, "object_type": "tenancy.tenant", "object_id": 1, "contact": {"id": 7}},
                {"id": 2, "object_type": "dcim.site", "object_id": 1, "contact": {"id": 7}},
            ],
            "circuits/circuits/": [
                {
                    "id": n, "cid": f"NBX-{1000 + n}", "tenant": {"id": 1 + n % 2, "slug": f"t{1 + n % 2}"}, "type": types,
                    "install_date": "2025-03-01", "termination_a": {"site": {"display": "FRA1"}},
                    "custom_fields": {"circuits": f"C/{n}", "redundant": n == 1},
                }
                for n in range(1, circuits + 1)
            ] + [{"id": 999, "cid": "FREE-1", "tenant": None, "type": types, "custom_fields": {}}],
            "ipam/prefixes/": [{"id": 1, "prefix": "198.51.100.0/28", "custom_fields": {"service_id": "NBX-1001"}}],
        }  # fmt: skip
        self.fail: list[int] = []
        self.foreign = False
        self.garbage = False
        self.asked = 0


def _handler(box: NetBox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            box.asked += 1
            url = urlsplit(self.path)
            rows = box.lists.get(url.path.removeprefix("/api/"))
            if box.fail:
                return self._say(box.fail.pop(0), {"detail": "no"})
            if self.headers.get("Authorization") != f"Token {TOKEN}":
                return self._say(403, {"detail": "Invalid token"})
            if rows is None:
                return self._say(404, {"detail": "Not found."})
            query = parse_qs(url.query)
            limit, offset = min(_PAGE, int(query.get("limit", ["50"])[0])), int(query.get("offset", ["0"])[0])
            host = "other.example" if box.foreign else self.headers["Host"]
            more = offset + limit < len(rows)
            page = f"http://{host}{url.path}?limit={limit}&offset={offset + limit}" if more else None
            self._say(200, {"count": len(rows), "next": page, "previous": None, "results": rows[offset : offset + limit]})

        def _say(self, status: int, body: dict[str, Any]) -> None:
            data = b"<html>" if box.garbage else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler


@contextmanager
def serving(box: NetBox) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(box))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
