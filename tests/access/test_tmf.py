"""Trouble tickets as other carriers' systems write them: checked against TMF621's own schema and MEF 113's field tables."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from api.hub import Hubs
from api.problems import Problem
from api.targets import check_target
from models.access import Scope
from tests.access.house import WholeSite

BASE = "/tmf-api/troubleTicket/v5"
# An extract of TM Forum's TMF621 v5.0.1 (OpenAPI), without its descriptions.
SCHEMAS = json.loads((Path(__file__).parent / "schemas" / "tmf621-v5.0.1.json").read_text())
GIVEN: dict[str, Any] = {
    "@type": "TroubleTicket",
    "name": "DIA-118203 down",
    "description": "No light at our end.",
    "severity": "significant",
    "ticketType": "assistance",
    "priority": "critical",
    "observedImpact": "down",
    "issueStartDate": "2026-01-04T07:40:00Z",
    "relatedEntity": [
        {
            "@type": "RelatedEntity",
            "role": "Product",
            "entity": {"@type": "EntityRef", "id": "DIA-118203", "@referredType": "Product"},
        }
    ],
    "externalIdentifier": [{"@type": "ExternalIdentifier", "id": "BUYER-9", "owner": "buyer"}],
    "relatedContactInformation": [{"role": "reporterContact", "emailAddress": "goran@drinska-pekara.example"}],
}
# MEF 113: the values of its enumerations, and what a ticket must have.
MEF = {
    "observedImpact": {"degraded", "intermittent", "down"},
    "severity": {"minor", "moderate", "significant", "extensive"},
    "sellerSeverity": {"minor", "moderate", "significant", "extensive"},
    "priority": {"low", "medium", "high", "critical"},
    "sellerPriority": {"low", "medium", "high", "critical"},
    "ticketType": {"assistance", "information", "installation", "maintenance"},
    "status": {"acknowledged", "inProgress", "pending", "resolved", "reopened", "closed", "assessingCancellation", "cancelled"},
}
MEF_REQUIRED = {
    "id",
    "description",
    "observedImpact",
    "priority",
    "severity",
    "ticketType",
    "relatedEntity",
    "status",
    "creationDate",
}


_DAY = 1


def fits(schema: str, body: Any) -> None:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": SCHEMAS["components"]}
    problems = [e.message for e in jsonschema_rs.Draft4Validator(whole, validate_formats=True).iter_errors(body)]
    assert not problems, problems


@pytest.fixture
def client(site: WholeSite) -> Iterator[httpx.Client]:
    scopes = (Scope.TICKETS_READ, Scope.TICKETS_WRITE, Scope.EVENTS_WRITE)
    with site.client(headers=site.token(*scopes, customer="C-1003")) as found:
        yield found


def created(client: httpx.Client, **more: Any) -> dict[str, Any]:
    """A new ticket: each of another start, so that none joins the one before."""
    global _DAY
    _DAY += 2
    start = {"issueStartDate": f"2026-01-{_DAY:02d}T07:40:00Z"}
    answer = client.post(f"{BASE}/troubleTicket", json=GIVEN | {"externalIdentifier": []} | start | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_created_ticket_has_the_shape_of_tmf621_and_the_fields_of_mef_113(client: httpx.Client) -> None:
    fits("TroubleTicket_FVO", GIVEN)
    body = created(client, externalIdentifier=GIVEN["externalIdentifier"], issueStartDate="2026-01-01T07:40:00Z")
    fits("TroubleTicket", body)
    assert body.keys() >= MEF_REQUIRED
    for name, allowed in MEF.items():
        assert body[name] in allowed, name
    assert (body["observedImpact"], body["issueStartDate"]) == ("down", "2026-01-01T07:40:00Z")
    # The buyer's words come back as they were, ours stand beside them.
    assert (body["priority"], body["severity"], body["sellerSeverity"]) == ("critical", "significant", "extensive")
    assert body["relatedEntity"][0]["entity"]["id"] == "DIA-118203"
    assert body["externalIdentifier"][0]["id"] == "BUYER-9"
    read = client.get(f"{BASE}/troubleTicket/{body['id']}").json()
    assert read == body
    assert client.post(f"{BASE}/troubleTicket", json=GIVEN).status_code == 409


@pytest.mark.parametrize(
    ("observed", "impact", "pattern"),
    [
        ("down", "service_affecting", None),
        ("degraded", "degradation", None),
        ("intermittent", "degradation", "intermittent"),
    ],
)
def test_observed_impact_is_our_impact_and_comes_back(
    site: WholeSite, client: httpx.Client, observed: str, impact: str, pattern: str | None
) -> None:
    body = created(client, observedImpact=observed, description="Please look.", name="x", externalIdentifier=[])
    assert body["observedImpact"] == observed
    with site.client(headers=site.token(Scope.TICKETS_READ)) as ours:
        report = ours.get(f"/api/v1/tickets/{body['id']}").json()["report"]
    assert (report["impact"], report["fault_pattern"]) == (impact, pattern)


def test_list_fields_and_errors(client: httpx.Client) -> None:
    body = created(client)
    found = client.get(f"{BASE}/troubleTicket", params={"status": body["status"], "fields": "status"})
    assert {k: body[k] for k in ("@type", "id", "href", "status")} in found.json()
    assert found.headers["x-result-count"] == str(len(found.json()))
    assert client.get(f"{BASE}/troubleTicket", params={"status": "rejected"}).json() == []
    assert client.get(f"{BASE}/troubleTicket", params={"relatedEntity.entity.id": "IPT-204817"}).json() == []
    for answer, status in (
        (client.get(f"{BASE}/troubleTicket/INC-2026-999999"), 404),
        (client.post(f"{BASE}/troubleTicket", json={"description": "x"}), 400),
        (client.post(f"{BASE}/troubleTicket", json=GIVEN | {"observedImpact": "awful"}), 400),
        (httpx.get(f"{client.base_url}{BASE}/troubleTicket"), 401),
    ):
        assert answer.status_code == status, answer.text
        fits("Error", answer.json())


def test_a_change_and_a_note_reach_the_ticket(site: WholeSite, client: httpx.Client) -> None:
    path = f"{BASE}/troubleTicket/{created(client)['id']}"
    merge = {"Content-Type": "application/merge-patch+json"}
    change = {"observedImpact": "degraded", "priority": "low", "note": [{"@type": "Note", "text": "Circuit is C-77."}]}
    changed = client.patch(path, content=json.dumps(change), headers=merge)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["observedImpact"], changed.json()["priority"]) == ("degraded", "low")
    fits("TroubleTicket", changed.json())
    with site.client(headers=site.token(Scope.CONTACTS_READ)) as ours:
        ticket = path.rpartition("/")[2]
        assert len(ours.get(f"/api/v1/tickets/{ticket}/contacts").json()["items"]) == 2
    closed = client.patch(path, json={"status": "closed", "statusChangeReason": "solved itself"})
    assert closed.json()["status"] == "closed"
    assert [s["status"] for s in closed.json()["statusChangeHistory"]][-1] == "closed"


class Listener:
    """Another system's listener on this machine; it fails as often as it is told."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.fail = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if outer.fail:
                    outer.fail -= 1
                    self.send_response(503)
                else:
                    outer.got.append(body)
                    self.send_response(201)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/listener"


def test_a_hub_is_told_in_order_again_after_failures_and_never_of_others(site: WholeSite, client: httpx.Client) -> None:
    listener = Listener()
    hub = client.post(f"{BASE}/hub", json={"callback": listener.url})
    assert hub.status_code == 201, hub.text
    fits("Hub", hub.json())
    hubs = Hubs(site.house.store, site.now, local=True)
    body = created(client)
    with site.client(headers=site.token(Scope.TICKETS_WRITE)) as ours:
        other = ours.post("/api/v1/tickets", json={"description": "IPT-204817 is down", "customer": "C-1007"})
        assert other.status_code == 201
        ours.patch(f"/api/v1/tickets/{body['id']}", json={"state": "in_progress"}, headers={"If-Match": "*"})
    listener.fail = 1
    hubs.work()
    assert not listener.got
    hubs.work()
    assert not listener.got
    site.ahead = site.ahead.__class__(seconds=30)
    hubs.work()
    assert [e["eventType"] for e in listener.got] == ["TroubleTicketCreateEvent", "TroubleTicketStatusChangeEvent"]
    for event in listener.got:
        fits(event["eventType"], event)
        assert event["event"]["troubleTicket"]["id"] == body["id"]
    hubs.work()
    assert len(listener.got) == 2
    assert client.delete(f"{BASE}/hub/{hub.json()['id']}").status_code == 204
    client.patch(f"{BASE}/troubleTicket/{body['id']}", json={"status": "closed"})
    hubs.work()
    assert len(listener.got) == 2
    listener.server.shutdown()
    listener.server.server_close()


@pytest.mark.parametrize(
    "callback",
    ["http://93.184.216.34/x", "https://10.0.0.1/x", "https://169.254.169.254/latest", "https://[::1]/x", "https://127.0.0.1/x",
     "ftp://x.example/", "https://user:pw@93.184.216.34/", "https://0.0.0.0/", "https://[fd00::1]/"],
)  # fmt: skip
def test_a_hub_cannot_be_made_to_call_what_is_inside(callback: str) -> None:
    with pytest.raises(Problem):
        check_target(callback, local=False)
