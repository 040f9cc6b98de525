"""Readings and rule sets by the API: what `intake read` says, and sets that are checked before they count."""

from __future__ import annotations

import json
import subprocess
import sys

import httpx

from parsers.rules import shipped_text
from tests.access.house import WholeSite
from tests.running import CORPUS


def test_a_reading_of_a_text_and_of_a_mail_says_what_intake_read_says(site: WholeSite, everything: httpx.Client) -> None:
    text = everything.post(
        "/api/v1/readings", json={"text": "DIA-118203 is down since 09:00 UTC.", "received_at": "2026-05-04T10:00:00Z"}
    )
    assert text.status_code == 200, text.text
    assert (text.json()["service_ids"], text.json()["start_time"]) == (["DIA-118203"], "2026-05-04T09:00:29Z")
    raw = (CORPUS / "mails" / "003.eml").read_bytes()
    mail = everything.post("/api/v1/readings", content=raw, headers={"Content-Type": "message/rfc822"})
    line = site_read(site)
    assert {k: v for k, v in mail.json().items() if k != "id"} == {k: v for k, v in json.loads(line).items() if k != "id"}
    assert everything.post("/api/v1/readings", content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415
    assert everything.post("/api/v1/readings", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert everything.post("/api/v1/readings", json={"text": ""}).json()["errors"][0]["field"] == "body.text"


def test_rule_sets_are_checked_kept_and_put_in_force(everything: httpx.Client) -> None:
    whole = json.loads(shipped_text())
    bad = everything.post("/api/v1/rule-sets", json={"name": "bad", "rules": {"rules": [{"id": "x"}]}})
    assert bad.status_code == 422, bad.text
    kept = everything.post("/api/v1/rule-sets", json={"name": "mine", "rules": whole})
    assert kept.status_code == 201, kept.text
    path = f"/api/v1/rule-sets/{kept.json()['id']}"
    assert everything.get(path).json()["rules"] == whole
    unseen = everything.post(f"{path}/activation", json={"reason": "a trial"})
    assert (unseen.status_code, unseen.json()["errors"][0]["field"]) == (409, "body.override"), unseen.text
    assert not everything.get(path).json()["active"]
    assert everything.post(f"{path}/activation", json={"reason": "a trial", "override": True}).json()["active"]
    assert everything.get("/api/v1/rule-sets").json()["items"][0]["active"]


def site_read(site: WholeSite) -> str:
    """The line of `intake read` for the same mail."""
    done = subprocess.run(
        [sys.executable, "-m", "app", "read", str(CORPUS / "mails" / "003.eml"), "--directory", str(CORPUS / "directory.json"),
         "--own", "noc@halverlink.example"], capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout
