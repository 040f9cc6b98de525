"""`intake doctor` uses what is set, and names what is wrong in one line: settings, account, disk, schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.cli import command_line
from models.errors import SchemaError
from models.schema_whole import lacking
from models.store import Store, downgrade, ensure_schema, schema_state
from tests.calls.carrier_double import Carrier, carrier
from tests.calls.phone import ACCOUNT, TOKEN
from tests.servers import end_kept_connections

NUMBER = "+4930555010"
Doctor = Callable[..., dict[str, tuple[bool, str]]]


@pytest.fixture
def double() -> Iterator[Carrier]:
    with carrier(ACCOUNT, TOKEN) as made:
        yield made
    end_kept_connections()


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    return {"INTAKE_DATA_DIR": str(tmp_path), "INTAKE_MAIL_ADDRESSES": "noc@desk.example"}


@pytest.fixture
def doctor(settings: dict[str, str]) -> Doctor:
    """Runs the command; gives each check with whether it is well and what was found."""

    def run(**more: str) -> dict[str, tuple[bool, str]]:
        done = CliRunner().invoke(command_line(["doctor"]), ["doctor", "--json"], env={**settings, **more})
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert done.exit_code == (0 if all(line["ok"] for line in lines) else 1)
        return {line["check"]: (line["ok"], line["detail"]) for line in lines}

    return run


@pytest.mark.parametrize(
    ("tokens", "number", "status", "well", "says"),
    [
        (TOKEN, NUMBER, "active", True, "token 1 of 1 signs in to Desk"),
        (f"{TOKEN},{'0' * 32}", NUMBER, "active", False, "token 2 of 2: does not sign in"),
        (TOKEN, "+4930999999", "active", False, "token 1 of 1: the account has no number +4930999999"),
        (TOKEN, "", "suspended", False, "token 1 of 1: the account is suspended"),
    ],
)
def test_each_token_of_the_phone_account_is_used_and_one_that_fails_is_named_by_its_place(
    doctor: Doctor, double: Carrier, tokens: str, number: str, status: str, well: bool, says: str
) -> None:
    double.status = status
    account = {"INTAKE_TWILIO_ACCOUNT_SID": ACCOUNT, "INTAKE_TWILIO_API_URL": double.url, "INTAKE_PHONE_NUMBER": number}
    found = doctor(**account, INTAKE_TWILIO_AUTH_TOKENS=tokens)
    assert found["INTAKE_TWILIO_AUTH_TOKENS"] == (well, says)
    assert not [detail for _, detail in found.values() if TOKEN in detail]


def test_a_carrier_that_cannot_be_reached_is_not_taken_for_a_wrong_token(doctor: Doctor) -> None:
    account = {"INTAKE_TWILIO_ACCOUNT_SID": ACCOUNT, "INTAKE_TWILIO_API_URL": "http://127.0.0.1:1"}
    well, says = doctor(**account, INTAKE_TWILIO_AUTH_TOKENS=TOKEN)["INTAKE_TWILIO_AUTH_TOKENS"]
    assert not well
    assert says.startswith("token 1 of 1: the carrier cannot be asked")


def test_an_account_without_a_token_is_named(doctor: Doctor) -> None:
    found = doctor(INTAKE_TWILIO_ACCOUNT_SID=ACCOUNT)
    assert found["INTAKE_TWILIO_AUTH_TOKENS"] == (False, "without INTAKE_TWILIO_AUTH_TOKENS: no call comes")


def test_a_disk_that_is_nearly_full_is_named_with_what_is_free_and_what_is_asked_for(doctor: Doctor) -> None:
    well, says = doctor(INTAKE_MIN_FREE_MB=str(10**9))["disk"]
    assert not well
    assert f"INTAKE_MIN_FREE_MB asks for {10**9}" in says
    assert doctor(INTAKE_MIN_FREE_MB="0")["disk"][0]


def test_an_older_schema_is_named_with_the_command_that_helps(doctor: Doctor, tmp_path: Path) -> None:
    with _database(tmp_path) as store:
        ensure_schema(store)
        downgrade(store, "0014")
    well, says = doctor()["database"]
    assert not well
    assert "run `intake migrate`" in says


def test_a_schema_of_a_version_that_is_not_known_is_named(doctor: Doctor, tmp_path: Path) -> None:
    _changed(tmp_path, "UPDATE alembic_version SET version_num = '9999'", "DELETE FROM meta")
    well, says = doctor()["database"]
    assert not well
    assert "schema 9999, which this version does not know" in says


def test_a_migration_that_was_cut_off_is_named_by_what_it_left_out(doctor: Doctor, tmp_path: Path) -> None:
    _changed(tmp_path, "DROP TABLE process_beat", "ALTER TABLE ticket DROP COLUMN asks")
    well, says = doctor()["schema"]
    assert not well
    assert "table process_beat" in says
    assert "column ticket.asks" in says


def test_tables_without_a_schema_number_are_neither_migrated_nor_used(doctor: Doctor, tmp_path: Path) -> None:
    _changed(tmp_path, "DROP TABLE alembic_version")
    assert "no schema number" in doctor()["database"][1]
    with _database(tmp_path) as store, pytest.raises(SchemaError, match="no schema number"):
        ensure_schema(store)


def test_a_database_that_something_else_lives_in_is_taken_for_empty(database_url: str) -> None:
    store = Store(database_url)
    with store.write() as session:
        session.connection().execute(text("CREATE TABLE huey_task (id INTEGER)"))
    ensure_schema(store)
    assert schema_state(store) == "current"
    assert lacking(store) == []
    store.close()


def test_a_database_that_does_not_answer_is_named_for_each_thing_that_needs_it(doctor: Doctor, tmp_path: Path) -> None:
    found = doctor(
        INTAKE_DATABASE_URL="postgresql://u@127.0.0.1:1/x?connect_timeout=2", INTAKE_QUEUE_URL=f"sqlite:///{tmp_path}/q.db"
    )
    assert not found["database"][0]
    assert "the database says" in found["database"][1]
    assert "disk" in found, "the other checks are made all the same"


def _changed(path: Path, *statements: str) -> None:
    with _database(path) as store:
        ensure_schema(store)
        with store.write() as session:
            for statement in statements:
                session.connection().execute(text(statement))


@contextmanager
def _database(path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{path}/intake.db")
    yield store
    store.close()
