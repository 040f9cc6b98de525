"""Ticket IDs and signed marks."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from models.clock import utc_now
from models.store import Store, ensure_schema
from tickets.ids import next_ticket_id, ticket_id, well_formed
from tickets.tokens import Tokens

TOKENS = Tokens(b"k" * 32, "bounce@desk.example")


@given(st.integers(2000, 2999), st.integers(1, 99_999_999))
def test_a_made_id_is_well_formed_and_no_single_wrong_digit_is(year: int, running: int) -> None:
    made = ticket_id(year, running)
    assert well_formed(made)
    last = int(made[-1])
    assert not any(well_formed(f"{made[:-1]}{d}") for d in range(10) if d != last)


def test_two_swapped_digits_are_found() -> None:
    made = ticket_id(2026, 12345)
    assert not well_formed(made.replace("12345", "12435"))


def test_numbers_run_and_begin_anew_each_year(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/t.db")
    ensure_schema(store)
    now = utc_now().replace(year=2026)
    with store.write() as session:
        made = [next_ticket_id(session, now) for _ in range(3)]
        other_year = next_ticket_id(session, now.replace(year=2027))
    assert [m[9:14] for m in made] == ["00001", "00002", "00003"]
    assert other_year.startswith("INC-2027-00001")
    store.close()


def test_our_marks_are_known_again_and_forged_ones_are_not() -> None:
    mid = TOKENS.message_id("INC-2026-000018")
    assert TOKENS.is_our_message_id(mid)
    assert not TOKENS.is_our_message_id(mid.replace("inc-2026-000018", "inc-2026-000019"))
    assert not TOKENS.is_our_message_id("<x@desk.example>")
    sender = TOKENS.envelope_sender("INC-2026-000018")
    assert TOKENS.ticket_of_recipient(sender) == "INC-2026-000018"
    assert TOKENS.ticket_of_recipient(sender.upper()) == "INC-2026-000018"
    assert TOKENS.ticket_of_recipient(sender.replace("000018", "000019")) is None
    assert Tokens(b"other", "bounce@desk.example").ticket_of_recipient(sender) is None
