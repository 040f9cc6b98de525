"""Deferral, RFO, problems, outages, updates and closing: played through with a clock of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pypdfium2
import pytest
from sqlmodel import select

from models.documents import RfoDocument
from models.errors import RefusedError, UserError
from models.tables_life import OutboxFile
from models.words import Impact, Intent, TicketEvent
from outbound.pdf import rfo_pdf
from tests.unit.tickets.care_desk import HARMLESS, NIGHT, desk, report, resolve, says
from tests.unit.tickets.life import LifeDesk
from tests.unit.tickets.makers import reading
from tickets import deferral, rfo, telling
from tickets.deferral import consents
from tickets.states import transition

__all__ = ["desk"]


def test_a_harmless_ticket_of_the_night_rests_when_both_agree_and_wakes_by_itself(desk: LifeDesk) -> None:
    desk.at(NIGHT)
    filed = desk.file(HARMLESS)
    ticket = filed.ticket_id or ""
    desk.later(minutes=1)
    offered = desk.mails(ticket)[-1]
    assert (offered.event, offered.context["due"]) == ("deferral-offered", "05 May 2026, 09:00 UTC")
    assert offered.context["deferral"]
    assert desk.ticket(ticket).state == "new", "the provider alone does not defer"
    desk.later(minutes=9)
    desk.reply(filed, says("Yes, that is fine."))
    row = desk.deferral(ticket)
    assert (row.state, row.customer_consent["way"], row.customer_consent["contact"]) == ("agreed", "email", 2)
    assert row.provider_consent["who"] == "policy"
    assert desk.ticket(ticket).state == "deferred"
    assert desk.mails(ticket)[-1].event == "deferral-agreed"
    desk.later(hours=5)
    assert desk.ticket(ticket).response_due_at is None, "clocks stand"
    desk.later(hours=7, minutes=50)
    assert (desk.ticket(ticket).state, desk.deferral(ticket).state) == ("open", "ended")
    assert desk.ticket(ticket).response_due_at == datetime(2026, 5, 5, 12, 50, tzinfo=UTC), (
        "ten minutes of four hours were used"
    )


def test_a_no_keeps_it_awake_and_a_worse_impact_wakes_it(desk: LifeDesk) -> None:
    desk.at(NIGHT)
    first, second = desk.file(HARMLESS), desk.file(reading(impact=Impact.NON_SERVICE_AFFECTING, service_ids=("LNK-1002",)))
    desk.later(minutes=1)
    desk.reply(first, says("No, please look at it now"))
    assert (desk.ticket(first.ticket_id).state, desk.deferral(first.ticket_id).state) == ("new", "declined")
    desk.reply(second, says("ok"))
    assert desk.ticket(second.ticket_id).state == "deferred"
    desk.reply(second, says("now it is down", impact=Impact.SERVICE_AFFECTING))
    assert desk.ticket(second.ticket_id).state == "open"
    desk.later(hours=14)
    assert [e.data["to"] for e in desk.events(second.ticket_id, "state")] == ["new", "deferred", "open"]


def test_deferral_is_refused_for_another_impact_a_past_date_and_twice(desk: LifeDesk) -> None:
    ticket = desk.file().ticket_id or ""
    later = desk.now + timedelta(days=1)
    with pytest.raises(RefusedError, match="its impact is service affecting"):
        desk.act(ticket, lambda w, c: deferral.offer(w, c, later, by="ana"))
    harmless = desk.file(reading(impact=Impact.NON_SERVICE_AFFECTING, service_ids=("LNK-1002",))).ticket_id or ""
    with pytest.raises(RefusedError, match="that is past"):
        desk.act(harmless, lambda w, c: deferral.offer(w, c, desk.now - timedelta(hours=1), by="ana"))
    desk.act(harmless, lambda w, c: deferral.offer(w, c, later, by="ana"))
    with pytest.raises(RefusedError, match="has a deferral already"):
        desk.act(harmless, lambda w, c: deferral.offer(w, c, later, by="ana"))


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("Yes please", True),
        ("ok, go ahead", True),
        ("no problem", True),
        ("No.", False),
        ("do not defer it", False),
        ("Any news?", None),
    ],
)
def test_what_an_answer_to_the_offer_says(words: str, answer: bool | None) -> None:
    assert consents(words) is answer


def test_by_day_or_for_policy_never_nothing_is_offered(desk: LifeDesk) -> None:
    day = desk.file(HARMLESS).ticket_id or ""
    desk.later(minutes=1)
    desk.policy("care", {"deferral": "never"})
    desk.at(NIGHT)
    night = desk.file(reading(impact=Impact.NON_SERVICE_AFFECTING, service_ids=("LNK-1002",))).ticket_id or ""
    desk.later(minutes=1)
    assert "deferral-offered" not in [m.event for t in (day, night) for m in desk.mails(t)]


def test_an_rfo_from_its_request_to_its_sending(desk: LifeDesk) -> None:
    desk.matrix()
    filed = desk.file()
    ticket = filed.ticket_id or ""
    asks = says("Please send us the RFO", intent=Intent.RFO_REQUEST)
    desk.reply(filed, asks)
    assert (desk.mails(ticket)[-1].event, desk.mails(ticket)[-1].context["note"]) == (
        "rfo-not-possible",
        "The ticket is not resolved yet.",
    )
    desk.act(ticket, resolve)
    desk.now += timedelta(hours=3)
    desk.reply(filed, asks)
    row = desk.rfo(ticket)
    assert (row.state, row.due_at, row.channel) == ("requested", datetime(2026, 5, 11, 13, 0, tzinfo=UTC), "email")
    assert desk.mails(ticket)[-1].context["due"] == "11 May 2026, 13:00 UTC"
    assert row.body["resolution"] == "We replaced the optic."
    desk.reply(filed, asks)
    assert desk.rfo(ticket).id == row.id, "one report is open at a time"
    text = {"summary": "No traffic.", "cause": "A digger.", "actions": "Second path | Mia | 29 May 2026"}
    desk.act(ticket, lambda w, c: rfo.edit(w, c, report(c), text, version=1))
    with pytest.raises(RefusedError, match="was changed by ana meanwhile"):
        desk.act(ticket, lambda w, c: rfo.edit(w, c, report(c), text, version=1), "bob")
    with pytest.raises(RefusedError, match="ask a colleague"):
        desk.act(ticket, lambda w, c: rfo.approve(w, c, report(c), rfo_pdf, provider="Desk"))
    mail = desk.act(ticket, lambda w, c: rfo.approve(w, c, report(c), rfo_pdf, provider="Desk"), "lea")
    assert (mail.event, mail.automatic, desk.rfo(ticket).state) == ("rfo", False, "sent")
    with desk.store.read() as session:
        file = session.exec(select(OutboxFile).where(OutboxFile.outbox_id == mail.id)).one()
    assert file.name == f"RFO-{ticket}.pdf"
    words = _text(file.data)
    for word in ("Reason for Outage", ticket, "A digger.", "Second path", "Service restored", "Ostwind AG"):
        assert word in words
    assert desk.events(ticket, "rfo")[-1].why == "sent to ada@ostwind.example"


def test_an_rfo_is_reminded_of_on_day_three_and_four_and_escalated_when_overdue(desk: LifeDesk) -> None:
    desk.matrix()
    ticket = desk.file().ticket_id or ""
    desk.act(ticket, resolve)
    desk.act(ticket, lambda w, c: rfo.request(w, c, by="ada", channel="phone"))
    seen = []
    for _ in range(9):
        desk.later(days=1)
        seen.append([e.why for e in desk.events(ticket, "rfo")][1:])
    assert [len(s) for s in seen] == [0, 0, 1, 2, 2, 2, 3, 3, 3]
    assert "overdue" in seen[-1][-1]
    assert desk.escalations(ticket) == [(1, "rfo")]
    assert len([m for m in desk.mails(ticket) if m.event == "rfo-due"]) == 3


def test_an_rfo_that_tells_nothing_is_not_approved_and_bad_actions_are_named(desk: LifeDesk) -> None:
    ticket = desk.file().ticket_id or ""
    desk.act(ticket, resolve)
    desk.act(ticket, lambda w, c: rfo.request(w, c, by="ada", channel="panel"))
    desk.act(ticket, lambda w, c: rfo.edit(w, c, report(c), {"summary": "x"}, version=1))
    with pytest.raises(UserError, match="does not tell yet: cause"):
        desk.act(ticket, lambda w, c: rfo.approve(w, c, report(c), rfo_pdf, provider="Desk"), "lea")
    with pytest.raises(UserError, match="preventive action 2: write what"):
        rfo.parse_actions("a | b | c\nsomething")


def _text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(BytesIO(pdf))
    text = "\n".join(document[n].get_textpage().get_text_range() for n in range(len(document)))
    document.close()
    return " ".join(text.split())


def test_the_rfo_is_drawn_on_paper_with_ink_in_the_right_places() -> None:
    at = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
    document = RfoDocument(
        provider="Desk", ticket="INC-2026-000018", customer="Ostwind <b>AG</b>", number="RFO-1", issued_at=at, title="Line down",
        services=("LNK-1001",), impact="Service Affecting", priority="Critical", began_at=None, opened_at=at, ended_at=at,
        duration="3 h", summary="<img src=http://203.0.113.1/x> No traffic.", cause="c", resolution="r", draft=True,
    )  # fmt: skip
    pdf = rfo_pdf(document)
    assert "Ostwind <b>AG</b>" in _text(pdf), "what customers and agents write is text, never markup"
    page = pypdfium2.PdfDocument(BytesIO(pdf))[0]
    assert [round(x) for x in page.get_size()] == [595, 842]
    picture = page.render(scale=1).to_pil().convert("L")
    ink = [sum(p < 200 for p in picture.crop((0, y, 595, y + 84)).tobytes()) for y in range(0, 840, 84)]
    assert ink[1] > 300
    assert picture.crop((0, 0, 40, 842)).getextrema()[0] > 240, "the left margin is empty"


def test_updates_come_at_intervals_and_never_pile_up(desk: LifeDesk) -> None:
    ticket = desk.file().ticket_id or ""
    desk.act(ticket, lambda w, c: transition(w.session, c.ticket, TicketEvent.TAKE, now=w.now, actor="ana", why=""))
    for _ in range(3):
        desk.later(hours=1)
    assert len([m for m in desk.mails(ticket) if m.event == "status-update"]) == 1, "the first is not sent yet"
    desk.settle()
    desk.later(hours=1)
    assert len([m for m in desk.mails(ticket) if m.event == "status-update"]) == 2


def test_robots_and_strangers_in_review_get_no_updates(desk: LifeDesk) -> None:
    stranger = desk.file(from_address="who@nowhere.example").ticket_id or ""
    robot = desk.file(headers=(("auto-submitted", "auto-generated"),)).ticket_id or ""
    for _ in range(5):
        desk.later(hours=6)
    assert [m.event for m in desk.mails(stranger)] == ["ticket-opened"]
    assert desk.mails(robot) == []


def test_resolved_with_a_question_and_closed_after_silence(desk: LifeDesk) -> None:
    ticket = desk.file().ticket_id or ""
    with pytest.raises(UserError, match="needs words"):
        desk.act(ticket, lambda w, c: telling.resolve(w, c, " "))
    desk.act(ticket, resolve)
    mail = desk.mails(ticket)[-1]
    assert (mail.event, mail.context["note"], mail.context["due"]) == (
        "resolved",
        "We replaced the optic.",
        "07 May 2026, 10:00 UTC",
    )
    desk.later(days=2)
    assert desk.ticket(ticket).state == "resolved"
    desk.later(days=1, minutes=1)
    assert (desk.ticket(ticket).state, desk.mails(ticket)[-1].event) == ("closed", "closed")
    assert desk.ticket(ticket).next_due_at is None
