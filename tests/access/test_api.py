"""The REST API from outside: reports become tickets as mails do, changes are never lost, errors name their field."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from models.access import Scope
from models.tables import Contact, Outbox, Ticket
from models.words import Role
from tests.access.house import WholeSite
from tests.running import CORPUS

REPORT = {
    "service_ids": ["DIA-118203"],
    "description": "No light at our end, the line is down.",
    "impact": "service_affecting",
    "start_time": "2026-01-04T07:40:00+01:00",
}


def opened(client: httpx.Client, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/tickets", json=REPORT | {"is_new": True} | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_report_is_kept_raw_filed_and_answered_like_a_mail(site: WholeSite, everything: httpx.Client) -> None:
    owner = site.house.store
    directory = CORPUS / "directory.json"
    assert directory.exists()
    address = customer_address(site, "DIA-118203")
    answer = everything.post("/api/v1/tickets", json=REPORT | {"requester": address, "external_id": "SNOW-17"})
    assert answer.status_code == 201
    ticket = answer.json()
    assert ticket["report"]["service_ids"] == ["DIA-118203"]
    assert ticket["report"]["start_time"] == "2026-01-04T06:40:00Z"
    assert ticket["missing"] == []
    assert (ticket["state"], ticket["impact"]) == ("new", "service_affecting")
    assert answer.headers["location"] == f"/api/v1/tickets/{ticket['id']}"
    with owner.read() as session:
        contact = session.exec(select(Contact).where(Contact.ticket_id == ticket["id"])).one()
        mail = session.exec(select(Outbox).where(Outbox.ticket_id == ticket["id"])).one()
    assert (contact.channel, contact.verdict, contact.ticket_id) == ("api", "person", ticket["id"])
    assert b"No light at our end" in contact.raw
    assert (mail.to_address, mail.event) == (address, "ticket-opened")
    again = everything.post("/api/v1/tickets", json=REPORT | {"external_id": "SNOW-17"})
    assert again.status_code == 409
    assert again.json()["ticket"] == ticket["id"]


def test_what_is_not_given_is_read_from_the_words_and_the_rest_is_missing(everything: httpx.Client) -> None:
    ticket = everything.post("/api/v1/tickets", json={"description": "DIA-118219 is completely down."}).json()
    assert ticket["report"]["service_ids"] == ["DIA-118219"]
    assert ticket["impact"] == "service_affecting"
    assert ticket["missing"] == ["start_time"]
    contacts = everything.get(f"/api/v1/tickets/{ticket['id']}/contacts").json()["items"]
    reading = everything.get(f"/api/v1/contacts/{contacts[0]['id']}").json()["reading"]
    assert reading["evidence"]["service_id"][0]["spans"]


def test_the_same_fault_joins_and_a_new_one_does_not(site: WholeSite, everything: httpx.Client) -> None:
    report = REPORT | {"customer": customer_id(site, "DIA-118203"), "start_time": site.now().isoformat()}
    first = everything.post("/api/v1/tickets", json=report)
    same = everything.post("/api/v1/tickets", json=report)
    assert (first.status_code, same.status_code) == (201, 200)
    assert same.json()["id"] == first.json()["id"]
    other = everything.post("/api/v1/tickets", json=report | {"is_new": True})
    assert other.status_code == 201
    assert other.json()["id"] != first.json()["id"]


def test_a_repeat_with_its_key_is_answered_and_not_done_again(site: WholeSite, everything: httpx.Client) -> None:
    key = {"Idempotency-Key": "case-4711"}
    report = REPORT | {"subject": "asked for twice"}
    first = everything.post("/api/v1/tickets", json=report, headers=key)
    again = everything.post("/api/v1/tickets", json=report, headers=key)
    assert (again.status_code, again.json(), again.headers["etag"]) == (201, first.json(), first.headers["etag"])
    assert again.headers["idempotency-replayed"] == "true"
    other = everything.post("/api/v1/tickets", json=REPORT | {"subject": "x"}, headers=key)
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "header.Idempotency-Key"
    with site.house.store.read() as session:
        same = select(Ticket).where(Ticket.subject == "asked for twice")
        assert len(session.exec(same).all()) == 1
    with site.client(headers=site.token(Scope.TICKETS_WRITE)) as another:
        assert another.post("/api/v1/tickets", json=REPORT | {"is_new": True}, headers=key).status_code == 201


def test_a_request_that_failed_may_be_sent_again_with_its_key(everything: httpx.Client) -> None:
    key = {"Idempotency-Key": "k"}
    bad = REPORT | {"customer": "nobody"}
    assert everything.post("/api/v1/tickets", json=bad, headers=key).status_code == 422
    assert everything.post("/api/v1/tickets", json=REPORT, headers=key).status_code == 201


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"impact": "awful"}, "body.impact"),
        ({"start_time": "yesterday"}, "body.start_time"),
        ({"start_time": "2026-01-04T07:40:00"}, "body.start_time"),
        ({"start_time": "2199-01-04T07:40:00Z"}, "body.start_time"),
        ({"description": ""}, "body.description"),
        ({"description": "a\x00b"}, "body.description"),
        ({"subject": "two\nlines"}, "body.subject"),
        ({"requester": "not an address"}, "body.requester"),
        ({"requester": "a@x.example\r\nBcc: b@y.example"}, "body.requester"),
        ({"ip_addresses": ["300.1.1.1"]}, "body.ip_addresses.0"),
        ({"customer": "nobody"}, "body.customer"),
        ({"state": "closed"}, "body.state"),
        ({"priority": "critical"}, "body.priority"),
        ({"service_ids": ["x"] * 51}, "body.service_ids"),
    ],
)
def test_a_wrong_field_is_named(everything: httpx.Client, more: dict[str, Any], field: str) -> None:
    answer = everything.post("/api/v1/tickets", json=REPORT | more)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [e["field"] for e in answer.json()["errors"]]
    assert answer.json()["status"] == 422


def test_a_change_names_what_it_has_read_and_loses_nobody_elses(everything: httpx.Client) -> None:
    ticket = opened(everything)
    path = f"/api/v1/tickets/{ticket['id']}"
    etag = everything.get(path).headers["etag"]
    assert everything.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert everything.patch(path, json={"impact": "degradation"}).status_code == 428
    done = everything.patch(path, json={"impact": "degradation", "circuit_ids": ["C-1"]}, headers={"If-Match": etag})
    assert done.status_code == 200, done.text
    assert (done.json()["impact"], done.json()["report"]["circuit_ids"]) == ("degradation", ["C-1"])
    assert done.headers["etag"] != etag
    late = everything.patch(path, json={"impact": "service_affecting"}, headers={"If-Match": etag})
    assert late.status_code == 412
    assert late.headers["content-type"] == "application/problem+json"


def test_priority_state_and_resolution_go_by_the_rules_of_the_house(everything: httpx.Client) -> None:
    path = f"/api/v1/tickets/{opened(everything)['id']}"
    anything = {"If-Match": "*"}
    unreasoned = everything.patch(path, json={"priority": "low"}, headers=anything)
    assert unreasoned.json()["errors"][0]["field"] == "body.reason"
    assert everything.patch(path, json={"priority": "low", "reason": "lab"}, headers=anything).json()["priority"] == "low"
    assert everything.patch(path, json={"state": "in_progress"}, headers=anything).json()["state"] == "in_progress"
    wordless = everything.patch(path, json={"state": "resolved"}, headers=anything)
    assert wordless.json()["errors"][0]["field"] == "body.resolution"
    solved = everything.patch(path, json={"state": "resolved", "resolution": "Fibre spliced."}, headers=anything)
    assert (solved.json()["state"], solved.json()["resolution"]) == ("resolved", "Fibre spliced.")
    assert everything.post(f"{path}/escalations", json={"reason": "slow"}).status_code == 409
    assert everything.patch(path, json={"state": "reopened"}, headers=anything).json()["state"] == "reopened"
    assert everything.patch(path, json={"state": "merged"}, headers=anything).status_code == 422


def test_notes_contacts_escalations_and_rfos(site: WholeSite, everything: httpx.Client) -> None:
    ticket = opened(everything, customer=customer_id(site, "DIA-118203"))
    path = f"/api/v1/tickets/{ticket['id']}"
    assert everything.post(f"{path}/notes", json={"text": "Splice team is on its way."}).status_code == 201
    address = customer_address(site, "DIA-118203")
    said = everything.post(f"{path}/contacts", json={"text": "Circuit is C-9931, still down.", "requester": address})
    assert said.status_code == 201, said.text
    kinds = [e["kind"] for e in everything.get(f"{path}/events", params={"limit": 200}).json()["items"]]
    assert {"opened", "note", "joined"} <= set(kinds)
    up = everything.post(f"{path}/escalations", json={"reason": "no progress"})
    assert (up.status_code, up.json()["level"]) == (201, 1)
    assert everything.get(f"/api/v1/escalations/{up.json()['id']}").json()["reason"] == "no progress"
    have = everything.post(f"/api/v1/escalations/{up.json()['id']}/acknowledgement")
    assert have.json()["acknowledged_by"].startswith("api:")
    assert everything.post(f"{path}/rfos").status_code == 409
    everything.patch(path, json={"state": "resolved", "resolution": "Done."}, headers={"If-Match": "*"})
    rfo = everything.post(f"{path}/rfos")
    assert rfo.status_code == 201, rfo.text
    one = f"/api/v1/rfos/{rfo.json()['id']}"
    changed = everything.patch(one, json={"cause": "A digger."}, headers={"If-Match": rfo.headers["etag"]})
    assert (changed.json()["body"]["cause"], changed.json()["state"]) == ("A digger.", "review")
    assert everything.patch(one, json={"cause": "x"}, headers={"If-Match": rfo.headers["etag"]}).status_code == 412
    assert rfo.json()["id"] in [r["id"] for r in everything.get("/api/v1/rfos").json()["items"]]


def test_pages_by_cursor_show_each_row_once_even_while_rows_come(everything: httpx.Client) -> None:
    # Tickets of this test alone.
    mine = {"customer": "C-1007"}
    ids = [opened(everything, **mine)["id"] for _ in range(7)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = everything.get("/api/v1/tickets", params={"limit": 3, "cursor": cursor, **mine}).json()
        seen += [t["id"] for t in page["items"]]
        if page["next"] is None:
            break
        cursor = page["next"]
        opened(everything, **mine)
    assert seen == list(reversed(ids))
    for bad in ("zzz", "WzFd", "eyJhIjoxfQ", "W251bGwsbnVsbF0"):
        answer = everything.get("/api/v1/tickets", params={"cursor": bad})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query.cursor")
    for path in ("services", "contacts", "escalations", "rfos", "rule-sets"):
        assert everything.get(f"/api/v1/{path}", params={"limit": 2}).status_code == 200


def test_the_rate_of_a_token_is_told_and_kept(site: WholeSite) -> None:
    with site.client(headers=site.token(Scope.TICKETS_READ, per_minute=3)) as client:
        answers = [client.get("/api/v1/tickets") for _ in range(8)]
    # The minute may turn between them: at most two windows of three.
    good = [a for a in answers if a.status_code == 200]
    over = [a for a in answers if a.status_code == 429]
    assert 3 <= len(good) <= 6
    assert over
    assert good[0].headers["ratelimit-limit"] == "3"
    assert int(over[0].headers["retry-after"]) <= 60
    assert over[0].json()["title"] == "Too many requests"


def test_a_token_ends_with_its_time_its_revocation_and_its_owner(site: WholeSite) -> None:
    with site.client(headers=site.token(Scope.TICKETS_READ, owner=Role.AGENT.value)) as client:
        assert client.get("/api/v1/tickets").status_code == 200
        with site.client("admin") as admin:
            from tests.access.house import csrf_of

            csrf = csrf_of(admin.get("/users").text)
            assert admin.post("/users/agent/lock", data={"csrf": csrf}).status_code == 200
            assert client.get("/api/v1/tickets").status_code == 401
            assert admin.post("/users/agent/unlock", data={"csrf": csrf}).status_code == 200
            assert client.get("/api/v1/tickets").status_code == 200
        site.ahead = timedelta(days=11)
        assert client.get("/api/v1/tickets").status_code == 401


def test_the_document_and_its_page_need_no_token_and_no_script(site: WholeSite) -> None:
    with site.client() as nobody:
        document = nobody.get("/api/openapi.json").json()
        page = nobody.get("/api/docs").text
    assert document["openapi"].startswith("3.1")
    assert "<script" not in page
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"{method.upper()} /api{path}" in page


def customer_id(site: WholeSite, service: str) -> str:
    from models.directory_store import read_directory

    return read_directory(site.house.store).service_by_id[service].customer


def customer_address(site: WholeSite, service: str) -> str:
    from models.directory_store import read_directory

    directory = read_directory(site.house.store)
    return directory.customer_by_id[directory.service_by_id[service].customer].contacts[0].email
