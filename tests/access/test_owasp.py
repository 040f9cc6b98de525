"""The OWASP API Security Top 10 (2023), each with what would show it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.permissions import declared
from models.access import Scope
from tests.access.house import WholeSite

SCOPES = (Scope.TICKETS_READ, Scope.TICKETS_WRITE, Scope.CONTACTS_READ, Scope.CONTACTS_WRITE, Scope.SERVICES_READ, Scope.RFOS_READ,
          Scope.ESCALATIONS_READ, Scope.ESCALATIONS_WRITE)  # fmt: skip
TMF = "/tmf-api/troubleTicket/v5/troubleTicket"


@pytest.fixture
def ours(site: WholeSite) -> Iterator[httpx.Client]:
    with site.client(headers=site.token(*Scope, per_minute=100_000)) as client:
        yield client


@pytest.fixture
def theirs(site: WholeSite) -> Iterator[httpx.Client]:
    """A token of customer C-1003."""
    with site.client(headers=site.token(*SCOPES, customer="C-1003", per_minute=100_000)) as client:
        yield client


def opened(client: httpx.Client, service: str, **more: Any) -> dict[str, Any]:
    given = {"description": "No light at our end.", "service_ids": [service], "impact": "service_affecting", "is_new": True}
    answer = client.post("/api/v1/tickets", json=given | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_api1_a_customer_reaches_no_object_of_another(site: WholeSite, ours: httpx.Client, theirs: httpx.Client) -> None:
    ticket = opened(ours, "IPT-204817", customer="C-1007")["id"]
    contact = ours.get(f"/api/v1/tickets/{ticket}/contacts").json()["items"][0]["id"]
    escalation = ours.post(f"/api/v1/tickets/{ticket}/escalations", json={"reason": "x"}).json()["id"]
    ours.patch(f"/api/v1/tickets/{ticket}", json={"state": "resolved", "resolution": "x"}, headers={"If-Match": "*"})
    rfo = ours.post(f"/api/v1/tickets/{ticket}/rfos").json()["id"]
    named = {"ticket_id": ticket, "contact_id": contact, "escalation_id": escalation, "rfo_id": rfo, "service_id": "IPT-204817"}
    walked = 0
    for d in declared(site.app):
        if not d.permission or d.permission.kind != "scope" or not d.permission.who <= set(SCOPES) or "{" not in d.path:
            continue
        path = d.path.format(**named)
        for method in d.methods:
            body = {"text": "x", "reason": "x"} if method == "POST" else {}
            bodies = [body] if method != "POST" else [{"text": "x"}, {"reason": "x"}]
            codes = {theirs.request(method, path, json=b, headers={"If-Match": "*"}).status_code for b in bodies}
            assert codes <= {403, 404, 422}, (method, path, codes)
            assert 404 in codes or 403 in codes, (method, path, codes)
            walked += 1
    assert walked >= 14
    for path in ("tickets", "contacts", "escalations", "rfos"):
        assert str(ticket) not in theirs.get(f"/api/v1/{path}", params={"limit": 200}).text
    assert "IPT-204817" not in theirs.get("/api/v1/services", params={"limit": 200}).text
    assert theirs.get("/api/v1/tickets", params={"customer": "C-1007"}).json()["items"] == []
    assert ticket not in theirs.get(TMF).text


def test_api1_a_known_and_an_unknown_service_of_others_answer_alike(theirs: httpx.Client) -> None:
    known, unknown = opened(theirs, "IPT-204817"), opened(theirs, "IPT-999999")
    drop = ("id", "opened_at", "last_contact_at", "report", "response_due_at", "repair_due_at")
    assert {k: v for k, v in known.items() if k not in drop} == {k: v for k, v in unknown.items() if k not in drop}
    for path in ("IPT-204817", "IPT-999999"):
        answer = theirs.get(f"/api/v1/services/{path}")
        assert (answer.status_code, answer.json()["detail"]) == (404, f"There is no service {path}.")


def test_api2_wrong_tokens_are_slowed_and_all_answered_alike(site: WholeSite) -> None:
    bad = ("", "Bearer x", "Bearer itk_000000000000_" + "a" * 43, "Basic YTpi", "Bearer " + "é" * 10, "Bearer itk_' OR 1=1--_x")
    with site.client() as client:
        answers = [client.get("/api/v1/tickets", headers={b"Authorization": b.encode()} if b else {}) for b in bad]
        assert {a.status_code for a in answers} == {401}
        assert len({a.text for a in answers}) == 1
        guesses = [client.get("/api/v1/tickets", headers={"Authorization": f"Bearer guess-{n}"}) for n in range(80)]
    assert 429 in {g.status_code for g in guesses}
    rates = site.app.state.api_rates
    rates.clear()


def test_api3_what_is_not_in_the_shape_is_neither_taken_nor_shown(ours: httpx.Client, theirs: httpx.Client) -> None:
    given = {"description": "x", "service_ids": ["DIA-118203"]}
    for more in (
        {"customer_id": "C-1007"},
        {"priority": "critical"},
        {"state": "closed"},
        {"id": "INC-2026-000018"},
        {"review": False},
    ):
        assert ours.post("/api/v1/tickets", json=given | more).status_code == 422
    ticket = opened(theirs, "DIA-118203")
    path = f"/api/v1/tickets/{ticket['id']}"
    for more in ({"priority": "critical", "reason": "x"}, {"state": "closed"}, {"urgency": "high"}):
        assert theirs.patch(path, json=more, headers={"If-Match": "*"}).status_code == 422
    ours.post(f"{path}/notes", json={"text": "The customer is behind with paying."})
    assert "paying" not in theirs.get(f"{path}/events", params={"limit": 200}).text
    shown = theirs.get(path).json()
    assert (shown["review"], shown["review_reasons"]) == (False, [])
    contact = theirs.get(f"{path}/contacts").json()["items"][0]
    one = theirs.get(f"/api/v1/contacts/{contact['id']}").json()
    assert one["reading"] is None
    listed = theirs.get("/api/v1/contacts", params={"limit": 200}).json()["items"]
    assert {c["reason"] for c in (contact, one, *listed)} == {""}, "why we took it for what it is, is ours"
    assert ours.get(f"/api/v1/contacts/{contact['id']}").json()["reason"]


def test_api4_sizes_pages_and_rates_are_bounded(ours: httpx.Client) -> None:
    assert ours.get("/api/v1/tickets", params={"limit": 201}).status_code == 422
    assert ours.post("/api/v1/tickets", json={"description": "x" * 20_001}).status_code == 422
    assert ours.get("/api/v1/tickets", params={"cursor": "x" * 301}).status_code == 422
    huge = ours.post("/api/v1/readings", content=b"x" * 27_000_000, headers={"Content-Type": "message/rfc822"})
    assert huge.status_code == 413
    assert int(ours.get("/api/v1/tickets").headers["ratelimit-limit"]) == 100_000


def test_api5_a_scope_and_a_role_open_no_other_function(site: WholeSite) -> None:
    with site.client(headers=site.token(Scope.TICKETS_READ, owner="auditor")) as reader:
        assert reader.get("/api/v1/tickets").status_code == 200
        assert reader.post("/api/v1/tickets", json={"description": "x"}).status_code == 403
        assert reader.post("/api/v1/rule-sets", json={"name": "x", "rules": {}}).status_code == 403
    with pytest.raises(Exception, match="may not give"):
        site.token(Scope.TICKETS_WRITE, owner="auditor")


def test_api6_one_sender_cannot_flood_a_customer_with_mail(site: WholeSite, theirs: httpx.Client) -> None:
    from sqlmodel import select

    from models.tables import Outbox

    before = site.now()
    for _ in range(8):
        opened(theirs, "DIA-118220", requester="goran@drinska-pekara.example")
    with site.house.store.read() as session:
        rows = session.exec(
            select(Outbox).where(Outbox.to_address == "goran@drinska-pekara.example", Outbox.created_at >= before)
        ).all()
    at_once = [r for r in rows if (r.due_at - before).total_seconds() < 60]
    assert len(at_once) <= 5
    assert theirs.post("/api/v1/tickets", json={"description": "x", "requester": "victim@elsewhere.example"}).status_code == 422


def test_api7_no_address_inside_is_called(site: WholeSite) -> None:
    """Hubs are refused as tests/access/test_tmf.py shows; nothing else of the API takes an address to call."""
    with site.client() as client:
        document = client.get("/api/openapi.json").text
    assert '"format":"uri"' not in document
    assert "callback" not in document


def test_api8_errors_tell_nothing_of_the_inside(ours: httpx.Client, site: WholeSite) -> None:
    for answer in (
        ours.post("/api/v1/tickets", content=b"{", headers={"Content-Type": "application/json"}),
        ours.get("/api/v1/nowhere"),
        ours.delete("/api/v1/tickets"),
        ours.get("/api/v1/tickets/INC-2026-999999"),
    ):
        assert answer.headers["content-type"] == "application/problem+json"
        assert not any(word in answer.text for word in ("Traceback", "sqlalchemy", "site-packages", ".py"))
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers


def test_api9_every_route_is_in_the_document_and_has_a_version(site: WholeSite) -> None:
    with site.client() as client:
        paths = client.get("/api/openapi.json").json()["paths"]
        carriers = client.get(f"{TMF.rpartition('/')[0]}/openapi.json").json()["paths"]
    served = {d.path.removeprefix("/api") for d in declared(site.app) if d.path.startswith("/api/v1")}
    assert served == set(paths)
    assert all(p.startswith("/v1/") for p in paths)
    begin = TMF.rpartition("/")[0]
    theirs = {d.path.removeprefix(begin) for d in declared(site.app) if d.path.startswith(begin)}
    assert theirs == {*carriers, "/openapi.json"}


def test_api10_what_other_systems_say_is_checked_like_anybodys(ours: httpx.Client) -> None:
    """A ticket of another carrier with words that would break a mail or a page stays words."""
    evil = "<script>alert(1)</script>"
    given = {"description": evil, "severity": evil, "ticketType": "assistance", "name": f"{evil}", "priority": evil}
    made = ours.post(TMF, json=given)
    assert made.status_code == 201, made.text
    assert ours.post(TMF, json=given | {"name": "a\r\nBcc: x@evil.example"}).status_code in (400, 422)
    assert (
        ours.post(TMF, json=given | {"relatedContactInformation": [{"role": "reporter", "emailAddress": "a\nb"}]}).status_code
        == 422
    )
