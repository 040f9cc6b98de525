"""Replays of a rule set over contacts: asked for here, done in the background, seen before switching on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, HTTPException, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.rule_sets import EDITORS, replayed, shown
from console.rule_try import Mail, compared, mail_of, side
from console.site import Site
from models.corpus_zip import MAX_ARCHIVE, open_corpus
from models.directory_store import read_directory
from models.errors import UserError
from models.label_store import labels_of, stored_mail
from models.replay_store import QUEUED, RUNNING, ask_replay, cancel, newest_runs, upload_of
from models.rule_store import active_rules, digest_of, list_drafts, list_rules
from models.tables_rules import ReplayRun

_TEXT = Annotated[str, Form()]
_MOST = 20_000
KINDS = {
    "last": "the newest contacts",
    "range": "contacts between two days",
    "labelled": "the labelled set",
    "upload": "an uploaded corpus",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    source: dict[str, Any]
    limit: int
    upload: bytes | None = None


def add_rule_replay(app: FastAPI, site: Site) -> None:
    user, editor = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(EDITORS))

    @app.get("/rules/replays", response_class=HTMLResponse)
    def replays(request: Request, who: SignedIn = user, id: int | None = None, set: str = "active") -> Response:
        return _page(site, request, who, id, set)

    @app.get("/rules/replays/{run_id}/{case}", response_class=HTMLResponse)
    def replay_case(request: Request, run_id: int, case: str, who: SignedIn = user) -> Response:
        """One contact of a replay, read by both of its sets, side by side."""
        with site.store.read() as session:
            run = session.get(ReplayRun, run_id)
            if run is None:
                raise HTTPException(404, "There is no such replay.")
            mail, gold = _case(site, session, run, case)
            sets = replayed(session, run)
        directory = read_directory(site.store)
        sides = [side(site, known, directory, mail) for known in sets]
        context = {"who": who, "run": run, "name": case, "sides": sides, "rows": compared(sides), "gold": gold}
        return site.pages.TemplateResponse(request, "rule_case.html", context)

    @app.post("/rules/replays", response_class=HTMLResponse)
    def replay_asked(
        request: Request,
        who: SignedIn = editor,
        csrf: _TEXT = "",
        do: _TEXT = "ask",
        set: _TEXT = "",
        kind: _TEXT = "last",
        last: _TEXT = "1000",
        since: _TEXT = "",
        until: _TEXT = "",
        corpus: UploadFile | None = None,
    ) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        now = site.clock()
        if do == "cancel" and set.isdigit():
            with site.store.write() as session:
                cancel(session, int(set), now)
            return RedirectResponse(f"/rules/replays?id={set}", status_code=303)
        given = {"kind": kind, "last": last, "since": since, "until": until}
        data = corpus.file.read(MAX_ARCHIVE + 1) if corpus and corpus.filename else None
        try:
            asked = _asked(given, data, corpus.filename or "corpus" if corpus else "")
        except _FormError as e:
            return _page(site, request, who, None, set, given, {e.place: str(e)}, 422)
        with site.store.write() as session:
            known, against = shown(session, set), active_rules(session).digest
            text = known.text if known.draft else ""
            digest = "" if known.which == "shipped" or (set == "active" and not against) else digest_of(known.text)
            run = ask_replay(
                session,
                digest,
                against,
                limit=asked.limit,
                actor=who.name,
                now=now,
                text=text,
                source=asked.source,
                upload=asked.upload,
            )
            return RedirectResponse(f"/rules/replays?id={run.id}", status_code=303)


class _FormError(UserError):
    """A part of the form that cannot be used."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


def _asked(given: dict[str, str], data: bytes | None, name: str) -> _Asked:
    """What the form asks for. Raises _FormError beside its part of the form."""
    kind = given["kind"] if given["kind"] in KINDS else "last"
    if not given["last"].strip().isdigit() or not 1 <= int(given["last"]) <= _MOST:
        raise _FormError("last", f"a number of contacts between 1 and {_MOST}")
    limit, source = int(given["last"]), {"kind": kind}
    if kind == "range":
        first, last = _day(given["since"], "since"), _day(given["until"], "until")
        if last < first:
            raise _FormError("until", "the last day is before the first")
        source |= {"from": _midnight(first).isoformat(), "to": _midnight(last + timedelta(days=1)).isoformat()}
    if kind != "upload":
        return _Asked(source, limit)
    if data is None:
        raise _FormError("corpus", "choose a zip archive with .eml files and gold.jsonl")
    try:
        found = open_corpus(data, name)
    except UserError as e:
        raise _FormError("corpus", str(e)) from e
    return _Asked({**source, "name": name[:100]}, len(found.mails), data)


def _day(text: str, place: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as e:
        raise _FormError(place, "a day such as 2026-01-31") from e


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _case(site: Site, session: Session, run: ReplayRun, name: str) -> tuple[Mail, dict[str, Any]]:
    """The mail of a case and what is true of it. Raises 404."""
    if run.source.get("kind") == "upload":
        data = upload_of(session, run.id or 0)
        archive = open_corpus(data, "corpus") if data else None
        if archive is None or name not in archive.mails:
            raise HTTPException(404, "This corpus is no longer kept; upload it again to look at its cases.")
        gold = archive.gold.get(name, {})
        at = datetime.fromisoformat(gold["received_at"]) if gold.get("received_at") else None
        return Mail(archive.mails[name], at, site.tuning.own_addresses), dict(gold)
    kept = stored_mail(session, int(name)) if name.isdigit() else None
    if kept is None:
        raise HTTPException(404, "There is no such contact by mail that was read.")
    return mail_of(site, kept), labels_of(session, [kept.id]).get(kept.id, {})


def _page(
    site: Site,
    request: Request,
    who: SignedIn,
    run_id: int | None,
    which: str,
    given: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    with site.store.read() as session:
        runs, versions, drafts = newest_runs(session), list_rules(session), list_drafts(session)
        run = session.get(ReplayRun, run_id) if run_id else None
    if run_id and run is None:
        raise HTTPException(404, "There is no such replay.")
    live = bool(run and run.state in (QUEUED, RUNNING))
    context = {
        **{"who": who, "runs": runs, "run": run, "live": live, "may_edit": who.role in EDITORS, "kinds": KINDS},
        **{"versions": versions, "drafts": drafts, "which": which, "wrong": wrong or {}},
        "given": given or {"kind": "last", "last": "1000", "since": "", "until": ""},
    }
    return site.pages.TemplateResponse(request, "rule_replays.html", context, status_code=status)
