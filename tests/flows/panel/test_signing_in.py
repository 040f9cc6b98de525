"""Signing in by a link to an address on file, and by a token of the provider's own control panel."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from models.directory import Directory
from models.directory_store import import_directory
from tests.flows.panel_helpers import (
    ADA,
    CARL,
    DIRECTORY,
    Site,
    hidden,
    token,
)


def test_a_token_of_the_control_panel_signs_in_once_and_leads_to_the_service(site: Site) -> None:
    good = token(site, service="SVC-104234")
    with site.browser() as client:
        answer = client.post("/panel/token", data={"token": good})
        assert answer.url.path == "/panel/services/SVC-104234/support"
    with site.browser() as thief:
        assert thief.post("/panel/token", data={"token": good}).status_code == 403
        assert thief.get("/panel").url.path == "/panel/sign-in"


@pytest.mark.parametrize(
    "given",
    [
        {"aud": "https://elsewhere.example"}, {"aud": None}, {"exp": 1}, {"exp": None}, {"iat": None}, {"jti": None}, {"sub": "eve@evil.example"},
        {"customer": "C2"}, {"customer": "C9"}, {"service": "DIA-771200"}, {"secret": "x" * 32}, {"kid": "unknown"}, {"exp": 9_999_999_999},
        {"iat": 9_999_999_000, "exp": 9_999_999_060}, {"exp": True},
    ],
)  # fmt: skip
def test_a_token_that_is_not_right_lets_nobody_in_and_says_nothing(small: Site, given: dict[str, Any]) -> None:
    with small.browser() as client:
        answer = client.get("/panel/token", params={"token": token(small, **given)})
        assert answer.status_code == 403
        assert answer.text == client.get("/panel/token", params={"token": "rubbish"}).text
        assert "panel" not in client.cookies


def test_an_unsigned_token_is_refused(small: Site) -> None:
    head, body, _ = token(small).split(".")
    with small.browser() as client:
        assert client.get("/panel/token", params={"token": f"eyJhbGciOiJub25lIn0.{body}."}).status_code == 403
        assert client.get("/panel/token", params={"token": f"{head}.{body}."}).status_code == 403


def test_known_and_unknown_addresses_get_the_same_answer_and_only_one_a_mail(site: Site) -> None:
    with site.browser() as client:
        pages = []
        for address in (ADA, "eve@nowhere.example"):
            answer = client.post("/panel/sign-in", data={"email": address})
            pages.append((answer.status_code, answer.text.replace(address, ""), sorted(answer.headers)))
        assert pages[0] == pages[1]
        site.sign_in_link(client, CARL)
        assert [m.to_address for m in site.mails("panel-sign-in")] == [ADA, CARL]
        assert client.post("/panel/sign-in", data={"email": "no address"}).status_code == 422


def test_the_answer_is_out_before_anybody_looks_who_is_on_file(small: Site) -> None:
    may_look = threading.Event()

    def slow() -> Directory:
        assert may_look.wait(60)
        return DIRECTORY

    object.__setattr__(small.site, "directory", slow)
    with small.browser() as client:
        for address in (ADA, "eve@nowhere.example"):
            assert client.post("/panel/sign-in", data={"email": address}).status_code == 200
        assert small.mails("panel-sign-in") == []
        may_look.set()
        small.until(lambda: len(small.mails("panel-sign-in")) == 1)


def test_a_link_works_once_within_its_time_and_looking_does_not_use_it_up(site: Site) -> None:
    with site.browser() as client:
        link = site.sign_in_link(client, ADA)
        for _ in range(3):
            assert "Sign in</button>" in client.get(link).text
        assert client.get("/panel").url.path == "/panel/sign-in"
        for origin in ("https://evil.example", "null"):
            assert client.post(link, headers={"Origin": origin}).status_code == 403
        assert client.post(link).url.path.rstrip("/") == "/panel"
    with site.browser() as second:
        assert second.post(link).status_code == 410
        assert second.get(link).status_code == 410
        late = site.sign_in_link(second, ADA)
        site.ahead = timedelta(minutes=16)
        assert second.post(late).status_code == 410


def test_over_https_the_cookie_is_bound_to_the_host_and_files_of_the_pages_are_kept_by_browsers(tmp_path: Path) -> None:
    site = Site(tmp_path, f"sqlite:///{tmp_path}/s.db", public_url="https://desk.example")
    site.start()
    try:
        with site.browser() as client:
            made = token(site, aud="https://desk.example/panel")
            answer = client.post("/panel/token", data={"token": made}, follow_redirects=False)
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-panel=")
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
            assert "max-age" in client.get("/panel/static/panel.css").headers["cache-control"]
            assert client.get("/panel/sign-in").headers["referrer-policy"] == "same-origin"
    finally:
        site.stop()


def test_a_sent_link_is_kept_nowhere_and_too_many_wishes_are_refused(small: Site) -> None:
    with small.browser() as client:
        link = small.sign_in_link(client, ADA)
        secret = link.rpartition("/")[2]
        small.deliver()
        [mail] = small.mails("panel-sign-in")
        assert mail.state == "sent"
        assert secret not in f"{mail.raw!r}{mail.body_text}{mail.context}"
        [eml] = (small.house.settings.data_dir.absolute() / "outbox").glob("*.eml")
        assert secret in eml.read_text()
        codes = [client.post("/panel/sign-in", data={"email": ADA}).status_code for _ in range(5)]
        assert codes == [200, 200, 200, 200, 429]
        assert [client.post("/panel/sign-in", data={"email": "eve@x.example"}).status_code for _ in range(6)][-1] == 429
        many = [client.post("/panel/sign-in", data={"email": f"e{n}@x.example"}).status_code for n in range(30)]
        assert many[-1] == 429


def test_a_session_ends_by_sign_out_idle_time_and_when_the_address_leaves_the_file(small: Site) -> None:
    with small.signed_in() as client:
        csrf = hidden(client.get("/panel").text, "csrf")
        assert client.post("/panel/sign-out", data={"csrf": "forged"}).status_code == 403
        assert (
            client.post("/panel/sign-out", data={"csrf": csrf}, headers={"Origin": "https://evil.example"}).status_code == 403
        )
        assert client.post("/panel/sign-out", data={"csrf": csrf}).url.path == "/panel/sign-in"
        assert client.get("/panel/tickets").url.path == "/panel/sign-in"
    with small.signed_in() as client:
        small.ahead = timedelta(minutes=50)
        assert client.get("/panel/tickets").url.path == "/panel/tickets"
        small.ahead = timedelta(minutes=115)
        assert client.get("/panel/tickets").url.path == "/panel/sign-in"
    with small.signed_in("noc@msp.example") as client:
        import_directory(small.house.store, type(DIRECTORY)(DIRECTORY.customers[:0], ()), replace=True)
        answer = client.get("/panel/tickets/INC-2026-000014")
        assert answer.url.path == "/panel/sign-in"
        assert "to=/panel/tickets/INC-2026-000014" in str(answer.url)


def test_after_sign_in_one_gets_where_one_wanted_to_but_never_elsewhere(small: Site) -> None:
    for to, path in (
        ("/panel/tickets", "/panel/tickets"),
        ("https://evil.example", "/panel/"),
        ("/panel//evil.example", "/panel/"),
    ):
        with small.browser() as client:
            before = len(small.links_to(ADA))
            client.post("/panel/sign-in", data={"email": ADA, "to": to})
            _until_more(small, before)
            link = small.links_to(ADA)[-1]
            assert client.post(link).url.path == path


def _until_more(site: Site, before: int) -> None:
    site.until(lambda: len(site.links_to(ADA)) > before)
