"""Policy pages: forms that tell mistakes in their place, previews that keep nothing, versions that come back; own texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.house import House
from app.phone import phone_line
from app.policies import OwnLine, tuning
from app.settings import load_settings
from ivr.words import Say
from models.clock import utc_now
from models.tables import Outbox
from models.words import MailEvent
from outbound.own_texts import TextError, check_own, samples, shipped
from tests.flows.rule_site import RuleSite, post, served
from tests.unit.tickets.life import LIFE
from tickets.caps import Caps
from tickets.limits import answers_in_force, caps_in_force
from tickets.policy import load_policy, save

GOOD = {
    "subject": "[{{ ticket }}] We have it",
    "text": "Hello,\nwe have it: {{ ticket }}.",
    "html": "<p>We have it: {{ ticket }}.</p>",
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RuleSite]:
    with served(tmp_path) as one:
        yield one


def test_the_priority_grid_is_previewed_saved_and_brought_back(site: RuleSite) -> None:
    with site.client("admin") as client:
        page = client.get("/policy/priority/default").text
        assert 'name="cells.degradation.high"' in page
        with site.store.read() as session:
            cells = load_policy(session).priority.model_dump(mode="json")["cells"]
        sent = {f"cells.{i}.{u}": p for i, row in cells.items() for u, p in row.items()}
        sent["cells.service_affecting.medium"] = "low"
        looked = post(client, "/policy/priority/default", act="preview", **sent)
        assert "cells.service_affecting.medium" in looked.text.split("What it would change")[1]
        assert "1 of 1 open tickets would have another priority" in looked.text
        with site.store.read() as session:
            assert load_policy(session).priority.model_dump(mode="json")["cells"] == cells
        assert post(client, "/policy/priority/default", act="save", **sent).status_code == 303
        sent["cells.degradation.high"] = "low"
        post(client, "/policy/priority/default", act="save", **sent)
        history = client.get("/policy/priority/default/history").text
        assert "cells.degradation.high: <del>major</del> <ins>low</ins>" in history
        post(client, "/policy/priority/default/restore", version="1")
        with site.store.read() as session:
            assert load_policy(session).priority.model_dump(mode="json")["cells"]["degradation"]["high"] == "major"
        assert post(client, "/policy/priority/default/restore", version="77").status_code == 422
        assert post(client, "/policy/nonsense/default").status_code == 404
        assert client.get("/policy/nonsense/default/history").status_code == 404


def test_a_mistake_stands_beside_its_field_and_nothing_is_saved(site: RuleSite) -> None:
    with site.client("admin") as client:
        for kind, path, value in (
            ("limits", "cap_per_hour", "many"),
            ("limits", "cap_per_hour", "0"),
            ("phone", "agents", "+49 30"),
            ("phone", "overflow", "+4930555010\n+4930555010"),
            ("care", "close_after", "soon"),
            ("care", "update_every.major", "often"),
            ("care", "warn_at", "2"),
            ("targets", "response.minor", "4 moons"),
            ("labels", "keep_days", "-1"),
        ):
            answer = post(client, f"/policy/{kind}/default", act="save", **{path: value})
            assert answer.status_code == 422, (kind, path)
            assert f'id="{path}-e"' in answer.text, (kind, path)
            assert client.get(f"/policy/{kind}/default/history").text.count("in force</span>") == 0
        both = post(client, "/policy/limits/default", act="save", cap_per_hour="9", cap_per_day="3")
        assert (both.status_code, "above cap_per_day" in both.text) == (422, True)
        bad = post(client, "/policy/matrix/default", act="save", text="{")
        assert (bad.status_code, 'id="text-e"' in bad.text) == (422, True)
    with site.client("lead") as client:
        assert post(client, "/policy/limits/default", act="save", cap_per_hour="9").status_code == 403
        assert "Put in force" not in client.get("/policy/limits/default").text


def test_limits_and_numbers_stand_over_the_settings(site: RuleSite) -> None:
    with site.client("admin") as client:
        looked = post(client, "/policy/limits/default", act="preview", cap_per_hour="1", cap_per_day="5")
        assert "of 2 counted mails of the last 24 hours 0 would have waited" in looked.text
        limits = {"cap_per_hour": "1", "cap_per_day": "5", "remind_affecting_minutes": "7", "first_ack_hours": "0"}
        post(client, "/policy/limits/default", act="save", **limits)
        post(client, "/policy/phone/default", act="save", agents="+4930555011\nsip:a@b.example")
        for kind, says in (("calendar", "open "), ("targets", "critical: first answer within 15min")):
            name = {"calendar": "default", "targets": "default"}[kind]
            body = {"text": '{"hours": {"mon": [["09:00", "17:00"]]}}'} if kind == "calendar" else {"default": "1", "calendar": "default",
                    "response.critical": "15min"}  # fmt: skip
            answer = post(client, f"/policy/{kind}/{name}", act="preview", **body)
            assert (answer.status_code, says in answer.text) == (200, True), answer.text[-2000:]
        matrix = client.get("/policy/matrix/default").text.split('name="text"')[1].split(">", 1)[1].split("</textarea")[0]
        import html

        answer = post(
            client, "/policy/matrix/default", act="preview", text=html.unescape(matrix).replace("Shift lead", "Night lead")
        )
        assert "level 1 Night lead: Eva" in answer.text
    with site.store.read() as session:
        assert caps_in_force(session, Caps(4, 10, 300, 30)) == Caps(1, 5, 300, 30)
        answers = answers_in_force(session, LIFE.answers)
        assert (answers.remind_affecting.seconds, answers.first_ack.seconds) == (420, 0)
    settings = load_settings(database_url=site.store.url, mail_addresses="noc@h.example", phone_overflow="+4930555099")
    house = House(settings)
    line = phone_line(house)
    assert isinstance(line, OwnLine)
    assert line.settings.speech.groups == (("+4930555011", "sip:a@b.example"), ("+4930555099",))
    house.store.close()


def test_own_words_of_a_mail_are_previewed_on_real_cases_and_kept_in_versions(site: RuleSite) -> None:
    with site.client("admin") as client:
        assert "We have opened a ticket for you" in client.get("/policy/mail-text/ticket-opened").text
        looked = post(client, "/policy/mail-text/ticket-opened", act="preview", **GOOD).text
        assert "[INC-2026-000018] We have it" in looked
        with site.store.read() as session:
            assert not load_policy(session).mail_texts
        assert post(client, "/policy/mail-text/ticket-opened", act="save", **GOOD).status_code == 303
        assert "own words" in client.get("/policy/texts").text
        post(client, "/policy/mail-text/ticket-opened", act="save", **{**GOOD, "subject": "[{{ ticket }}] Second"})
        assert "Second" in client.get("/policy/mail-text/ticket-opened/history").text
        post(client, "/policy/mail-text/ticket-opened/restore", version="1")
        with site.store.read() as session:
            assert load_policy(session).mail_texts["ticket-opened"].model_dump() == GOOD
        post(client, "/policy/mail-text/ticket-opened", act="retire")
        assert post(client, "/policy/mail-text/ticket-opened", act="retire").status_code == 404
        assert client.get("/policy/mail-text/no-such").status_code == 404
    with site.client("lead") as client:
        assert post(client, "/policy/mail-text/ticket-opened", act="save", **GOOD).status_code == 403


def test_a_bad_text_is_told_beside_its_part(site: RuleSite) -> None:
    with site.client("admin") as client:
        for change, says in (
            ({"text": "{{ tikket }} {{ ticket }}"}, "unknown variable 'tikket'"),
            ({"text": "{% if %}"}, "line 1"),
            ({"html": "<p>no number</p>"}, "does not tell the ticket ID"),
            ({"subject": ""}, ""),
            ({"text": "{{ ticket.__class__.__mro__ }}{{ ticket }}"}, "SecurityError"),
            ({"text": "{{ ticket * 99999999 }}"}, "not to be used"),
            ({"text": '{% include "ticket-opened/body.txt" %}{{ ticket }}'}, "only the shared parts"),
            ({"text": "{{ missing.nothing }}{{ ticket }}"}, "UndefinedError"),
            ({"text": "{{ 1 / 0 }}{{ ticket }}"}, "ZeroDivisionError"),
        ):
            answer = post(client, "/policy/mail-text/ticket-opened", act="save", **{**GOOD, **change})
            part = next(iter(change))
            assert answer.status_code == 422, change
            assert f'id="{part}-e"' in answer.text, change
            assert says.replace("'", "&#39;") in answer.text, change
        loops = "{% for a in missing %}" * 3 + "{{ ticket }}" + "{% endfor %}" * 3
        assert (
            "loops within loops" in post(client, "/policy/mail-text/ticket-opened", act="save", **{**GOOD, "text": loops}).text
        )
        asks = post(client, "/policy/mail-text/information-needed", act="save", **GOOD)
        assert (asks.status_code, "does not ask for the" in asks.text) == (422, True)
        with site.store.read() as session:
            assert not load_policy(session).mail_texts


@pytest.mark.parametrize("event", list(MailEvent))
def test_every_shipped_mail_would_do_as_words_of_ones_own(event: MailEvent) -> None:
    check_own(event, shipped(event))
    assert samples(event)


def test_a_text_that_grows_beyond_bounds_is_refused() -> None:
    with pytest.raises(TextError, match="more than"):
        check_own(MailEvent.TICKET_OPENED, shipped(MailEvent.TICKET_OPENED).model_copy(update={"text": "{{ ticket }}" * 9000}))


def test_prompts_are_spoken_in_own_words_from_the_next_sentence_on(site: RuleSite) -> None:
    house = House(load_settings(database_url=site.store.url, mail_addresses="noc@h.example", provider_name="Own House"))
    line = phone_line(house)
    told = tuning(house)
    with site.client("admin") as client:
        assert "Hello." in client.get("/policy/voice-text/greeting").text
        looked = post(client, "/policy/voice-text/greeting", act="preview", text="Good day")
        assert "<q>Good day</q>" in looked.text
        assert post(client, "/policy/voice-text/greeting", act="save", text="Good day from {{ provider }}.").status_code == 303
        assert line.voice.sentence(Say("greeting")) == "Good day from Own House."
        assert post(client, "/policy/voice-text/greeting", act="save", text="").status_code == 422
        assert client.get("/policy/voice-text/no-such").status_code == 404
        post(client, "/policy/voice-text/greeting", act="retire")
        assert "Own House" in line.voice.sentence(Say("greeting"))
    assert told.say("greeting", "Hi {{ provider }}") == "Hi Own House"
    for text, says in (("{{ nobody }}", "unknown variable"), ("{% if %}", "TemplateSyntaxError"), ("  ", "says nothing")):
        with pytest.raises(Exception, match=says):
            told.say("greeting", text)
    with site.store.write() as session:
        save(session, "voice-text", "greeting", {"text": "{{ 1 / 0 }}"}, author="x", now=utc_now())
    assert "Own House" in line.voice.sentence(Say("greeting"))
    house.store.close()


def test_a_mail_goes_out_in_own_words_and_in_shipped_ones_where_those_fail(site: RuleSite) -> None:
    from app.worker import Worker
    from outbound.deliver import deliver_one

    house = House(
        load_settings(
            database_url=site.store.url, mail_addresses="noc@h.example", data_dir=str(Path(site.store.url[10:]).parent)
        )
    )
    worker, now = Worker(house), utc_now()
    bodies = []
    for n, text in enumerate((GOOD, {**GOOD, "text": "{{ links.nowhere }} {{ ticket }}"})):
        with site.store.write() as session:
            save(session, "mail-text", "ticket-opened", text, author="x", now=now)
            row = Outbox(ticket_id="INC-2026-000018", event="ticket-opened", dedupe_key=f"own{n}", message_id=f"<own{n}@h.example>",
                         to_address="a@x.example", envelope_from="b@h.example", created_at=now, due_at=now)  # fmt: skip
            session.add(row)
            session.flush()
            number = row.id or 0
        deliver_one(worker.delivery, number)
        with site.store.read() as session:
            kept = session.get(Outbox, number)
            assert kept
            bodies.append(kept.body_text)
    assert bodies[0] == "Hello,\nwe have it: INC-2026-000018.\n"
    assert "We have opened a ticket for you" in " ".join(bodies[1].split()).replace("thank you for your message. ", "")
    house.store.close()
