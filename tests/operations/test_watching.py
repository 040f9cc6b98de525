"""Watching it: metrics of all processes, traces at a collector, logs without secrets, parts of serve apart."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.house import House
from app.logs import blot, keep_secret
from app.metrics import HELP, add_metrics
from app.settings import load_settings
from tests.running import CORPUS, ROOT, Running

SECRET = "canary-7c1f-password"


class Collector:
    """A stand-in for an OpenTelemetry collector: keeps the spans that are posted to it."""

    def __init__(self) -> None:
        self.spans: dict[str, set[bytes]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = ExportTraceServiceRequest()
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    import gzip

                    body = gzip.decompress(body)
                request.ParseFromString(body)
                for resource in request.resource_spans:
                    for scope in resource.scope_spans:
                        for span in scope.spans:
                            outer.spans.setdefault(span.name, set()).add(span.trace_id)
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


def test_a_contact_is_counted_traced_and_logged_but_no_word_or_secret_of_it(tmp_path: Path, collector: Collector) -> None:
    running = Running(tmp_path, f"sqlite:///{tmp_path}/i.db", {"INTAKE_OTLP_URL": collector.url, "INTAKE_SECRET_KEY": SECRET})
    running.import_directory()
    running.start()
    running.command("send", str(CORPUS / "mails" / "003.eml"), "--to", f"127.0.0.1:{running.smtp}")
    running.settled(1)

    def counted() -> bool:
        text = httpx.get(f"http://127.0.0.1:{running.http}/metrics").text
        wanted = ("intake_accepted_total{", "intake_processed_total{", 'intake_outbox_total{state="sent"')
        return all(any(line.startswith(w) and line.endswith(" 1") for line in text.splitlines()) for w in wanted)

    running.until(counted)
    figures = [json.loads(line) for line in running.command("stats", "--json").stdout.splitlines()]
    assert any(f["name"] == "intake_up" and "clock" in f["parts"] for f in figures)
    running.until(lambda: {"read", "file", "deliver"} <= set(collector.spans))
    running.stop()
    assert len({t for name in ("read", "file", "deliver") for t in collector.spans[name]}) == 1, "not one trace"
    lines = [json.loads(line) for line in (tmp_path / "serve.log").read_text().splitlines() if line.startswith("{")]
    filed = next(line for line in lines if line["event"] == "filed")
    assert filed["contact"] == 1
    assert filed["ticket"].startswith("INC-")
    log = (tmp_path / "serve.log").read_text()
    assert SECRET not in log
    body = (CORPUS / "mails" / "003.eml").read_text(errors="replace").partition("\n\n")[2]
    assert not [line for line in body.splitlines() if len(line) > 20 and line in log]


def test_secrets_are_blotted_out_wherever_they_stand() -> None:
    keep_secret([f"smtp://user:{SECRET}%21@host:587", "short"])
    line = blot(None, "", {"event": f"no {SECRET}!", "deep": {"a": [f"x{SECRET}%21"]}, "n": 1, "e": ValueError(SECRET + "!")})
    assert SECRET not in json.dumps(line)
    assert line["n"] == 1


@pytest.mark.parametrize(
    ("token", "headers", "client", "status"),
    [
        ("", {}, "127.0.0.1", 200),
        ("", {}, "192.0.2.7", 401),
        ("", {"X-Forwarded-For": "192.0.2.7"}, "127.0.0.1", 401),
        ("", {}, "unknown", 401),
        ("sesame", {"Authorization": "Bearer sesame"}, "192.0.2.7", 200),
        ("sesame", {"Authorization": "Bearer other"}, "127.0.0.1", 401),
    ],
)
def test_only_this_machine_or_a_bearer_of_the_token_reads_metrics(
    tmp_path: Path, token: str, headers: dict[str, str], client: str, status: int
) -> None:
    house, app = House(load_settings(data_dir=tmp_path, metrics_token=token)), FastAPI()
    add_metrics(app, house)

    async def asked() -> int:
        transport = httpx.ASGITransport(app, client=(client, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as browser:
            return (await browser.get("/metrics", headers=headers)).status_code

    assert asyncio.run(asked()) == status
    house.store.close()


def test_every_metric_is_documented_and_the_dashboard_and_alerts_name_only_known_ones() -> None:
    import re

    docs = (ROOT / "docs" / "operations" / "monitoring.md").read_text()
    assert not [name for name in HELP if f"`{name}`" not in docs]
    known = {f"{n}{end}" for n in HELP for end in ("", "_bucket", "_sum", "_count")}
    for file in ("grafana.json", "alerts.yml"):
        text = (ROOT / "deploy" / "monitoring" / file).read_text()
        assert set(re.findall(r"\bintake_\w+", text)) <= known
    alerts = re.findall(r"alert: (\w+)", (ROOT / "deploy" / "monitoring" / "alerts.yml").read_text())
    assert alerts
    assert not [a for a in alerts if a not in docs]


def test_parts_run_apart_and_an_unknown_part_is_refused_by_name(tmp_path: Path) -> None:
    running = Running(tmp_path, f"sqlite:///{tmp_path}/i.db")
    refused = running.command("serve", "--only", "smtp,telex", check=False)
    assert (refused.returncode, "'telex'" in refused.stderr) == (1, True)
    half = running.command("migrate", "--to", "sqlite:///x.db", check=False)
    assert "belong together" in half.stderr
