"""Mail that is read again by the rules of today: the ticket gains, the customer hears nothing, what has ended stays so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models.words import Action, TicketState
from tests.unit.tickets.life import FILING, LifeDesk
from tests.unit.tickets.makers import DIRECTORY, facts, reading
from tickets.filing import Filed, file_contact
from tickets.set_aside import process_again
from tickets.work import lease_contact


@pytest.fixture
def desk(database_url: str) -> Iterator[LifeDesk]:
    made = LifeDesk(database_url)
    yield made
    made.store.close()


def _again(desk: LifeDesk) -> Filed:
    with desk.store.write() as session:
        assert process_again(session, [1], who="ana", now=desk.now) == 1
    assert lease_contact(desk.store, 1, owner="me", now=desk.now)
    return file_contact(
        desk.store, 1, owner="me", facts=facts(), reading=reading(), directory=DIRECTORY, clock=lambda: desk.now, settings=FILING
    )  # fmt: skip


def test_what_is_found_now_fills_the_ticket_and_no_second_answer_goes_out(desk: LifeDesk) -> None:
    filed = desk.file(reading(service_ids=(), action=Action.ASK))
    before = desk.ticket(filed.ticket_id)
    assert (before.state, before.missing) == (TicketState.AWAITING_CUSTOMER.value, ["service_id"])
    desk.later(minutes=5)
    again = _again(desk)
    after = desk.ticket(filed.ticket_id)
    assert (again.ticket_id, again.outbox_id) == (filed.ticket_id, None)
    assert (after.state, after.missing) == (TicketState.OPEN.value, [])
    assert after.last_contact_at == before.last_contact_at, "nobody has written"
    assert len(desk.mails(after.id)) == 1


def test_a_ticket_that_has_ended_is_not_opened_again(desk: LifeDesk) -> None:
    filed = desk.file(reading())
    with desk.store.write() as session:
        session.merge(desk.ticket(filed.ticket_id)).state = TicketState.CLOSED.value
    _again(desk)
    assert desk.ticket(filed.ticket_id).state == TicketState.CLOSED.value
    assert len(desk.mails(filed.ticket_id or "")) == 1
