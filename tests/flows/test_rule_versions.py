"""Versions of the rule set on both databases: what goes back is the same to the byte; two who switch are told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.clock import utc_now
from models.errors import NotFoundError, StaleError
from models.rule_store import activate, active_digest, active_rules, find_rules, keep_rules, roll_back
from models.store import Store, ensure_schema
from parsers.rules import shipped_text
from tests.flows.rule_site import RULE, RuleSite, post, served, token

ODD = (
    shipped_text().replace('{"name": "shipped"', '{"name": "na\\u00efve \\u2028 \\u0416 \\" \\\\ caf\u00e9 \U0001f9c0"')
    + "\n \n"
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    one = Store(database_url)
    ensure_schema(one)
    yield one
    one.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RuleSite]:
    with served(tmp_path) as one:
        yield one


def switched(store: Store, which: str | None, seen: str | None = None) -> None:
    with store.write() as session:
        row = find_rules(session, which) if which else None
        activate(session, row, actor="lea", now=utc_now(), reason="r", seen=seen)


def in_force(store: Store) -> str:
    with store.read() as session:
        return active_rules(session).text


def back(store: Store) -> None:
    with store.write() as session:
        roll_back(session, actor="lea", now=utc_now())


def test_going_back_restores_each_version_byte_for_byte(store: Store) -> None:
    other = ODD.replace("caf", "other")
    with store.write() as session:
        digests = [keep_rules(session, n, text, utc_now()).digest for n, text in (("a", ODD), ("b", other))]
        assert keep_rules(session, "again", ODD, utc_now()).digest == digests[0]
    switched(store, "1")
    switched(store, "2")
    back(store)
    assert in_force(store).encode() == ODD.encode()
    with store.read() as session:
        assert active_digest(session) == digests[0]
    back(store)
    assert in_force(store) == ""
    with pytest.raises(NotFoundError):
        back(store)
    switched(store, "2")
    assert in_force(store).encode() == other.encode()


def test_whoever_switches_after_another_is_told(store: Store) -> None:
    with store.write() as session:
        keep_rules(session, "a", ODD, utc_now())
    switched(store, "1", seen="")
    with pytest.raises(StaleError, match="lea has switched"):
        switched(store, None, seen="")
    assert in_force(store) == ODD


def test_a_file_is_imported_as_a_version_or_names_its_bad_rule(site: RuleSite) -> None:
    with site.client("lead") as client:

        def imported(data: bytes) -> int:
            files = {"file": ("mine.json", data, "application/json")}
            answer = client.post("/rules/import", data={"csrf": token(client)}, files=files)
            said.append(answer.text)
            return answer.status_code

        said: list[str] = []
        assert imported(b'{"rules": [{"id": "x.y", "kind": "nonsense"}]}') == 422
        assert "x.y" in said[-1]
        assert imported(b"\xff\xfe") == 422
        assert imported(b"{}" + b" " * 5_000_001) == 422
        assert imported(ODD.encode()) == 303
        assert client.get("/rules/export", params={"set": "1"}).content == ODD.encode()
        assert "Go back to" not in client.get("/rules/versions").text
        late = post(client, "/rules/versions", do="activate", set="1", reason="r", override="1", seen="0123456789ab")
        assert (late.status_code, "has switched the rule set meanwhile" in late.text) == (409, True)
        assert post(client, "/rules/versions", do="activate", set="1", reason="r", override="1", seen="").status_code == 303
        assert '<a href="/rules/diff?a=active&amp;b=shipped">shipped set</a>' in client.get("/rules/versions").text
        assert post(client, "/rules/versions", do="rollback", reason="worse").status_code == 303
        assert "went back from 1 to shipped: worse" in client.get("/rules/versions").text
        assert post(client, "/rules/rule", **RULE, do="save").status_code == 303
        assert post(client, "/rules/versions", do="drop", set="draft-1").status_code == 303
        assert "No draft" in client.get("/rules/versions").text
