"""The keys of the control panel: what cannot be used names itself."""

from __future__ import annotations

import pytest

from models.clock import utc_now
from models.errors import SettingError
from panel.tokens import TokenRefused, parse_keys, read_token


def test_keys_have_names_and_all_of_them_count() -> None:
    assert list(parse_keys(f"old:{'a' * 32}, new:{'b' * 40}")) == ["old", "new"]
    assert parse_keys("") == {}


@pytest.mark.parametrize("text", ["old:short", "a" * 40, ":" + "a" * 40, f"k:{'a' * 32},k:{'b' * 32}"])
def test_a_key_that_cannot_be_used_names_the_setting(text: str) -> None:
    with pytest.raises(SettingError, match="INTAKE_PANEL_TOKEN_KEYS"):
        parse_keys(text)


def test_without_keys_nobody_is_let_in() -> None:
    with pytest.raises(TokenRefused, match="no key is set"):
        read_token("x", {}, audience="a", now=utc_now())
