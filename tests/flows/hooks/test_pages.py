"""Webhooks on the console."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from app.web import build_site
from console.auth import create_user
from models.tables_webhooks import WebhookEndpoint
from tests.flows.hook_desk import Desk, Receiver
from tests.flows.panel_helpers import hidden
from tests.servers import free_port


@pytest.fixture
def console(tmp_path: Path, receiver: Receiver) -> Iterator[tuple[Desk, httpx.Client]]:
    port = free_port()
    desk = Desk(tmp_path, f"sqlite:///{tmp_path}/c.db", public_url=f"http://127.0.0.1:{port}")
    with desk.house.store.write() as session:
        for role in ("admin", "agent"):
            create_user(session, role, role, "right-password")
    server = uvicorn.Server(uvicorn.Config(build_site(desk.house, None), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.02)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True, timeout=60) as client:
        client.post("/login", data={"name": "admin", "password": "right-password"})
        yield desk, client
    server.should_exit = True
    thread.join()
    desk.stop()


def test_an_admin_adds_tests_changes_and_replays_on_the_console(console: tuple[Desk, httpx.Client], receiver: Receiver) -> None:
    desk, client = console
    csrf = hidden(client.get("/webhooks/new").text, "csrf")
    form = {"csrf": csrf, "name": "noc", "url": receiver.url, "kind": "standard", "events": ["ticket.opened"]}
    bad = client.post(
        "/webhooks/new", data={**form, "name": "", "url": "http://192.0.2.1/", "kind": "custom", "template": "{{ x"}
    )
    assert bad.status_code == 422
    assert bad.text.count('class="wrong"') == 3
    assert client.post("/webhooks/new", data={**form, "events": ["nonsense"]}).status_code == 422
    assert client.post("/webhooks/new", data={**form, "kind": "pagerduty"}).status_code == 422
    assert client.post("/webhooks/new", data={**form, "csrf": "x"}).status_code == 403
    page = client.post("/webhooks/new", data=form).text
    secret = page.split("whsec_")[1].split("<")[0]
    assert client.post("/webhooks/new", data=form).status_code == 422
    assert secret not in client.get("/webhooks/1").text
    client.post("/webhooks/1/test", data={"csrf": csrf})
    desk.tried(1)
    assert receiver.verified("whsec_" + secret)["data"]["ticket"]["subject"] == "This is a test"
    assert "sent" in client.get("/webhooks/1").text
    again = client.post("/webhooks/deliveries/1/replay", data={"csrf": csrf})
    assert again.url.path == "/webhooks/deliveries/2"
    desk.until(lambda: len(receiver.got) == 2)
    assert receiver.got[0][0]["webhook-id"] == receiver.got[1][0]["webhook-id"]
    template = '{"hello": {{ (ticket.id if ticket else "none") | tojson }}}'
    changed = client.post("/webhooks/1/edit", data={**form, "kind": "custom", "template": template})
    assert "Saved." in changed.text
    assert "A template of your own" in client.get("/webhooks").text
    assert "whsec_" in client.post("/webhooks/1/secret", data={"csrf": csrf}).text
    assert "Switched off." in client.post("/webhooks/1/off", data={"csrf": csrf}).text
    assert client.post("/webhooks/deliveries/1/replay", data={"csrf": csrf}).status_code == 409
    assert "Switched on." in client.post("/webhooks/1/on", data={"csrf": csrf}).text
    for path in ("/webhooks/9", "/webhooks/deliveries/99"):
        assert client.get(path).status_code == 404
    assert client.post("/webhooks/1/explode", data={"csrf": csrf}).status_code == 404
    assert client.post("/webhooks/deliveries/99/replay", data={"csrf": csrf}).status_code == 404
    client.post("/webhooks/1/remove", data={"csrf": csrf})
    assert desk.rows(WebhookEndpoint) == []
    client.post("/login", data={"name": "agent", "password": "right-password"})
    assert client.get("/webhooks").status_code == 403
