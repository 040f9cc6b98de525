"""Replays asked for in the console: of a draft, over days, labels and an uploaded corpus; and what an archive may not be."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from app.house import House
from app.replays import Replays
from app.settings import load_settings
from models.clock import utc_now
from models.corpus_zip import MAX_MAIL
from models.label_store import put_label
from models.replay_store import ask_replay, claim_replay, finish, give_back
from models.rule_store import active_rules, find_rules
from models.tables_rules import ReplayRun
from tests.flows.rule_site import RULE, RuleSite, ago, mail, post, served, token

NONSENSE = "Our line to Leeds went mopsy custard since this morning."


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RuleSite]:
    with served(tmp_path) as one:
        yield one


def work(site: RuleSite) -> ReplayRun:
    """Does what waits, as a process of the house does, and gives the newest run."""
    house = House(load_settings(database_url=site.store.url, mail_addresses="noc@halverlink.example"))
    Replays(house).work()
    house.store.close()
    with site.store.read() as session:
        run = session.exec(select(ReplayRun).order_by(col(ReplayRun.id).desc())).first()
    assert run
    return run


def archive(members: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members.items():
            z.writestr(name, data)
    return out.getvalue()


def upload(client: httpx.Client, data: bytes, *, set: str = "draft-1") -> httpx.Response:
    form = {"csrf": token(client), "set": set, "kind": "upload"}
    return client.post("/rules/replays", data=form, files={"corpus": ("c.zip", data, "application/zip")})


def test_a_replayed_draft_may_be_kept_and_switched_on(site: RuleSite) -> None:
    first = site.take(mail(NONSENSE), key="1")
    site.take(mail("All is well again, thank you."), key="2")
    with site.store.write() as session:
        put_label(session, first, "impact", "degradation", actor="lea", now=utc_now())
    with site.client("lead") as client:
        post(client, "/rules/rule", **RULE, do="save")
        assert (
            post(client, "/rules/replays", set="draft-1", kind="last", last="50").headers["location"] == "/rules/replays?id=1"
        )
        assert "queued" in client.get("/rules/replays", params={"id": 1}).text
        run = work(site)
        assert (run.state, run.result["read"], run.result["labelled"]) == ("done", 3, 1)
        assert run.result["fields"]["impact"] == {"gained": 1}
        before, after = run.result["judged"]["impact"]
        assert (before[:3], after[:3], before[5], after[5]) == ([0, 0, 1], [1, 0, 0], 0.0, 1.0)
        page = client.get("/rules/replays", params={"id": 1}).text
        assert '<span class="ok">better</span>' in page
        assert "Brier" in page
        case = client.get(f"/rules/replays/1/{first}").text
        assert "phrase of rule own.custard +0.80" in case
        assert '<span class="pill review">differs</span>' in case
        assert client.get("/rules/replays/1/999").status_code == 404
        post(client, "/rules/versions", do="keep", set="draft-1", name="Custard")
        assert post(client, "/rules/versions", do="activate", set="1", reason="custard season", seen="").status_code == 303
    with site.store.read() as session:
        assert "mopsy custard" in active_rules(session).text


def test_a_range_of_days_and_the_labelled_set_are_read_alone(site: RuleSite) -> None:
    old = site.take(mail(NONSENSE), key="1", at=ago(10))
    site.take(mail(NONSENSE + " Again."), key="2", at=ago(1))
    with site.store.write() as session:
        put_label(session, old, "impact", "degradation", actor="lea", now=utc_now())
    with site.client("lead") as client:
        post(client, "/rules/rule", **RULE, do="save")
        for given, read in (
            ({"kind": "range", "since": f"{ago(11):%Y-%m-%d}", "until": f"{ago(9):%Y-%m-%d}"}, [str(old)]),
            ({"kind": "labelled"}, [str(old)]),
            ({"kind": "last", "last": "1"}, ["3"]),
        ):
            post(client, "/rules/replays", set="draft-1", **given)
            assert {c[0] for c in work(site).result["cases"]} == set(read), given
        for given, place in (
            ({"kind": "range", "since": "yesterday", "until": "2026-01-01"}, "since"),
            ({"kind": "range", "since": "2026-01-02", "until": "2026-01-01"}, "until"),
            ({"kind": "last", "last": "0"}, "last"),
            ({"kind": "upload"}, "corpus"),
        ):
            answer = post(client, "/rules/replays", set="draft-1", **given)
            assert (answer.status_code, f'id="{place}-e"' in answer.text) == (422, True), given


def test_an_uploaded_corpus_is_judged_by_its_own_truth(site: RuleSite) -> None:
    gold = {"id": "a", "impact": "degradation", "received_at": "2026-01-07T15:10:44Z"}
    data = archive(
        {"c/mails/a.eml": mail(NONSENSE), "c/mails/b.eml": mail("Fine."), "c/gold.jsonl": json.dumps(gold), "c/x.txt": "x"}
    )
    with site.client("lead") as client:
        post(client, "/rules/rule", **RULE, do="save")
        assert upload(client, data).status_code == 303
        run = work(site)
        assert (run.result["read"], run.result["labelled"]) == (2, 1)
        assert run.result["judged"]["impact"][1][0] == 1
        assert "degradation" in client.get(f"/rules/replays/{run.id}/a").text
        assert client.get(f"/rules/replays/{run.id}/zz").status_code == 404


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"../../a.eml": "x"}, "points outside"),
        ({"/etc/a.eml": "x"}, "points outside"),
        ({"C:/a.eml": "x"}, "points outside"),
        ({"a.eml": b"\0" * (MAX_MAIL + 1)}, "holds more than"),
        ({"a.txt": "x"}, "no .eml"),
        ({"x/a.eml": "x", "y/a.eml": "x"}, "stands twice"),
        ({"a.eml": "x", "gold.jsonl": "{"}, "gold.jsonl:1: not JSON"),
        ({"a.eml": "x", "gold.jsonl": '{"id": "b"}'}, "no mail"),
        ({"a.eml": "x", "gold.jsonl": '{"id": 1}'}, "needs an object"),
        ({"a.eml": "x", "gold.jsonl": '{"id": "a", "colour": "red"}'}, "colour"),
        ({"a.eml": "x", "gold.jsonl": '{"id": "a", "service_ids": "X"}'}, "list of texts"),
        ({"a.eml": "x", "gold.jsonl": '{"id": "a", "start_time": "noon"}'}, "no instant"),
        ({"a.eml": "x", "gold.jsonl": b"\xff\xfe\xff"}, "not UTF-8"),
        ({"a.eml": "x", "directory.json": "{}"}, "directory.json"),
    ],
)
def test_a_bad_archive_is_told_beside_the_field_and_nothing_is_queued(
    site: RuleSite, members: dict[str, bytes | str], says: str
) -> None:
    with site.client("lead") as client:
        answer = upload(client, archive(members), set="active")
        assert answer.status_code == 422
        assert says in answer.text
        assert 'id="corpus-e"' in answer.text
        assert upload(client, b"no archive", set="active").status_code == 422
        assert "None yet" in client.get("/rules/replays").text


def test_a_slow_rule_is_refused_without_an_override(site: RuleSite) -> None:
    with site.client("lead") as client:
        post(client, "/rules/rule", **RULE, do="save")
        post(client, "/rules/versions", do="keep", set="draft-1")
        with site.store.write() as session:
            ask_replay(session, find_rules(session, "1").digest, "", limit=1, actor="lea", now=utc_now())
            run = claim_replay(session, utc_now())
            assert run
            finish(session, run, "done", {"slow": [["own.custard", 9.5]]}, utc_now())
        refused = post(client, "/rules/versions", do="activate", set="1", reason="now")
        assert (refused.status_code, "takes 9.5 ms a mail" in refused.text) == (422, True)
        assert post(client, "/rules/versions", do="activate", set="1", reason="now", override="1").status_code == 303
        assert "now" in client.get("/rules/versions").text


def test_a_run_is_cancelled_waits_again_and_is_told_as_lost(site: RuleSite) -> None:
    with site.client("lead") as client:
        post(client, "/rules/replays", set="active")
        post(client, "/rules/replays", do="cancel", set="1")
        assert work(site).state == "cancelled"
        post(client, "/rules/replays", set="active")
        with site.store.write() as session:
            run = claim_replay(session, utc_now())
            assert run
            give_back(session, run)
            again = claim_replay(session, utc_now())
            assert again
            assert again.id == run.id
            assert claim_replay(session, ago(-1)) is None
        assert "its process ended" in client.get("/rules/replays", params={"id": 2}).text


def test_agents_see_replays_and_ask_for_none(site: RuleSite) -> None:
    with site.client("agent") as client:
        assert "Replay a rule set" not in client.get("/rules/replays").text
        assert post(client, "/rules/replays", set="active").status_code == 403
        files = {"file": ("r.json", b"{}", "application/json")}
        assert client.post("/rules/import", data={"csrf": token(client)}, files=files).status_code == 403
