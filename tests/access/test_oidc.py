"""Sign-in by the company's service, against a faithful one: who gets in, and every answer that must not let anybody in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey
from sqlmodel import select

from console.oidc_settings import parse_roles
from models.errors import SettingError
from models.tables_users import Audit, User
from tests.access.house import WholeSite, csrf_of
from tests.access.provider import CLIENT, SECRET, Provider


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WholeSite, Provider]]:
    provider = Provider()
    site = WholeSite(
        tmp_path_factory.mktemp("oidc"), oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET,
        oidc_roles="noc=agent,noc-admins=admin",
    )  # fmt: skip
    yield site, provider
    site.close()
    provider.close()


@pytest.fixture(autouse=True)
def faithful(both: tuple[WholeSite, Provider]) -> None:
    provider = both[1]
    provider.key, provider.algorithm, provider.spoil = provider.own_key, "RS256", lambda claims: None
    provider.person = {"sub": "u-1", "preferred_username": "mara", "groups": ["noc"]}


def sign_in(client: httpx.Client, *, change: Callable[[str], str] = lambda url: url) -> httpx.Response:
    """What a browser does: to the service, and back with what it says."""
    away = client.get("/oidc/start")
    assert away.status_code == 303
    back = httpx.get(away.headers["location"]).headers["location"]
    return client.get(change(back))


def test_a_person_gets_in_with_the_role_of_the_groups(both: tuple[WholeSite, Provider]) -> None:
    site, provider = both
    with site.client() as client:
        assert 'href="/oidc/start"' in client.get("/login").text
        answer = sign_in(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        account = client.get("/account").text
        assert "mara" in account
        assert "company account" in account
    with site.house.store.read() as session:
        user = session.get(User, "mara")
    assert user
    assert (user.role, user.subject, user.password_hash) == ("agent", f"{provider.issuer}|u-1", "")
    provider.person["groups"] = ["noc", "noc-admins"]
    with site.client() as client:
        sign_in(client)
        assert client.get("/users").status_code == 200
    with site.client() as client:
        # There is no password that would let him in.
        for word in ("", "x"):
            assert client.post("/login", data={"name": "mara", "password": word}).status_code == 401


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: c.update(nonce="another"),
        lambda c: c.pop("nonce"),
        lambda c: c.update(aud="another-app"),
        lambda c: c.update(aud=[CLIENT, "another-app"]),
        lambda c: c.update(iss="https://evil.example"),
        lambda c: c.update(exp=c["iat"] - 600),
        lambda c: c.pop("exp"),
        lambda c: c.pop("sub"),
        lambda c: c.update(groups=[]),
        lambda c: c.update(groups={"noc": True}),
        lambda c: c.update(preferred_username="a\x07b"),
    ],
)
def test_a_spoilt_answer_lets_nobody_in(both: tuple[WholeSite, Provider], spoil: Callable[[dict[str, Any]], None]) -> None:
    site, provider = both
    provider.spoil = spoil
    with site.client() as client:
        assert sign_in(client).status_code == 403
        assert client.get("/").status_code == 303
    with site.house.store.read() as session:
        assert session.exec(select(Audit).where(Audit.action == "sign-in-refused")).first()


def test_a_token_signed_by_another_or_by_the_secret_lets_nobody_in(both: tuple[WholeSite, Provider]) -> None:
    site, provider = both
    for key, algorithm in ((RSAKey.generate_key(2048), "RS256"), (OctKey.import_key(SECRET * 3), "HS256")):
        provider.key, provider.algorithm = key, algorithm  # type: ignore[assignment]
        with site.client() as client:
            assert sign_in(client).status_code == 403


def test_state_code_and_cookie_belong_to_one_sign_in(both: tuple[WholeSite, Provider]) -> None:
    site, _ = both
    with site.client() as client:
        assert sign_in(client, change=lambda url: url.replace("state=", "state=x")).status_code == 403
        assert sign_in(client, change=lambda url: url.replace("code=", "code=x")).status_code == 403
        assert client.get("/oidc/callback", params={"state": "a", "code": "b"}).status_code == 403
        assert sign_in(client, change=lambda url: url.partition("?")[0] + "?error=access_denied").status_code == 403
        back: list[str] = []

        def seen(url: str) -> str:
            back.append(url)
            return url

        assert sign_in(client, change=seen).status_code == 303
        with site.client() as thief:
            assert thief.get(back[0]).status_code == 403


def test_a_local_user_of_the_same_name_is_not_taken_over_and_a_locked_one_stays_out(both: tuple[WholeSite, Provider]) -> None:
    site, provider = both
    provider.person = {"sub": "u-2", "preferred_username": "admin", "groups": ["noc-admins"]}
    with site.client() as client:
        answer = sign_in(client)
        assert answer.status_code == 403
        assert "another user admin" in answer.text
    provider.person = {"sub": "u-3", "preferred_username": "lena", "groups": ["noc"]}
    with site.client() as lena, site.client("admin") as admin:
        assert sign_in(lena).status_code == 303
        assert admin.post("/users/lena/lock", data={"csrf": csrf_of(admin.get("/users").text)}).status_code == 200
        assert lena.get("/").status_code == 303
        assert sign_in(lena).status_code == 403


def test_wrong_role_settings_name_the_part() -> None:
    with pytest.raises(SettingError, match="'noc=boss' is not VALUE=ROLE"):
        parse_roles("noc-admins=admin, noc=boss")
