"""Matrices, targets and calendars at the door: versions, scopes, and each mistake refused by its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models.errors import UserError
from models.store import Store, ensure_schema
from models.tables_life import PolicyDocument
from models.tables_users import Audit
from models.words import Priority
from tests.unit.tickets.makers import DIRECTORY, NOW
from tickets.policy import check_against, load_policy, retire, save

PERSON = {"name": "Eva Lind", "ways": [{"by": "mail", "to": "eva@desk.example"}, {"by": "call", "to": "+49 30 5550100"}]}


def matrix(size: int = 2, **given: Any) -> dict[str, Any]:
    rows = [{"level": n, "title": f"Level {n}", "persons": [PERSON]} for n in range(1, size + 1)]
    return {"default": True, "levels": rows} | given


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    s = Store(f"sqlite:///{tmp_path}/t.db")
    ensure_schema(s)
    yield s
    s.close()


def put(store: Store, kind: str, name: str, body: dict[str, Any]) -> PolicyDocument:
    with store.write() as session:
        return save(session, kind, name, body, author="admin", now=NOW)


def test_each_change_is_a_version_and_the_same_again_is_none(store: Store) -> None:
    assert [put(store, "matrix", "all", matrix(n)).version for n in (1, 2, 2, 3)] == [1, 2, 2, 3]
    with store.read() as session:
        assert [(m.row.name, m.version, len(m.row.levels)) for m in load_policy(session).matrices] == [("all", 3, 3)]
        assert [a.detail["version"] for a in session.exec(select(Audit)).all()] == [1, 2, 3]


def test_the_usual_ages_stand_where_none_are_given(store: Store) -> None:
    put(store, "matrix", "all", matrix(4))
    with store.read() as session:
        row = load_policy(session).matrices[0].row
    ages = {p: [level.after[p] for level in row.levels] for p in Priority}
    assert ages[Priority.CRITICAL] == ["1h", "2h", "3h", "4h"]
    assert ages[Priority.LOW] == ["1bd", "2bd", "3bd", "5bd"]


def test_a_service_comes_before_its_customer_and_both_before_the_default(store: Store) -> None:
    put(store, "matrix", "all", matrix())
    put(store, "matrix", "k1", matrix(default=False, customers=["K1"]))
    put(store, "matrix", "gold", matrix(default=False, services=["LNK-1001"]))
    with store.read() as session:
        policy = load_policy(session)
    found = [policy.matrix_for(c, s) for c, s in (("K1", ["LNK-1001"]), ("K1", ["LNK-1002"]), ("K2", ["LNK-2001"]), (None, []))]
    assert [m.row.name if m else None for m in found] == ["gold", "k1", "all", "all"]
    with store.write() as session:
        retire(session, "matrix", "all", author="admin", now=NOW)
    with store.read() as session:
        assert load_policy(session).matrix_for("K2", []) is None


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (matrix(0), "matrix 'new' has no levels"),
        (matrix(levels=[{"level": 1, "title": "Lead", "persons": []}]), r"level 1 \(Lead\) has no persons"),
        (
            matrix(levels=[{"level": 2, "title": "Lead", "persons": [PERSON]}]),
            r"levels must run 1, 2, 3 \.\.\.; given are \[2\]",
        ),
        (
            matrix(levels=[{"level": 1, "title": "L", "persons": [{"name": "Eva", "ways": []}]}]),
            "'Eva' has no way to be reached",
        ),
        (
            matrix(levels=[{"level": 1, "title": "L", "persons": [{"name": "E", "ways": [{"by": "mail", "to": "eva"}]}]}]),
            "'eva' is no mail address",
        ),
        (
            matrix(levels=[{"level": 1, "title": "L", "persons": [{"name": "E", "ways": [{"by": "sms", "to": "110"}]}]}]),
            "'110' is no number",
        ),
        (
            matrix(
                levels=[
                    {"level": 1, "title": "A", "persons": [PERSON], "after": {"major": "4h"}},
                    {"level": 2, "title": "B", "persons": [PERSON], "after": {"major": "2h"}},
                ]
            ),
            "level 2 is not later than level 1 for major",
        ),
        (matrix(levels=[{"level": 1, "title": "A", "persons": [PERSON], "after": {"major": "soon"}}]), "'soon' is no length"),
        (matrix(default=False), "is for nobody"),
        (matrix(default=False, services=["LNK-1001"], calendar="moon"), "counts by calendar 'moon', which there is not"),
        (matrix(), "matrices 'all' and 'new' overlap: both are for default"),
        (matrix(colour="red"), "colour"),
    ],
)
def test_a_matrix_that_cannot_be_is_refused_by_name_and_nothing_changes(store: Store, body: dict[str, Any], names: str) -> None:
    put(store, "matrix", "all", matrix())
    with pytest.raises(UserError, match=names):
        put(store, "matrix", "new", body)
    with store.read() as session:
        assert [m.row.name for m in load_policy(session).matrices] == ["all"]


def test_two_matrices_for_one_service_overlap(store: Store) -> None:
    put(store, "matrix", "a", matrix(default=False, services=["LNK-1001", "LNK-1002"]))
    with pytest.raises(UserError, match="'a' and 'b' overlap: both are for service LNK-1002"):
        put(store, "matrix", "b", matrix(default=False, services=["LNK-1002"]))


def test_a_matrix_for_what_is_not_on_file_is_named(store: Store) -> None:
    put(store, "matrix", "a", matrix(default=False, services=["LNK-9999"]))
    with store.read() as session, pytest.raises(UserError, match="'a' names service 'LNK-9999'"):
        check_against(load_policy(session), DIRECTORY)


def test_unknown_kinds_names_and_calendars_in_use_are_refused(store: Store) -> None:
    with pytest.raises(UserError, match="'mood' is none of"):
        put(store, "mood", "x", {})
    put(store, "calendar", "berlin", {"zone": "Europe/Berlin", "country": "DE", "hours": {"mon": [["09:00", "17:00"]]}})
    put(store, "care", "default", {"calendar": "berlin"})
    with store.write() as session, pytest.raises(UserError, match="care counts by calendar 'berlin'"):
        retire(session, "calendar", "berlin", author="admin", now=NOW)
    with store.write() as session, pytest.raises(UserError, match="there is no matrix 'nothing'"):
        retire(session, "matrix", "nothing", author="admin", now=NOW)
