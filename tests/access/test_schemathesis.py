"""What the API says of itself holds for whatever is sent: schemathesis over the whole document, as each kind of token."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.access import CUSTOMER_SCOPES, ROLE_SCOPES
from models.words import Role
from tests.access.house import WholeSite

_CHECKS = "not_a_server_error,status_code_conformance,response_schema_conformance"
WHO = [*(r.value for r in Role), "customer", "nobody"]
DOCUMENTS = {"api": "/api", "tmf": "/tmf-api/troubleTicket/v5"}


def header(site: WholeSite, who: str) -> list[str]:
    """A token with all that this one may have."""
    if who == "nobody":
        return []
    if who == "customer":
        token = site.token(*CUSTOMER_SCOPES, customer="C-1003", per_minute=900_000)
    else:
        token = site.token(*ROLE_SCOPES[Role(who)], owner=who, per_minute=900_000)
    return ["-H", f"Authorization: {token['Authorization']}"]


@pytest.mark.parametrize("door", DOCUMENTS)
@pytest.mark.parametrize("who", WHO)
def test_the_api_holds_to_its_document(site: WholeSite, tmp_path: Path, who: str, door: str) -> None:
    base = site.url + DOCUMENTS[door]
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "run", f"{base}/openapi.json", "--checks", _CHECKS,
        "--max-examples", "6", "--request-timeout", "90", "--seed", "42", "--phases", "examples,fuzzing",
        "--generation-deterministic", "--url", base, "--no-color", *header(site, who),
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path)}
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
