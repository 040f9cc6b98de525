"""XOAUTH2 against Dovecot's oauth2 passdb and a token server: each grant, renewal, refusal, expiry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.dovecot import Dovecot, dovecot_missing
from tests.imap.fetching import Fetching, mail
from tests.token_server import CLIENT, SECRET, TokenServer


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    server = TokenServer()
    yield server
    server.close()


@pytest.fixture
def server(tmp_path: Path, tokens: TokenServer) -> Iterator[Dovecot]:
    if why := dovecot_missing():
        pytest.skip(why)
    started = Dovecot(tmp_path, tokeninfo=tokens.tokeninfo)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def fetching(tmp_path: Path) -> Iterator[Fetching]:
    house = Fetching(f"sqlite:///{tmp_path}/intake.db")
    yield house
    house.close()


def _file(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text + "\n")
    return path


def _url(server: Dovecot, tokens: TokenServer, more: str) -> str:
    return server.url(f"auth=xoauth2&token_url={tokens.url}&client_id={CLIENT}&{more}", password="")


def test_client_credentials_of_microsoft(server: Dovecot, tokens: TokenServer, fetching: Fetching, tmp_path: Path) -> None:
    secret = _file(tmp_path, "client", SECRET)
    server.fill([mail(0)])
    fetching.start(_url(server, tokens, f"provider=microsoft&client_secret_file={secret}"))
    fetching.until_states(processed=1)
    assert tokens.forms == [
        {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "scope": "https://outlook.office365.com/.default",
        }
    ]
    assert "method=XOAUTH2" in (server.path / "dovecot.log").read_text()


def test_a_refresh_token_is_used_and_the_new_one_kept(
    server: Dovecot, tokens: TokenServer, fetching: Fetching, tmp_path: Path
) -> None:
    refresh = _file(tmp_path, "refresh", tokens.refresh_token)
    server.fill([mail(0)])
    fetching.start(_url(server, tokens, f"provider=microsoft&refresh_token_file={refresh}&tenant=t"))
    fetching.until_states(processed=1)
    assert tokens.forms[0]["refresh_token"] == "first-refresh-token"
    assert refresh.read_text().strip() == tokens.refresh_token != "first-refresh-token"
    assert refresh.stat().st_mode & 0o777 == 0o600


def test_a_service_account_of_google(tokens: TokenServer, server: Dovecot, fetching: Fetching, tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    tokens.public_key = (
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    )
    account = _file(tmp_path, "key.json", json.dumps({"client_email": "a@b.example", "private_key": private}))
    server.fill([mail(0)])
    fetching.start(_url(server, tokens, f"provider=google&key_file={account}"))
    fetching.until_states(processed=1)


def test_a_token_is_renewed_before_its_end(server: Dovecot, tokens: TokenServer, fetching: Fetching, tmp_path: Path) -> None:
    tokens.lasts_s = 2
    secret = _file(tmp_path, "client", SECRET)
    fetching.start(_url(server, tokens, f"provider=microsoft&client_secret_file={secret}"))
    fetching.until(lambda: len(tokens.forms) >= 3)
    server.fill([mail(0)])
    fetching.until_states(processed=1)
    assert fetching.alarms() == set()
    assert "auth failed" not in (server.path / "dovecot.log").read_text()


def test_an_expired_client_secret_is_an_alarm_that_says_so(
    server: Dovecot, tokens: TokenServer, fetching: Fetching, tmp_path: Path
) -> None:
    secret = _file(tmp_path, "client", "an-old-secret")
    server.fill([mail(0)])
    fetching.start(_url(server, tokens, f"provider=microsoft&client_secret_file={secret}"))
    fetching.until(lambda: fetching.alarms() == {"refused"})
    (alarm,) = fetching.lines()[0].alarms
    assert "AADSTS7000222" in alarm.detail
    assert "an-old-secret" not in alarm.detail
    assert len(tokens.forms) == 1
    secret.write_text(SECRET)
    fetching.until_states(processed=1)


def test_a_token_server_in_trouble_is_asked_again(
    server: Dovecot, tokens: TokenServer, fetching: Fetching, tmp_path: Path
) -> None:
    tokens.status = 503
    secret = _file(tmp_path, "client", SECRET)
    server.fill([mail(0)])
    fetching.start(_url(server, tokens, f"provider=microsoft&client_secret_file={secret}"))
    fetching.until(lambda: len(tokens.forms) >= 2 and fetching.lines()[0].row.state == "down")
    tokens.status = 0
    fetching.until_states(processed=1)
