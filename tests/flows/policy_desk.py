"""Forms of the policy as a flow sends them: the page's form with some fields changed, sent again, and what is told beside fields."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.flows.form_reader import form_of
from tests.flows.rule_site import RuleSite, post, served
from tickets.policy import Policy, load_policy

CALENDAR, MATRIX = "/policy/calendar/munich", "/policy/matrix/default"


@pytest.fixture(scope="module")
def served_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RuleSite]:
    with served(tmp_path_factory.mktemp("forms")) as one:
        yield one


@pytest.fixture
def client(served_site: RuleSite) -> Iterator[httpx.Client]:
    with served_site.client("admin") as one:
        yield one


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RuleSite]:
    """A house of its own, for what is saved."""
    with served(tmp_path) as one:
        yield one


def policy(site: RuleSite) -> Policy:
    with site.store.read() as session:
        return load_policy(session)


def sent(client: httpx.Client, path: str, act: str, **change: str) -> httpx.Response:
    """The form as the page has it, with these fields changed; dots of their paths are written as `__`."""
    fields = form_of(client.get(path).text)
    return post(client, path, act=act, **fields | {k.replace("__", "."): v for k, v in change.items()})


def again(client: httpx.Client, path: str, page: httpx.Response, act: str, **change: str) -> httpx.Response:
    """The form as it just came back, sent on."""
    return post(client, path, act=act, **form_of(page.text) | {k.replace("__", "."): v for k, v in change.items()})


def wrong_at(page: httpx.Response) -> dict[str, str]:
    """What is told beside fields, by the id of the field or list."""
    found = re.findall(r'<p class="wrong" id="([^"]+)-e"[^>]*>([^<]+)</p>', page.text)
    return {path: html.unescape(words) for path, words in found}


def named() -> dict[str, str]:
    """The person of a new matrix, filled in."""
    return {"levels__0__persons__0__name": "Ida", "levels__0__persons__0__ways__0__to": "ida@desk.example"}
