"""The labelled set: what is said, how often readings were right, for how long it is kept, and an export without names."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.duties import end_labels
from app.house import House
from app.settings import load_settings
from models.clock import utc_now
from models.corpus_zip import open_corpus
from models.label_store import put_label
from parsers import read_mail
from tests.flows.rule_site import RuleSite, mail, post, served

SENDER = "goran@drinska-pekara.example"
BODY = (
    "Hello, this is Goran of Drinska Pekara. DIA-118220 is down since 9:00, address 203.0.113.245.\r\n"
    "Call +381 11 555 0102 or mail goran@drinska-pekara.example, see https://drinska-pekara.example/x\r\n\r\n--\r\nGoran Secret"
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RuleSite]:
    with served(tmp_path) as one:
        one.directory()
        yield one


def test_labels_are_checked_counted_and_taken_out(site: RuleSite) -> None:
    one = site.take(mail(BODY, sender=SENDER), key="1", sender=SENDER)
    with site.client("agent") as client:
        for field, value, says in (
            ("impact", "sad", "one of"),
            ("start_time", "noon", "an instant"),
            ("start_time", "2026-01-01T10:00:00", "zone is missing"),
            ("has_test_results", "maybe", "yes or no"),
            ("mood", "x", "is none of"),
        ):
            answer = post(client, "/rules/labels", contact=str(one), field=field, value=value)
            assert (answer.status_code, says in answer.text, 'id="value-e"' in answer.text) == (422, True, True), field
        assert 'id="contact-e"' in post(client, "/rules/labels", contact="77", field="impact", value="").text
        for field, value in (
            ("service_ids", "DIA-118220, DIA-1"),
            ("impact", "Service Affecting"),
            ("start_time", "2026-01-07T14:25:00Z"),
            ("has_test_results", "no"),
            ("description", "it is down"),
            ("fault_pattern", ""),
        ):
            assert post(client, "/rules/labels", contact=str(one), field=field, value=value).status_code == 303, field
        page = client.get("/rules/labels").text
        assert "6 values that people" in page
        assert '<span class="ok">the same</span>' in page
        assert "id.exact" in page
        post(client, "/rules/labels", do="drop", contact=str(one), field="service_ids")
        assert "5 values that people" in client.get("/rules/labels").text
        assert post(client, "/rules/labels/export").status_code == 403
        assert post(client, "/rules/labels/keep", keep_days="1").status_code == 403
    with site.client("auditor") as client:
        assert post(client, "/rules/labels", contact=str(one), field="impact", value="").status_code == 403


def test_rules_that_are_often_corrected_are_listed(site: RuleSite) -> None:
    for n in range(3):
        contact = site.take(mail(BODY + str(n), sender=SENDER), key=str(n), sender=SENDER)
        with site.store.write() as session:
            put_label(session, contact, "impact", "degradation", actor="lea", now=utc_now())
    with site.client("auditor") as client:
        often = client.get("/rules/labels").text.split("often corrected")[1].split("By rule")[0]
        assert "0 of 3" in often


def test_labels_end_when_they_are_old_enough(site: RuleSite, monkeypatch: pytest.MonkeyPatch) -> None:
    one = site.take(mail(BODY), key="1")
    with site.store.write() as session:
        put_label(session, one, "impact", "degradation", actor="lea", now=utc_now() - timedelta(days=40))
        put_label(session, one, "intent", "report", actor="lea", now=utc_now())
    with site.client("admin") as client:
        wrong = post(client, "/rules/labels/keep", keep_days="soon")
        assert (wrong.status_code, 'id="keep_days-e"' in wrong.text) == (422, True)
        assert post(client, "/rules/labels/keep", keep_days="30").status_code == 303
        house = House(load_settings(database_url=site.store.url, mail_addresses="noc@halverlink.example"))
        end_labels(house)
        house.store.close()
        assert "1 values that people" in client.get("/rules/labels").text


def test_the_export_names_nobody_and_is_a_corpus_again(site: RuleSite) -> None:
    one = site.take(mail(BODY, sender=SENDER, subject="DIA-118220 of Drinska Pekara"), key="DIA-118220", sender=SENDER)
    with site.store.write() as session:
        put_label(session, one, "service_ids", ["DIA-118220"], actor="lea", now=utc_now())
        put_label(session, one, "impact", "service_affecting", actor="lea", now=utc_now())
        put_label(session, one, "ip_addresses", ["203.0.113.245"], actor="lea", now=utc_now())
    with site.client("lead") as client:
        data = post(client, "/rules/labels/export").content
    whole = b"".join(zipfile.ZipFile(io.BytesIO(data)).read(n) for n in zipfile.ZipFile(io.BytesIO(data)).namelist())
    for word in (b"drinska", b"pekara", b"goran", b"118220", b"203.0.113", b"555 0102", b"secret", b"halverlink"):
        assert word not in whole.lower(), word
    corpus = open_corpus(data, "labelled.zip")
    assert corpus.directory
    true = corpus.gold[str(one)]
    reading = read_mail(corpus.mails[str(one)], directory=corpus.directory, own_addresses=("support@provider.example",))
    assert list(reading.service_ids) == true["service_ids"] != ["DIA-118220"]
    assert reading.impact == true["impact"]
    assert list(reading.ip_addresses) == true["ip_addresses"]
