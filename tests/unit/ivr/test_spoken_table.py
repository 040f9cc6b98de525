"""The second table of spoken answers: many ID schemes at once, other wordings, and noise that must be asked again."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ivr.hear import hear_lines
from models.directory_file import load_directory

TABLE = Path(__file__).resolve().parents[2] / "corpus" / "spoken"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in (TABLE / "calls.jsonl").read_text().splitlines()]
DIRECTORY = load_directory(TABLE / "directory.json")
WITHIN_S = 61


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r["id"])
def test_an_answer_is_heard_as_it_was_meant_or_asked_again(row: dict[str, Any]) -> None:
    (heard,) = hear_lines([json.dumps(row)], DIRECTORY)
    value, meant = heard["value"], row["gold"]
    if row["asked"] == "start_time" and value and meant:
        apart = datetime.fromisoformat(str(value)) - datetime.fromisoformat(meant)
        assert abs(apart.total_seconds()) <= WITHIN_S, f"{row['speech']!r}: {value} for {meant}"
    elif row["asked"] == "description" and meant is True:
        assert value == row["speech"]
    else:
        assert value == meant, row["speech"]
