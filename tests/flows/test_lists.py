"""Lists, search, saved views, files, dashboard and the directory's pages of a running house, over HTTP on both databases."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.flows.test_kill import fault
from tests.running import CORPUS, Running

PASSWORD = "right-password"
EVIL = "=cmd|' /C calc'!A0"


@pytest.fixture
def house(running: Running) -> Running:
    """A house with three reports, one of them with a subject that a spreadsheet would run."""
    for role in ("agent", "lead", "auditor"):
        running.command("user", "add", role, "--role", role, "--password-stdin", text=f"{PASSWORD}\n")
    running.command("user", "add", "ben", "--role", "agent", "--password-stdin", text=f"{PASSWORD}\n")
    mails = [CORPUS / "mails" / f"{n}.eml" for n in ("001", "004")]
    odd = running.data.parent / "odd.eml"
    message = fault(7)
    del message["Subject"]
    message["Subject"] = EVIL
    message.set_content("Our link IPT-204817 is down <script>alert(1)</script> since 08:00 UTC, quokkaword.")
    odd.write_bytes(message.as_bytes())
    running.command("send", *map(str, (*mails, odd)))
    running.settled(3)
    return running


@contextmanager
def signed_in(house: Running, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{house.http}", timeout=60) as client:
        assert client.post("/login", data={"name": name, "password": PASSWORD}).status_code == 303
        yield client


def csrf(page: str) -> str:
    return page.split('name="csrf" value="')[1].split('"')[0]


def test_lists_search_views_files_and_figures_of_a_running_house(house: Running) -> None:
    with signed_in(house, "agent") as client:
        _search(client)
        _files(client)
        _views(house, client)
        _directory(client)
        _dashboard(house, client)


def _search(client: httpx.Client) -> None:
    rows = client.get("/tickets", params={"q": "quokkaword"}).text
    (ticket,) = set(re.findall(r"INC-\d{4}-\d+", rows))
    assert "<mark>quokkaword</mark>" in rows
    found = client.get("/contacts", params={"q": "quokkaword", "channel": "email"}).text
    assert "<mark>quokkaword</mark>" in found
    assert "<script>alert" not in found
    assert "Nothing fits" in client.get("/contacts", params={"q": "quokkaword", "channel": "phone"}).text
    for typed, path in ((ticket.lower(), f"/tickets/{ticket}"), ("ipt-204817", "/services/IPT-204817"), ("C-1003", "/customers/C-1003"),
                        ("BG-LOZ-DIA-0113", "/services/DIA-118203")):  # fmt: skip
        answer = client.get("/search", params={"q": typed})
        assert (answer.status_code, answer.headers.get("location")) == (303, path), typed
    both = client.get("/search", params={"q": "quokkaword"}).text
    assert 'id="g-tickets"' in both
    assert 'id="g-contacts"' in both
    for odd in ('"', "a OR b) NEAR(", "'; --", "*", "\ud7ff", "-" * 300):
        assert client.get("/search", params={"q": odd}).status_code == 200
    assert "Nothing has all of these words" in client.get("/search", params={"q": "zzz qqq"}).text


def _files(client: httpx.Client) -> None:
    answer = client.get("/tickets.csv", params={"q": "quokkaword"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="tickets.csv"'
    head, row = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert head[0] == "Ticket"
    assert row[head.index("Subject")] == "'" + EVIL
    for path in ("/contacts", "/customers", "/services", "/outbox", "/notices", "/set-aside"):
        lines = client.get(f"{path}.csv").content.decode("utf-8-sig").splitlines()
        assert len(lines) >= (2 if path in ("/contacts", "/customers", "/services", "/outbox") else 1), path


def _views(house: Running, client: httpx.Client) -> None:
    page = client.get("/tickets", params={"state": "any-open", "priority": "critical"}).text
    form = {"csrf": csrf(page), "listing": "tickets", "query": "state=any-open&priority=critical&sort=oldest&odd=1"}
    refused = client.post("/views", data={**form, "name": "Open"})
    assert refused.status_code == 400
    assert "choose another name" in refused.text
    assert 'value="Open"' in refused.text
    assert client.post("/views", data={**form, "csrf": "forged", "name": "Mine"}).status_code == 403
    assert client.post("/views", data={**form, "listing": "none", "name": "Mine"}).status_code == 404
    for name, shared in (("Mine", ""), ("Ours", "yes"), ("Mine", "")):
        saved = client.post("/views", data={**form, "name": name, "shared": shared})
        assert saved.headers["location"] == "/tickets?state=any-open&priority=critical&sort=oldest"
    mine = client.get("/tickets").text
    assert mine.count(">Mine</a>") == 1
    with signed_in(house, "ben") as ben, signed_in(house, "lead") as lead, signed_in(house, "auditor") as auditor:
        theirs = ben.get("/tickets").text
        assert "Ours" in theirs
        assert "Mine" not in theirs
        numbers = sorted({int(n) for n in re.findall(r"/views/(\d+)/remove", mine)})
        assert len(numbers) == 2
        answers = {n: ben.post(f"/views/{n}/remove", data={"csrf": csrf(theirs)}).status_code for n in numbers}
        assert sorted(answers.values()) == [403, 404]
        page = auditor.get("/tickets?state=any-open").text
        assert "Shared with everybody" not in page
        assert auditor.post("/views", data={**form, "csrf": csrf(page), "name": "X", "shared": "yes"}).status_code == 400
        shared_one = next(n for n, status in answers.items() if status == 403)
        assert lead.post(f"/views/{shared_one}/remove", data={"csrf": csrf(lead.get("/tickets").text)}).status_code == 303
        assert "Ours" not in ben.get("/tickets").text


def _directory(client: httpx.Client) -> None:
    service = client.get("/services/IPT-204817").text
    told = re.search(r"(\d+) tickets? in 45 days", service)
    assert told
    assert int(told[1]) == len(set(re.findall(r"/tickets/(INC-\d{4}-\d+)", service))) > 0
    assert EVIL.replace("'", "&#39;") in service
    customer = re.search(r'href="(/customers/[^"]+)"', service)
    assert customer
    page = client.get(customer[1]).text
    assert "IPT-204817" in page
    assert 'aria-labelledby="o-h"' in page
    assert client.get("/services/NONE").status_code == 404
    assert client.get("/customers/NONE").status_code == 404
    assert client.get("/set-aside", params={"kind": "odd"}).status_code == 404
    assert (
        "Nothing" in client.get("/set-aside", params={"kind": "held"}).text
        or client.get("/set-aside?kind=held").status_code == 200
    )
    wrong = client.get("/tickets", params={"from": "yesterday", "state": "odd"}).text
    assert "is no day; write it as 2026-05-04" in wrong
    assert 'value="yesterday"' in wrong


def _dashboard(house: Running, client: httpx.Client) -> None:
    house.until(lambda: "are not counted yet" not in client.get("/dashboard?days=7").text)
    house.until(lambda: "<b>3</b> contacts" in client.get("/dashboard?days=7").text)
    page = client.get("/dashboard?days=7").text
    assert "3 by email, 0 by phone, 0 by panel" in page
    assert "<svg" in page
    assert "style=" not in page
    assert client.get("/dashboard?days=9999").status_code == 200
