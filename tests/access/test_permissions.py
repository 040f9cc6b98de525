"""Every route of the product has a declared permission, and holds to it, for every role and for nobody."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.permissions import Declared, declared, deny_undeclared
from models.access import Scope, permission_of, public
from models.words import Role
from tests.access.house import WholeSite

DENIED = "Your role may not see this page."
CSRF = ("This form is out of date", "This form was sent from another site")
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
EXAMPLES = {"ticket_id": "INC-2026-000018", "service_id": "LNK-1001", "kind": "matrix", "name": "default"}


def routes(site: WholeSite, kind: str) -> list[Declared]:
    return [d for d in declared(site.app) if d.permission and d.permission.kind == kind]


def path_of(d: Declared) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: EXAMPLES.get(m[1], "1"), d.path)


def test_no_route_is_without_a_permission(site: WholeSite) -> None:
    assert not [f"{sorted(d.methods)} {d.path} ({d.name})" for d in declared(site.app) if d.permission is None]


def test_every_role_reaches_what_is_declared_for_it_and_nothing_else(site: WholeSite) -> None:
    asked = routes(site, "roles")
    assert len(asked) > 30
    for role in Role:
        with site.client(role.value) as client:
            for d in asked:
                assert d.permission
                for method in d.methods:
                    if d.path in ("/logout", "/account/sessions"):
                        continue
                    answer = client.request(method, path_of(d))
                    where = (role.value, method, d.path, answer.status_code)
                    if role.value not in d.permission.who:
                        assert answer.status_code == 403, where
                        assert DENIED in answer.text, where
                    else:
                        assert answer.status_code < 500, (*where, answer.text[:300])
                        assert DENIED not in answer.text, where


def test_nobody_reaches_anything_but_what_is_public(site: WholeSite) -> None:
    with site.client() as nobody:
        for d in routes(site, "roles"):
            for method in d.methods:
                answer = nobody.request(method, path_of(d))
                assert (answer.status_code, answer.headers.get("location")) == (303, "/login") or answer.status_code == 401, (
                    d.path
                )
        for d in routes(site, "scope"):
            for method in d.methods:
                answer = nobody.request(method, path_of(d), json={})
                assert answer.status_code == 401, (method, d.path)
                assert answer.headers["www-authenticate"].startswith("Bearer")
        for d in (d for d in routes(site, "signed") if d.path.startswith("/voice/")):
            for method in d.methods:
                assert nobody.request(method, path_of(d)).status_code == 403, d.path
        for d in routes(site, "public"):
            for method in d.methods:
                # A house without workers says so.
                assert nobody.request(method, path_of(d)).status_code < 500 or d.path == "/readyz", d.path


def test_no_form_is_taken_without_its_token_or_from_another_site(site: WholeSite) -> None:
    for role in Role:
        with site.client(role.value) as client:
            for d in routes(site, "roles"):
                assert d.permission
                if role.value not in d.permission.who:
                    continue
                for method in d.methods & UNSAFE:
                    bare = client.request(method, path_of(d), data={"csrf": "forged"})
                    assert bare.status_code == 403, (method, d.path)
                    assert any(t in bare.text for t in CSRF), (method, d.path)
                    foreign = client.request(method, path_of(d), headers={"Origin": "https://evil.example"})
                    assert foreign.status_code == 403, (method, d.path)


def test_a_token_reaches_only_the_routes_of_its_scopes(site: WholeSite) -> None:
    asked = routes(site, "scope")
    everything = frozenset(s.value for s in Scope)
    tokens = {s: site.token(s, per_minute=100_000) for s in everything}
    with site.client() as client:
        for d in asked:
            assert d.permission
            assert d.permission.who <= everything
            for scope, headers in tokens.items():
                for method in d.methods:
                    answer = client.request(method, path_of(d), headers=headers, json={})
                    where = (scope, method, d.path, answer.status_code, answer.text[:200])
                    if scope in d.permission.who:
                        assert answer.status_code not in (401, 403), where
                        assert answer.status_code < 500, where
                    else:
                        assert answer.status_code == 403, where


def test_a_session_of_the_console_opens_no_door_of_other_systems(site: WholeSite) -> None:
    with site.client("admin") as client:
        for d in routes(site, "scope"):
            for method in d.methods:
                assert client.request(method, path_of(d), json={}).status_code == 401, d.path


def test_a_route_without_a_permission_answers_nobody() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/forgotten")
    def forgotten() -> str:
        return "secret"

    @app.get("/open")
    @public("a test")
    def opened() -> str:
        return "fine"

    async def asked() -> tuple[int, str]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            return (await client.get("/forgotten")).status_code, (await client.get("/open")).json()

    deny_undeclared(app)
    assert asyncio.run(asked()) == (403, "fine")
    assert permission_of(opened)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_headers_of_every_answer(tmp_path: Path, scheme: str) -> None:
    site = WholeSite(tmp_path, **({"public_url": "https://desk.example"} if scheme == "https" else {}))
    safe = scheme == "https"
    # A front that ends TLS says so.
    front = {"X-Forwarded-Proto": "https", "Host": "desk.example"} if safe else {}
    with site.client(headers=front) as client:
        for path in ("/login", "/nowhere", "/healthz", "/static/style.css", "/api/openapi.json", "/api/v1/tickets"):
            headers = client.get(path).headers
            assert "default-src 'self'" in headers["content-security-policy"], path
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert ("strict-transport-security" in headers) is safe
        sign_in = client.post("/login", data={"name": "agent", "password": "a right password"})
        cookie = sign_in.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert (cookie.startswith("__Host-session=") and "Secure" in cookie and "Path=/" in cookie) is safe
    site.close()
