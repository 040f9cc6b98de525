"""The console over real HTTP: who may see what, what is shown, and that it is live."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi.routing import APIRoute

from app.permissions import declared
from console.app import PUBLIC, build_app
from console.auth import create_user
from console.tuning import Tuning
from models.clock import utc_now
from models.store import Store, ensure_schema
from models.tables import Contact, CustomerRecord, Event, Outbox, ReadingRecord, ServiceRecord, Ticket
from models.tables_life import Problem, Rfo
from models.tables_rules import DirectoryImport, ReplayRun
from tests.servers import free_port
from tests.unit.tickets.life import LEVELS, LIFE
from tickets.policy import save

PATHS = {
    "contact_id": 1,
    "ticket_id": "INC-2026-000018",
    "rfo_id": 1,
    "problem_id": 1,
    "kind": "matrix",
    "name": "default",
    "service_id": "LNK-1001",
    "ref": "m2",
    "case_ref": "INC-2026-000018",
    "customer_id": "K1",
    "run_id": 1,
    "event": "ticket-opened",
    "prompt": "greeting",
    "case": "1",
    "import_id": 1,
}
TUNING = Tuning(prompts={"greeting": "Hello."}, say=lambda _name, text: text, settings={"cap_per_hour": "4"})
# Redirects, downloads, and pages of rows that only their own tests make.
NO_PAGES = frozenset(
    {"stream", "case_page", "review_next", "review_open", "contact_file", "recording"}
    | {"webhook_page", "webhook_edit", "webhook_delivery", "call_record"}
)
EVIL = "<script>alert(1)</script> LNK-1001 is down"


class Site:
    """A console of its own, with a clock that the test turns."""

    def __init__(self, path: Path) -> None:
        self.store = Store(f"sqlite:///{path}/c.db")
        ensure_schema(self.store)
        self.ahead = timedelta()
        self.ok = True
        self.url = f"http://127.0.0.1:{free_port()}"
        self.app = build_app(
            store=self.store,
            clock=lambda: utc_now() + self.ahead,
            provider="Desk",
            public_url=self.url,
            secure_cookies=False,
            checks={"backlog": lambda: (self.ok, "detail")},
            life=LIFE,
            tuning=TUNING,
        )
        self.server = uvicorn.Server(
            uvicorn.Config(self.app, host="127.0.0.1", port=int(self.url[-5:].strip(":")), log_level="error")
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        with self.store.write() as session:
            for role in ("agent", "lead", "admin", "auditor"):
                create_user(session, role, role, "right-password")
        self._fill()

    def _fill(self) -> None:
        now = utc_now()
        span = {"value": "LNK-1001", "raw": "LNK-1001", "spans": [[26, 34]], "rule": "id.family", "version": "1", "score": 0.9}
        found = [{**span, "steps": [["base", 0.9]], "status": "filled", "detail": ""}]
        refused = [{**span, "steps": [], "status": "refused", "detail": "stands in a signature", "spans": [[0, 1]]}]
        with self.store.write() as session:
            session.add(CustomerRecord(id="K1", name="Ostwind"))
            session.flush()
            session.add(ServiceRecord(id="LNK-1001", customer="K1"))
            save(session, "matrix", "default", {"default": True, "levels": LEVELS}, author="admin", now=now)
            session.add(DirectoryImport(name=EVIL, text="", actor=EVIL, created_at=now, state="dropped"))
            session.add(
                ReplayRun(
                    digest="", state="done", created_at=now, result={"cases": [["1", "impact", None, EVIL, "gained", ""]]}
                )
            )
            session.add(Problem(kind="reactive", state="open", title=EVIL, opened_by="ana", opened_at=now))
            session.add(
                Ticket(id="INC-2026-000018", subject=EVIL, opened_at=now, last_contact_at=now, requester="ada@x.example")
            )
            session.flush()
            session.add(
                Rfo(
                    ticket_id="INC-2026-000018", state="requested", requested_at=now, requested_by="ada", channel="email",
                    due_at=now, body={"title": EVIL},
                )
            )  # fmt: skip
            session.flush()
            session.add(Contact(id=1, mailbox="m", dedupe_key="1", raw=b"raw bytes", arrived_at=now, subject=EVIL, state="filed",
                                verdict="person", ticket_id="INC-2026-000018"))  # fmt: skip
            session.flush()
            data = {"text": EVIL, "evidence": {"service_id": found + refused}, "missing": ["impact"]}
            session.add(ReadingRecord(contact_id=1, rule_set="r", data=data, created_at=now))
            session.add(Event(ticket_id="INC-2026-000018", at=now, actor="intake", kind="opened", why="a person"))
            session.add(Outbox(ticket_id="INC-2026-000018", contact_id=1, event="ticket-opened", dedupe_key="k", message_id="<m@x>",
                               to_address="ada@x.example", envelope_from="b@x", body_text="Dear Ada", created_at=now, due_at=now))  # fmt: skip
            session.flush()
            session.add(Outbox(ticket_id="INC-2026-000018", contact_id=1, event="ticket-opened", dedupe_key="k2", message_id="<m2@x>",
                               to_address="gone@x.example", envelope_from="b@x", subject=EVIL, raw=EVIL.encode(), state="failed",
                               last_error="550 5.1.1 no", created_at=now, due_at=now))  # fmt: skip

    @contextmanager
    def client(self, role: str = "") -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, timeout=60) as client:
            if role:
                answer = client.post("/login", data={"name": role, "password": "right-password"})
                assert answer.status_code == 303
            yield client


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    s = Site(tmp_path)
    s.thread.start()
    while not s.server.started:
        threading.Event().wait(0.02)
    yield s
    s.app.state.closing.set()
    s.server.should_exit = True
    s.thread.join()
    s.store.close()


def pages(site: Site) -> list[str]:
    return [
        r.path.format(**PATHS)
        for r in site.app.routes
        if isinstance(r, APIRoute) and "GET" in (r.methods or ()) and r.name not in PUBLIC | NO_PAGES
    ]


def test_every_page_wants_a_sign_in_and_is_shown_to_each_role(site: Site) -> None:
    assert len(pages(site)) >= 20
    with site.client() as nobody:
        for path in (*pages(site), "/?who=x"):
            assert nobody.get(path).status_code == 303, path
        assert nobody.get("/stream").status_code == 401
        assert nobody.post("/logout").status_code == 303
    may = {d.path.format(**PATHS): d.permission.who for d in declared(site.app) if d.permission and d.name not in PUBLIC | NO_PAGES
           and "GET" in d.methods and d.permission.kind == "roles"}  # fmt: skip
    for role in ("agent", "lead", "admin", "auditor"):
        with site.client(role) as client:
            for path in pages(site):
                wanted = 200 if role in may.get(path, {role}) else 403
                assert client.get(path).status_code == wanted, (role, path)


def test_a_mail_cannot_put_a_script_into_a_page(site: Site) -> None:
    with site.client("agent") as client:
        for path in pages(site):
            if path.endswith(("pdf", "raw", "html", ".csv")):
                continue
            answer = client.get(path)
            assert "<script>alert" not in answer.text
            assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_contact_shows_words_evidence_refusals_and_answer(site: Site) -> None:
    with site.client("agent") as client:
        page = client.get("/contacts/1").text
        assert '<mark class="f-service_id"' in page
        assert ">LNK-1001</mark>" in page
        assert 'role="tooltip"' in page
        assert "stands in a signature" in page
        assert "Dear Ada" in page
        raw = client.get("/contacts/1/raw")
        assert raw.content == b"raw bytes"
        assert raw.headers["content-disposition"].startswith("attachment")
        assert client.get("/contacts/99").status_code == 404
        assert client.get("/", params={"q": "000018"}).headers["location"] == "/search?q=000018"
        assert "INC-2026-000018" in client.get("/search", params={"q": "000018"}).text
        assert "INC-2026-000018" not in client.get("/search", params={"q": "100%"}).text


def test_five_wrong_passwords_lock_and_unknown_names_read_the_same(site: Site) -> None:
    with httpx.Client(base_url=site.url) as client:
        wrong = [client.post("/login", data={"name": n, "password": "x"}) for n in ("agent", "nobody")]
        assert [w.status_code for w in wrong] == [401, 401]
        assert wrong[0].text.replace("agent", "") == wrong[1].text.replace("nobody", "")
        for _ in range(4):
            client.post("/login", data={"name": "agent", "password": "x"})
        assert client.post("/login", data={"name": "agent", "password": "right-password"}).status_code == 401
        site.ahead = timedelta(minutes=16)
        assert client.post("/login", data={"name": "agent", "password": "right-password"}).status_code == 303


def test_a_session_ends_after_idle_time_and_sign_out(site: Site) -> None:
    with site.client("agent") as client:
        site.ahead = timedelta(minutes=20)
        assert client.get("/outbox").status_code == 200
        site.ahead = timedelta(minutes=45)
        assert client.get("/", headers={"X-Live": "1"}).status_code == 200
        site.ahead = timedelta(minutes=55)
        assert client.get("/").status_code == 303
    with site.client("admin") as client:
        page = client.get("/").text
        csrf = page.split('name="csrf" value="')[1].split('"')[0]
        assert client.post("/logout", data={"csrf": "forged"}).status_code == 403
        assert client.post("/logout", data={"csrf": csrf}, headers={"Origin": "https://evil.example"}).status_code == 403
        assert client.post("/logout", data={"csrf": csrf}).status_code == 303
        assert client.get("/").status_code == 303


def test_the_list_is_live(site: Site) -> None:
    with site.client("agent") as client, client.stream("GET", "/stream", timeout=30) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry")
        with site.store.write() as session:
            session.add(Contact(mailbox="m", dedupe_key="2", raw=b"", arrived_at=utc_now()))
        assert next(line for line in lines if line.startswith("event")) == "event: change"


def test_health_tells_the_truth(site: Site) -> None:
    with site.client() as client:
        assert client.get("/healthz").json() == {"ok": True}
        assert client.get("/readyz").status_code == 200
        site.ok = False
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (
            503,
            {"ok": False, "checks": {"backlog": {"ok": False, "detail": "detail"}}},
        )
