"""What begins like an address of the API is answered by the API, whatever stands in it; people's pages stay as they are."""

from __future__ import annotations

import json
import socket

import pytest
from sqlmodel import col, select

from models.access import Scope
from models.tables_users import Audit
from parsers.rules import shipped_text
from tests.access.house import WholeSite


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v2/tickets",
        "/api/nowhere",
        "/api/%0A",
        "/api/%0Av1/tickets",
        "/api%0A/v1/tickets",
        "/%0Aapi/v1/tickets",
        "/api/v1/tickets%0A/x",
        "//api/v1/tickets",
        "/api/v1//tickets",
        "/api/..%2Fv1/tickets",
        "/api/%00",
    ],
)
def test_an_odd_address_of_the_api_is_a_problem_and_no_page(site: WholeSite, path: str) -> None:
    status, headers, body = raw_get(site, path)
    assert status == 404, (path, body)
    assert headers["content-type"] == "application/problem+json", path
    assert "<html" not in body
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/tmf-api/nowhere", "/tmf-api/troubleTicket/v5/%0A", "/tmf-api", "/tmf-api/troubleTicket/v4/hub"]
)
def test_an_odd_address_of_the_carriers_door_is_no_page(site: WholeSite, path: str) -> None:
    status, headers, body = raw_get(site, path)
    assert status == 404
    assert headers["content-type"].partition(";")[0] in ("application/problem+json", "application/json")
    assert "<html" not in body


@pytest.mark.parametrize("path", ["/apiary", "/nowhere", "/panel/api"])
def test_what_only_looks_like_it_is_still_a_page(site: WholeSite, path: str) -> None:
    status, headers, _ = raw_get(site, path)
    assert status in (303, 404)
    assert headers["content-type"].partition(";")[0] in ("text/html", "text/plain") or "location" in headers


def test_what_the_api_writes_into_the_audit_log_names_the_callers_address(site: WholeSite) -> None:
    with site.client(headers=site.token(Scope.RULES_WRITE)) as client:
        kept = client.post("/api/v1/rule-sets", json={"name": "mine", "rules": json.loads(shipped_text())})
        assert kept.status_code == 201, kept.text
    with site.house.store.read() as session:
        line = session.exec(select(Audit).where(Audit.action == "rules-kept").order_by(col(Audit.seq).desc())).first()
    assert line
    assert line.ip == "127.0.0.1"


def raw_get(site: WholeSite, path: str) -> tuple[int, dict[str, str], str]:
    """A GET whose address no client library has put right."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=60) as s:
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: s.recv(65536), b""))
    head, _, body = answer.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    return int(first.split()[1]), {n.lower(): v.strip() for n, _, v in (x.partition(":") for x in lines)}, body
