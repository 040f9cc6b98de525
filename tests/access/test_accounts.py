"""Users, one's own account, tokens and the audit log, on their pages and on the command line."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import timedelta

import httpx
from sqlalchemy import text
from sqlmodel import select

from models.audit_log import record
from models.tables_users import Audit, WebSession
from tests.access.house import PASSWORD, WholeSite, csrf_of
from tests.running import ROOT


def post(client: httpx.Client, path: str, **form: str) -> httpx.Response:
    """A form of one of the pages, with its token."""
    return client.post(path, data={"csrf": csrf_of(client.get("/account").text), **form})


def test_a_new_user_must_choose_a_password_and_cannot_do_anything_before(site: WholeSite) -> None:
    with site.client("admin") as admin:
        assert "at least 10" in post(admin, "/users", name="nora", role="agent", password="short").text
        refused = post(admin, "/users", name="no ra", role="agent", password="four words for now")
        assert (refused.status_code, 'value="no ra"' in refused.text) == (422, True)
        assert post(admin, "/users", name="nora", role="agent", password="four words for now").status_code == 200
        assert "exists already" in post(admin, "/users", name="nora", role="agent", password="four words for now").text
    with site.client() as nora:
        assert nora.post("/login", data={"name": "nora", "password": "four words for now"}).status_code == 303
        assert nora.get("/").headers["location"] == "/account"
        page = nora.get("/account").text
        assert "choose a password of your own" in page
        csrf = csrf_of(page)
        wrong = nora.post(
            "/account/password", data={"csrf": csrf, "old": "x", "new": "my own new words", "again": "my own new words"}
        )
        assert (wrong.status_code, "present password is not right" in wrong.text) == (422, True)
        form = {"csrf": csrf, "old": "four words for now", "new": "my own new words", "again": "my own new words"}
        assert nora.post("/account/password", data=form).status_code == 303
        assert nora.get("/").status_code == 200


def test_a_role_that_changes_and_a_lock_end_the_sessions(site: WholeSite) -> None:
    with site.client("admin") as admin, site.client("lead") as lead:
        assert post(admin, "/users/lead/role", role="agent").status_code == 200
        assert lead.get("/").status_code == 303
        assert post(admin, "/users/lead/role", role="lead").status_code == 200
        assert lead.post("/login", data={"name": "lead", "password": PASSWORD}).status_code == 303
        assert post(admin, "/users/lead/lock").status_code == 200
        assert lead.get("/").status_code == 303
        assert lead.post("/login", data={"name": "lead", "password": PASSWORD}).status_code == 401
        assert post(admin, "/users/lead/unlock").status_code == 200
        assert lead.post("/login", data={"name": "lead", "password": PASSWORD}).status_code == 303
        reset = post(admin, "/users/lead/reset")
        word = reset.text.split("<code>")[1].split("</code>")[0]
        assert lead.get("/").status_code == 303
        assert lead.post("/login", data={"name": "lead", "password": word}).status_code == 303
        assert lead.get("/").headers["location"] == "/account"
        form = {"old": word, "new": PASSWORD, "again": PASSWORD}
        assert post(lead, "/account/password", **form).status_code == 303


def test_the_last_admin_stays_and_nobody_locks_himself(site: WholeSite) -> None:
    with site.client("admin") as admin:
        assert "last admin" in post(admin, "/users/admin/role", role="agent").text
        assert "cannot lock yourself" in post(admin, "/users/admin/lock").text
        assert post(admin, "/users/nobody/lock").status_code == 409
        assert post(admin, "/users/agent/promote").status_code == 409


def test_my_sessions_are_shown_ended_one_by_one_and_all_at_once(site: WholeSite) -> None:
    with site.client("auditor") as one, site.client("auditor") as two, site.client("auditor") as three:
        other = two.cookies["session"]
        page = one.get("/account").text
        assert page.count("127.0.0.1") >= 3
        with site.house.store.read() as session:
            rows = session.exec(select(WebSession).where(WebSession.user_name == "auditor")).all()
        digest = hashlib.sha256(other.encode()).hexdigest()
        assert digest in {r.token_hash for r in rows}
        assert other not in {r.token_hash for r in rows}
        assert post(one, "/account/sessions", which=digest[:16]).status_code == 303
        assert two.get("/").status_code == 303
        assert three.get("/").status_code == 200
        assert post(one, "/account/sessions", which="all").headers["location"] == "/login"
        assert three.get("/").status_code == 303


def test_signing_in_again_gives_another_token_and_ends_the_one_before(site: WholeSite) -> None:
    with site.client("agent") as client:
        before = client.cookies["session"]
        assert client.post("/login", data={"name": "agent", "password": PASSWORD}).status_code == 303
        after = client.cookies["session"]
    assert before != after
    with httpx.Client(base_url=site.url, cookies={"session": before}) as old:
        assert old.get("/").status_code == 303


def test_a_session_ends_after_twelve_hours_however_busy(site: WholeSite) -> None:
    with site.client("agent") as client:
        for minutes in range(25, 12 * 60, 25):
            site.ahead = timedelta(minutes=minutes)
            assert client.get("/account").status_code == 200
        site.ahead = timedelta(hours=12, minutes=1)
        assert client.get("/account").status_code == 303


def test_a_guesser_locks_himself_out_and_not_the_user_elsewhere(site: WholeSite) -> None:
    elsewhere = {"X-Forwarded-For": "192.0.2.66"}
    with site.client() as guesser, site.client() as user:
        for _ in range(5):
            wrong = guesser.post("/login", data={"name": "agent", "password": "wrong"}, headers=elsewhere)
            assert wrong.status_code == 401
        locked = guesser.post("/login", data={"name": "agent", "password": PASSWORD}, headers=elsewhere)
        assert locked.status_code == 401
        assert user.post("/login", data={"name": "agent", "password": PASSWORD}).status_code == 303
        site.ahead = timedelta(minutes=16)
        assert guesser.post("/login", data={"name": "agent", "password": PASSWORD}, headers=elsewhere).status_code == 303


def test_the_time_zone_is_checked_and_kept(site: WholeSite) -> None:
    with site.client("agent") as client:
        wrong = post(client, "/account/timezone", zone="Mars/Olympus")
        assert (wrong.status_code, 'value="Mars/Olympus"' in wrong.text) == (422, True)
        assert post(client, "/account/timezone", zone="Europe/Berlin").status_code == 303
        page = client.get("/account").text
        assert 'value="Europe/Berlin"' in page
        assert '<body data-timezone="Europe/Berlin">' in page


def test_a_token_is_shown_once_works_and_is_revoked(site: WholeSite) -> None:
    with site.client("agent") as client, site.client() as system:
        over = post(client, "/tokens", name="mine", days="30", scope="rules:write")
        assert (over.status_code, "may not give" in over.text, 'value="mine"' in over.text) == (422, True, True)
        made = post(client, "/tokens", name="mine", days="30", scope="tickets:read")
        secret = made.text.split("<code>")[1].split("</code>")[0]
        page = client.get("/tokens").text
        assert "mine" in page
        assert secret not in page
        headers = {"Authorization": f"Bearer {secret}"}
        assert system.get("/api/v1/tickets", headers=headers).status_code == 200
        assert post(client, f"/tokens/{secret.split('_')[1]}/revoke").status_code == 303
        assert system.get("/api/v1/tickets", headers=headers).status_code == 401
    with site.client("lead") as other:
        assert "mine" not in other.get("/tokens").text
        assert post(other, f"/tokens/{secret.split('_')[1]}/revoke").status_code == 404


def test_the_log_says_who_looked_exported_and_changed_with_before_and_after(site: WholeSite) -> None:
    with site.client("agent") as agent:
        with site.client(headers=site.token("tickets:write")) as system:
            ticket = system.post("/api/v1/tickets", json={"description": "DIA-118203 is down", "is_new": True}).json()["id"]
        for _ in range(2):
            assert agent.get(f"/tickets/{ticket}").status_code == 200
    with site.client("auditor") as auditor, site.client("admin") as admin:
        post(admin, "/users/agent/role", role="lead")
        post(admin, "/users/agent/role", role="agent")
        seen = auditor.get("/audit", params={"subject": f"ticket:{ticket}"}).text
        assert seen.count(f'<td data-th="About">ticket:{ticket}</td>') == 1
        role = auditor.get("/audit", params={"action": "user-role", "actor": "admin"}).text
        assert "role: lead" in role
        assert "127.0.0.1" in role
        assert auditor.get("/audit", params={"since": "soon"}).status_code == 422
        assert "Nothing that fits" in auditor.get("/audit", params={"until": "2001-01-01"}).text
        lines = auditor.get("/audit/export", params={"action": "user-role"}).text.splitlines()
        assert len(lines) >= 2
        assert "exported" in auditor.get("/audit", params={"actor": "auditor"}).text
        assert "The chain is whole" in auditor.get("/audit", params={"check": "true"}).text


def test_pages_of_the_log_go_on_by_key(site: WholeSite) -> None:
    with site.house.store.write() as session:
        for n in range(130):
            record(session, "filler", at=site.now(), actor="filler", n=n)
    with site.client("auditor") as auditor:
        first = auditor.get("/audit", params={"actor": "filler"}).text
        older = first.split('<a href="/audit?')[1].split('"')[0].replace("&amp;", "&")
        second = auditor.get(f"/audit?{older}").text
    assert first.count('data-th="No."') == 100
    assert second.count('data-th="No."') == 30


def test_the_command_line_keeps_users_and_tokens_and_names_the_broken_row(site: WholeSite) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith("INTAKE_")} | {
        "INTAKE_DATA_DIR": str(site.house.settings.data_dir), "INTAKE_MAIL_ADDRESSES": "noc@halverlink.example",
    }  # fmt: skip

    def intake(*arguments: str, given: str = "") -> tuple[int, str]:
        command = [sys.executable, "-m", "app", *arguments]
        done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, input=given)
        return done.returncode, done.stdout + done.stderr

    assert intake("user", "add", "otto", "--role", "agent", "--password-stdin", given="words of otto\n")[0] == 0
    assert intake("user", "role", "otto", "--role", "lead") == (0, "otto is lead now\n")
    assert intake("user", "passwd", "otto", "--password-stdin", given="other words of otto\n")[0] == 0
    assert "too simple" in intake("user", "passwd", "otto", "--password-stdin", given="aaaaaaaaaaaa\n")[1]
    with site.client() as client:
        assert client.post("/login", data={"name": "otto", "password": "other words of otto"}).status_code == 303
    assert intake("user", "lock", "otto")[0] == 0
    assert '"name": "otto", "role": "lead", "locked": true' in intake("user", "list", "--json")[1]
    code, secret = intake("token", "add", "cli-1", "--scope", "tickets:read")
    assert (code, secret.startswith("itk_")) == (0, True)
    assert "is no scope" in intake("token", "add", "cli-2", "--scope", "everything")[1]
    assert intake("token", "revoke", "cli-1") == (0, "cli-1 is revoked\n")
    code, said = intake("audit", "verify")
    assert (code, said.startswith("whole: ")) == (0, True)
    with site.house.store.read() as session:
        row = session.exec(select(Audit).where(Audit.subject == "user:otto")).first()
    assert row
    with site.house.store.engine.begin() as connection:
        connection.execute(text("UPDATE audit SET actor = 'mallory' WHERE seq = :s"), {"s": row.seq})
    code, said = intake("audit", "verify")
    assert (code, f"BROKEN at row {row.seq}" in said) == (1, True)
    assert f"BAD audit log: row {row.seq}" in intake("doctor")[1]
    with site.client("auditor") as auditor:
        assert "The chain is broken" in auditor.get("/audit", params={"check": "true"}).text
