"""Where webhooks may go, and what a template may do: what is refused names itself."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from outbound.webhook_bodies import KINDS, MAX_TEMPLATE, SAMPLE, VARIABLES, BodyError, check_template, render_body
from outbound.webhook_secrets import Box, SecretLost, new_secret, sign
from outbound.webhook_sending import Allowed, HookSender, UrlRefused, check_url, parse_allowed

PUBLIC = Allowed()


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x", "https://127.0.0.1/x", "https://10.1.2.3/", "https://192.168.1.1/", "https://169.254.169.254/latest",
        "https://[::1]/", "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/", "https://100.64.0.1/", "https://0.0.0.0/", "https://224.0.0.1/",
        "https://user:pass@hooks.example.com/", "https://hooks.example.com:22/", "ftp://hooks.example.com/", "https:///x", "nonsense",
        "https://hooks.example.com/a b", "https://hooks.example.com/#x", "https://h/" + "x" * 2000, "https://[::1", "https://h:99999/",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_https_is_refused(url: str) -> None:
    with pytest.raises(UrlRefused):
        check_url(url, PUBLIC)


@pytest.mark.parametrize(
    "url",
    ["https://hooks.example.com/x?y=1", "https://hooks.example.com:8443/", "https://198.41.0.4/", "https://[2001:500:2::c]/"],
)
def test_a_public_https_address_is_taken(url: str) -> None:
    check_url(url, PUBLIC)


def test_a_setting_opens_hosts_and_networks_and_nothing_else() -> None:
    allowed = parse_allowed("hooks.internal, 10.0.0.0/8, ::1")
    for url in ("http://hooks.internal:8000/x", "http://10.9.9.9/", "https://[::1]:9/"):
        check_url(url, allowed)
    with pytest.raises(UrlRefused):
        check_url("http://192.168.0.1/", allowed)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["fe80::1%eth0"]])
def test_a_name_that_leads_to_a_private_address_is_not_connected_to(
    addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    answer = HookSender(PUBLIC).post("https://rebound.example.com/", {}, "{}")
    assert answer.status == 0
    assert "not public" in answer.words


def test_a_name_that_leads_nowhere_is_told() -> None:
    assert "cannot be looked up" in HookSender(PUBLIC).post("https://no-such-host.invalid/", {}, "{}").words


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "custom"])
def test_every_shipped_body_can_be_made_of_any_event(kind: str) -> None:
    check_template(kind, "")
    ticket = {**SAMPLE["ticket"], "services": [], "subject": "", "description": "", "company": ""}
    for event in ("ticket.opened", "ticket.resolved"):
        assert render_body(kind, "", {**SAMPLE, "event": event, "ticket": ticket})


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("", "empty"), ("x" * (MAX_TEMPLATE + 1), "characters"), ("{{ x", "line 1"), ('{"a": {{ nothing | tojson }}}', "undefined"),
        ("not json", "makes no JSON"), ('{"a": {{ ticket.id | tojson }}}', "outage"), ('{"a": {{ "x" * 9 | tojson }}}', "not for templates"),
        ("{{ ticket.__class__.__mro__ }}", "unsafe"), ("{{ ''.ljust(9) }}", "not safely callable"), ("{% set a = 1 %}{}", "assign"),
        ("{% macro m() %}{% endmacro %}{}", "macro"), ("{% include 'x' %}", "include"), ("{% with a = 1 %}{% endwith %}{}", "with"),
        ("{% for a in 'ab' %}{% for b in 'ab' %}{% endfor %}{% endfor %}{}", "loop"), ("{% for a in range(9) %}{% endfor %}{}", "undefined"),
        ("{% for a in 'ab' %}{% if a %}{% for b in 'ab' %}{% endfor %}{% endif %}{% endfor %}{}", "loop"),
        ("{% for a in [[1]] recursive %}{% endfor %}{}", "loop"), ('{{ "a" | replace("a", "' + "b" * 500 + '") | replace("b", "' + "c" * 500 + '") }}', "more than"),
        ("{{ 'a' | nofilter }}", "nofilter"), ("{{ ticket.missing[9].x }}", "no element"), ("{{ ('x' ~ 1) + 'y' }}", "not for templates"),
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_used_is_refused_with_the_reason(template: str, words: str) -> None:
    with pytest.raises(BodyError, match=r"(?i)" + words):
        check_template("custom", template)


def test_a_template_of_ones_own_has_the_documented_variables() -> None:
    whole = "{" + ", ".join(f'"{name}": {{{{ {name} | tojson }}}}' for name in VARIABLES) + "}"
    check_template("custom", whole)
    check_template(
        "custom",
        '[{% for s in (ticket.services if ticket else []) %}{{ s | tojson }}{{ "" if loop.last else "," }}{% endfor %}]',
    )
    check_template("custom", '{"level": {{ 1 + 1 }}}')
    with pytest.raises(BodyError, match="no kind"):
        check_template("carrier-pigeon", "")


def test_a_sealed_secret_is_read_with_its_own_key_only() -> None:
    from models.clock import utc_now

    box, secret = Box(b"one"), new_secret()
    assert box.open(box.seal(secret)) == secret
    assert box.open(box.seal("")) == ""
    for sealed in (Box(b"two").seal(secret), "rubbish"):
        with pytest.raises(SecretLost):
            box.open(sealed)
    assert sign([secret, new_secret()], "evt_1", utc_now(), "{}")["webhook-signature"].count("v1,") == 2
