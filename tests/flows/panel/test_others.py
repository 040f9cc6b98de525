"""Nobody sees what is another's, sends more than can be taken, or keeps the others waiting."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from fastapi.routing import APIRoute

from panel.app import PUBLIC
from tests.flows.panel_helpers import (
    ADA,
    BO,
    CARL,
    SHARED,
    Site,
    hidden,
    report,
    send,
    token,
)

PATHS = {
    "service_id": "SVC-104233",
    "act": "add",
    "contact_id": "1",
    "number": "0",
    "token": "x",
    "purpose": "answer",
    "left": "x",
    "mark": "x",
}


def _routes(site: Site, ticket: str) -> list[tuple[str, str, str]]:
    made = []
    for route in site.panel.routes:
        if isinstance(route, APIRoute):
            path = "/panel" + route.path.replace(":path", "").format(**PATHS, ticket_id=ticket)
            made += [(m, path, route.name) for m in route.methods or ()]
    return made


def test_every_page_wants_a_sign_in_and_shows_nobody_what_is_anothers(site: Site) -> None:
    with site.signed_in(ADA) as ada:
        report(ada, description="Secret words of Ferry Lines.", files={"files": ("secret.txt", b"secret of ferry")})
        [ticket] = site.tickets()
        routes = _routes(site, ticket.id)
        assert len(routes) >= 16
        shown = ada.get(f"/panel/tickets/{ticket.id}").text
        assert "Secret words" in shown
    with site.browser() as nobody:
        for method, path, name in routes:
            answer = nobody.request(method, path)
            assert "Secret words" not in answer.text, path
            if name not in PUBLIC:
                assert answer.url.path == "/panel/sign-in", path
    walked = 0
    with site.signed_in(BO) as bo:
        csrf = hidden(bo.get("/panel").text, "csrf")
        for method, path, name in routes:
            if name == "sign_out":
                continue
            answer = bo.request(
                method, path, data={"csrf": csrf, "words": "mine now", "same": "new"} if method == "POST" else None
            )
            body = answer.text.replace(path, "")
            for secret in ("Secret words", "secret of ferry", "SVC-104233", "HH-90001", "Ferry Lines", ADA):
                assert secret not in body, (method, path, secret)
            if any(x in path for x in (ticket.id, "SVC-104233")):
                assert answer.status_code == 404, path
                other = path.replace(ticket.id, "INC-2026-999999").replace("SVC-104233", "SVC-999999")
                again = bo.request(method, other, data={"csrf": csrf} if method == "POST" else None)
                assert (again.status_code, again.text) == (answer.status_code, answer.text), path
                walked += 1
    assert walked >= 7
    assert len(site.contacts()) == 1
    with site.signed_in(CARL) as colleague:
        assert "Secret words" in colleague.get(f"/panel/tickets/{ticket.id}").text


def test_an_address_of_two_customers_sees_both_and_a_token_for_one_of_them_only_that_one(small: Site) -> None:
    with small.signed_in(SHARED) as both:
        page = both.get("/panel").text
        assert "SVC-104233" in page
        assert "DIA-771200" in page
        report(both, service="DIA-771200")
        assert small.tickets()[0].customer_id == "C2"
    with small.browser() as one:
        assert one.get("/panel/token", params={"token": token(small, sub=SHARED, customer="C1")}).status_code == 200
        assert "DIA-771200" not in one.get("/panel").text


def test_a_body_that_is_too_large_is_refused_announced_or_not(small: Site) -> None:
    with socket.create_connection(("127.0.0.1", small.port), timeout=60) as line:
        line.sendall(b"POST /panel/read HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 413")
    with small.signed_in() as client:
        big = [("files", (f"{n}.txt", b"word " * 1_000_000)) for n in range(5)]
        answer = report(client, files=big)
        assert answer.status_code == 422
        assert "20 MB in all" in answer.text

        def stream() -> Iterator[bytes]:
            for _ in range(60):
                yield b"x" * 500_000

        with pytest.raises(httpx.HTTPError):
            client.post(
                "/panel/read", content=stream(), headers={"Content-Type": "multipart/form-data; boundary=b"}
            ).raise_for_status()


def test_one_browser_cannot_keep_the_others_waiting(small: Site) -> None:
    with small.signed_in() as client, small.signed_in(BO) as other:
        page = client.get("/panel/services/SVC-104233/support").text
        codes = [send(client, page, "SVC-104233", description="").status_code for _ in range(61)]
        assert codes == [422] * 60 + [429]
        assert report(other, service="DIA-771200").status_code == 200
        small.ahead += timedelta(minutes=1)
        assert send(client, page, "SVC-104233").status_code == 200


@pytest.mark.parametrize(
    "path", ["/panel/nothing", "/panel/tickets/INC-2026-999999", "/panel/tickets/x/files/a/b", "/panel/services/NO-1"]
)
def test_what_is_not_there_reads_like_what_is_anothers(small: Site, path: str) -> None:
    with small.signed_in() as client:
        answer = client.get(path)
    assert answer.status_code == 404
    assert "There is no such page here, or it is not yours." in answer.text
