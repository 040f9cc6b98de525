"""The agents' desk over real HTTP: the decisions on a contact, the acts on a ticket, and mail that waits."""

from __future__ import annotations

import json
import re

import httpx
from sqlmodel import select

from models.clock import utc_now
from models.rule_store import activate, keep_rules, roll_back
from models.tables import Contact, Event, Outbox, ReadingRecord, Ticket
from models.tables_life import OutboxFile
from models.tables_phone import PhoneCall, Recording
from parsers.rules import shipped_text
from tests.flows.desk_helpers import OTHER, TICKET, filled, form, site, ticket
from tests.flows.test_console import Site
from tickets.held import tidy

__all__ = ["filled", "site"]


def test_a_wrong_value_is_refused_beside_its_field_and_a_right_one_goes_on(filled: Site) -> None:
    with filled.client("agent") as client:
        version = ticket(filled).version

        def correct(field: str, text: str, **more: str) -> httpx.Response:
            return form(client, "/contacts/1/report", act="correct", field=field, text=text, version=version, **more)

        for field, text, told in (
            ("service_id", "LNK-1002", "Near to it, of this customer: LNK-1001"),
            ("ip_address", "10.0.0.999", "is no IP address"),
            ("circuit_id", "no digits", "is no circuit ID"),
            ("impact", "purple", "tell no impact"),
            ("fault_pattern", "purple", "tell no fault pattern"),
            ("start_time", "purple", "tell no start time"),
            ("start_time", "2099-01-01 00:00", "lies in the future"),
            ("description", "x" * 2500, "At most 2,000"),
            ("intent", "x", "is no field of a report"),
            ("service_id", "LNK-1001 " * 500, "At most 4,000"),
        ):
            answer = correct(field, text)
            assert answer.status_code == 422, (field, text)
            assert told in answer.text, (field, text)
        assert ticket(filled).version == version
        assert correct("start_time", "2026-05-04 14:30").status_code == 303
        assert ticket(filled).report["start_time"]["values"] == ["2026-05-04T14:30:00Z"]
        stale = correct("description", "typed for a long time")
        assert stale.status_code == 303 or "typed for a long time" in stale.text
        with filled.store.write() as session:
            row = session.get(Ticket, TICKET)
            assert row
            row.version += 1
        stale = correct("description", "typed for a long time")
        assert stale.status_code == 409
        assert "typed for a long time" in stale.text
        assert "has changed since" in stale.text


def test_words_of_a_correction_are_read_by_the_rule_set_in_force(filled: Site) -> None:
    rules = json.loads(shipped_text())
    next(r for r in rules["rules"] if r["id"] == "impact.soft.en")["values"].append("mopsy custard")

    def corrected(client: httpx.Client, path: str, of: str = TICKET, **more: str) -> int:
        data = {"field": "impact", "text": "it went mopsy custard", "version": ticket(filled, of).version, **more}
        return form(client, path, **data).status_code

    with filled.client("agent") as client:
        assert corrected(client, "/contacts/1/report", act="correct") == 422
        with filled.store.write() as session:
            kept = keep_rules(session, "custard", json.dumps(rules), utc_now())
            activate(session, kept, actor="lea", now=utc_now())
        assert corrected(client, "/contacts/1/report", act="correct") == 303
        assert ticket(filled).report["impact"]["values"] == ["degradation"]
        assert corrected(client, f"/tickets/{OTHER}/case/field", OTHER) == 303
        assert ticket(filled, OTHER).report["impact"]["values"] == ["degradation"]
        with filled.store.write() as session:
            roll_back(session, actor="lea", now=utc_now())
        assert corrected(client, "/contacts/1/report", act="correct") == 422


def test_words_are_read_as_the_parser_reads_them(filled: Site) -> None:
    with filled.client("agent") as client:
        for field, text, value in (
            ("impact", "no traffic at all, the line is down", "service_affecting"),
            ("impact", "Degradation", "degradation"),
            ("fault_pattern", "it comes and goes", "intermittent"),
            ("start_time", "2026-05-04T14:30+02:00", "2026-05-04T12:30:00Z"),
            ("ip_address", "2001:DB8::1, 203.0.113.0/24", "2001:db8::1"),
            ("service_id", "lnk 1001", "LNK-1001"),
            ("circuit_id", "AB-77", "AB-77"),
        ):
            version = ticket(filled).version
            answer = form(client, "/contacts/1/report", act="correct", field=field, text=text, version=version)
            assert answer.status_code == 303, (field, answer.text[-600:])
            assert ticket(filled).report[field]["values"][0] == value
        version = ticket(filled).version
        answer = form(
            client, "/contacts/1/report", act="correct", field="service_id", text="NEW-1", anyway="yes", version=version
        )
        assert "service NEW-1 is not in the directory" in ticket(filled).review_reasons
        version = ticket(filled).version
        form(client, "/contacts/1/report", act="correct", field="circuit_id", text="", version=version)
        assert "circuit_id" not in ticket(filled).report


def test_accept_one_accept_all_undo_and_on_to_the_next(filled: Site) -> None:
    with filled.client("agent") as client:
        form(client, "/contacts/1/report", act="accept", field="service_id", version=ticket(filled).version)
        assert ticket(filled).review_reasons == []
        answer = form(client, "/contacts/1/report", act="accept-all", version=ticket(filled).version)
        assert answer.headers["location"].startswith(f"/review/next?after={TICKET}")
        assert client.get(answer.headers["location"]).headers["location"].startswith(f"/tickets/{OTHER}?said=Accepted")
        assert ticket(filled).review is False
        batch = re.search(r'name="batch" value="([^"]+)"', client.get("/contacts/1").text)
        assert batch
        form(client, "/contacts/1/report", act="undo", batch=batch[1], version=ticket(filled).version)
        assert ticket(filled).review is False or ticket(filled).version
        again = form(client, "/contacts/1/report", act="undo", batch=batch[1], version=ticket(filled).version)
        assert again.status_code == 422
        assert form(client, "/contacts/1/report", act="dance").status_code == 404
        assert form(client, "/contacts/7/report", act="accept-all").status_code == 404
    with filled.client("auditor") as client:
        assert client.post("/contacts/1/report", data={"act": "accept-all"}).status_code == 403


def test_an_answer_that_waits_is_changed_and_let_go_or_dropped(filled: Site) -> None:
    with filled.client("agent") as client:
        page = client.get(f"/tickets/{OTHER}").text
        assert "waits for you" in page
        was = re.search(r'<textarea name="was"[^>]*>(.*?)</textarea>', page, re.S)
        assert was
        answer = form(
            client, "/answers/70", act="send", subject="Hello", text="In my own words.", was=was[1], back=f"/tickets/{OTHER}"
        )
        assert "said=" in answer.headers["location"]
        with filled.store.read() as session:
            row = session.get(Outbox, 70)
            assert row
            assert (row.state, row.automatic, row.body_text) == ("queued", False, "In my own words.\n")
        for act, state in (("hold", "held"), ("send", "queued"), ("drop", "deleted")):
            answer = form(client, "/answers/70", act=act, subject="Hello", text="In my own words.", was="In my own words.")
            assert answer.status_code == 303, (act, answer.status_code, answer.text[-700:])
            with filled.store.read() as session:
                assert session.get(Outbox, 70).state == state  # type: ignore[union-attr]
        assert "wrong=" in form(client, "/answers/70", act="send", text="too late").headers["location"]
        assert "wrong=" in form(client, "/answers/9999", act="send").headers["location"]
        assert form(client, "/answers/70", act="dance").status_code == 404
    assert "\x00" not in tidy("a\x00b\r\nc")


def test_a_reply_is_previewed_from_prepared_words_and_sent_with_files_as_a_persons_mail(filled: Site) -> None:
    with filled.client("agent") as client:
        page = form(client, f"/tickets/{OTHER}/reply", do="looking", subject="Re: it", text="My start.").text
        assert "My start." in page
        assert "An engineer is working on" in page
        page = form(client, f"/tickets/{OTHER}/reply", do="preview", subject="Re: it", text="Just this.").text
        assert f"Your ticket ID: {OTHER}" in page
        empty = form(client, f"/tickets/{OTHER}/reply", do="send", subject="Re: it", text=" ")
        assert (empty.status_code, "has no words" in empty.text) == (422, True)
        sent = form(
            client, f"/tickets/{OTHER}/reply", do="send", subject="Re: it", text="We found it.",
            files=[("files", ("../../trace.txt", b"1 2 3", "text/plain"))],
        )  # fmt: skip
        assert "said=Your%20reply%20goes%20to%20ada" in sent.headers["location"]
    with filled.store.read() as session:
        row = session.exec(select(Outbox).where(Outbox.event == "reply")).one()
        assert (row.automatic, row.state) == (False, "queued")
        assert row.body_text.startswith("We found it.\n")
        file = session.exec(select(OutboxFile).where(OutboxFile.outbox_id == row.id)).one()
        assert (file.name, file.data) == ("trace.txt", b"1 2 3")
    assert ticket(filled, OTHER).responded_at


def test_note_question_field_link_and_a_refused_act_keeps_what_was_typed(filled: Site) -> None:
    with filled.client("agent") as client:

        def act(name: str, **data: str) -> httpx.Response:
            return form(client, f"/tickets/{OTHER}/case/{name}", **data)

        assert act("note", words="Carrier says noon.").status_code == 303
        assert "Carrier says noon." in client.get(f"/tickets/{OTHER}").text
        assert act("question", **{"ask-impact": "yes", "words": "Quick question."}).status_code == 303
        assert act("field", field="description", text="All lines are down").status_code == 303
        assert act("link", target=TICKET.lower()).status_code == 303
        assert ticket(filled, OTHER).linked_ticket == TICKET
        for name, data, told in (
            ("note", {"words": " "}, "A note needs words"),
            ("question", {}, "at least one field"),
            ("field", {"field": "ip_address", "text": "10.0.0.999"}, "10.0.0.999"),
            ("link", {"target": OTHER}, "cannot be linked to itself"),
            ("link", {"target": "INC-1"}, "there is no ticket"),
            ("priority", {"priority": "low", "why": ""}, "needs a reason"),
            ("resolve", {"resolution": "", "version": "1"}, "has changed since"),
        ):
            refused = act(name, **data)
            assert refused.status_code in (409, 422), name
            assert told in refused.text, name
        assert act("accept").status_code == 303
        assert ticket(filled, OTHER).review is False
        assert act("dance").status_code == 404
        assert client.get(f"/tickets/{OTHER}/case").headers["location"] == f"/tickets/{OTHER}"
        assert form(client, "/tickets/INC-1/case/note", words="x").status_code == 404
    with filled.store.read() as session:
        asked = session.exec(select(Outbox).where(Outbox.event == "information-needed")).one()
        assert asked.context["missing"] == ["impact"]
        assert asked.context["note"] == "Quick question."
        assert "note" in session.exec(select(Event.kind).where(Event.ticket_id == OTHER)).all()


def test_a_call_has_its_recording_and_transcript(filled: Site) -> None:
    now = utc_now()
    with filled.store.write() as session:
        session.add(Contact(id=9, channel="phone", mailbox="phone", dedupe_key="CA1", raw=b"words", arrived_at=now, state="filed",
                            verdict="person", ticket_id=TICKET))  # fmt: skip
        session.flush()
        session.add(
            ReadingRecord(contact_id=9, rule_set="r", data={"text": "the line is down", "evidence": {}}, created_at=now)
        )
        session.add(PhoneCall(sid="CA1", state="end", token="t", started_at=now, updated_at=now, contact_id=9))
        session.add(Recording(sid="RE1", call_sid="CA1", state="kept", seconds=12, media=b"RIFF", content_type="text/html",
                              transcript="the line is down", created_at=now, due_at=now))  # fmt: skip
    with filled.client("agent") as client:
        page = client.get("/contacts/9").text
        assert 'src="/recordings/RE1"' in page
        assert "<blockquote>the line is down</blockquote>" in page
        sound = client.get("/recordings/RE1")
        assert sound.content == b"RIFF"
        assert "html" not in sound.headers["content-type"]
        assert client.get("/recordings/RE2").status_code == 404
        assert client.get("/contacts/9/files/0").status_code == 404
