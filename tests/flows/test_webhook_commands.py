"""`intake webhooks` from outside, and the customers' pages and webhooks in the real process tree."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx

from tests.flows.hook_desk import Receiver
from tests.flows.panel_helpers import hidden, report
from tests.flows.test_main_job import text_of
from tests.running import Running

CUSTOMER = "t.wehmeier@rheinblick-logistik.example"


def test_commands_name_what_is_wrong_and_show_a_secret_once(tmp_path: Path) -> None:
    running = Running(tmp_path, f"sqlite:///{tmp_path}/h.db")
    bad = running.command("webhooks", "add", "noc", "http://10.0.0.1/x", "--event", "nonsense", check=False)
    assert bad.returncode == 1
    assert "url:" in bad.stderr
    assert "events:" in bad.stderr
    made = running.command(
        "webhooks", "add", "noc", "https://hooks.example.com/x", "--kind", "pagerduty", "--key-stdin", text="route-1\n"
    )
    assert made.stdout.startswith("whsec_")
    running.command("webhooks", "disable", "noc")
    [line] = running.command("webhooks", "list", "--json").stdout.splitlines()
    assert json.loads(line)["state"] == "off"
    assert made.stdout.strip() not in line
    running.command("webhooks", "enable", "noc")
    assert "is queued" in running.command("webhooks", "test", "noc").stdout
    [delivery] = running.command("webhooks", "deliveries", "noc").stdout.splitlines()
    assert json.loads(delivery)["state"] == "queued"
    assert "delivery 2" in running.command("webhooks", "replay", "1").stdout
    assert "no webhook named" in running.command("webhooks", "test", "other", check=False).stderr
    running.command("webhooks", "remove", "noc")
    assert running.command("webhooks", "list").stdout == ""


def test_a_report_on_the_pages_goes_out_as_mail_and_as_webhook_of_the_running_product(
    tmp_path: Path, database_url: str
) -> None:
    receiver = Receiver()
    running = Running(tmp_path, database_url, {"INTAKE_WEBHOOK_ALLOW": "127.0.0.1"})
    running.env["INTAKE_PUBLIC_URL"] = f"http://127.0.0.1:{running.http}"
    running.import_directory()
    secret = running.command("webhooks", "add", "noc", receiver.url).stdout.strip()
    running.start()
    try:
        with httpx.Client(base_url=running.env["INTAKE_PUBLIC_URL"], follow_redirects=True, timeout=120) as client:
            client.post("/panel/sign-in", data={"email": CUSTOMER})
            running.until(lambda: bool(running.answers()))
            link = re.search(r"http://\S+/panel/enter/\S+", text_of(running.answers()[0]))
            assert link
            client.post(link[0])
            answer = report(client, service="DIA-118340", logs="From 198.51.100.33: Destination Host Unreachable")
            [ticket] = running.rows("tickets")
            assert ticket["id"] in str(answer.url)
            assert ticket["report"]["ip_address"]["values"] == ["198.51.100.33"]
            running.until(lambda: len(running.answers()) == 2 and bool(receiver.got))
            assert receiver.verified(secret)["data"]["ticket"]["id"] == ticket["id"]
            assert ticket["id"] in str(running.answers()[1]["Subject"])
            csrf = hidden(client.get("/panel").text, "csrf")
            read = client.post(
                "/panel/read",
                data={
                    "csrf": csrf,
                    "service": "DIA-118340",
                    "description": "We lose packets to 198.51.100.35 since 9:00.",
                    "logs": "",
                },
            )
            assert "198.51.100.35" in read.text
            assert client.get("/panel").headers["content-security-policy"].startswith("default-src 'self'")
    finally:
        running.stop()
        receiver.stop()
