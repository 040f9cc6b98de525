"""Upkeep of the directory: imports with a preview, unknown IDs that customers write, the forms of IDs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, HTTPException, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.rule_sets import EDITORS
from console.site import Site
from models.candidates import KIND, candidates
from models.decided_store import ACCEPTED, DISMISSED, decide
from models.directory import Directory, Service, canonical
from models.directory_csv import parse_csv
from models.directory_file import dump_directory, parse_directory
from models.directory_plan import plan
from models.directory_store import add_service, directory_version, read_directory
from models.errors import DirectoryFileError, StaleError, UserError
from models.import_store import FETCHING, QUEUED, confirm, drop, new_import, newest_imports
from models.tables_rules import DirectoryImport
from models.tables_users import Audit
from models.words import Role
from tickets.policy import save

_TEXT = Annotated[str, Form()]
_ADMINS = frozenset({Role.ADMIN})
_MOST = 60_000_000
_LIVE = (QUEUED, "running", FETCHING, "fetched")


def add_directory_upkeep(app: FastAPI, site: Site) -> None:
    user, admin = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(_ADMINS))
    editor = Depends(site.guard.may(EDITORS))

    @app.get("/directory", response_class=HTMLResponse)
    def upkeep(request: Request, who: SignedIn = user) -> Response:
        return _page(site, request, who)

    @app.get("/directory/imports/{import_id}", response_class=HTMLResponse)
    def import_page(request: Request, import_id: int, who: SignedIn = user, wrong: str = "") -> Response:
        return _import_page(site, request, who, import_id)

    @app.post("/directory/imports", response_class=HTMLResponse)
    def import_sent(
        request: Request,
        who: SignedIn = admin,
        csrf: _TEXT = "",
        do: _TEXT = "upload",
        replace: _TEXT = "",
        file: UploadFile | None = None,
    ) -> Response:
        """Reads a file and shows what it would change, or asks NetBox for one."""
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        old, now = read_directory(site.store), site.clock()
        if do == "netbox":
            with site.store.write() as session:
                row = new_import(session, "NetBox", "", actor=who.name, now=now, replace=bool(replace), state=FETCHING)
            return RedirectResponse(f"/directory/imports/{row.id}", status_code=303)
        data = file.file.read(_MOST + 1) if file and file.filename else b""
        name = (file.filename or "directory")[:100] if file else "directory"
        try:
            new = _read(data, name, old)
        except DirectoryFileError as e:
            return _page(site, request, who, {"file": str(e)}, 422)
        found = plan(old, new, replace=bool(replace))
        with site.store.write() as session:
            text, version = dump_directory(new), old.version
            row = new_import(session, name, text, actor=who.name, now=now, replace=bool(replace), seen=version, result=found)
        return RedirectResponse(f"/directory/imports/{row.id}", status_code=303)

    @app.post("/directory/imports/{import_id}", response_class=HTMLResponse)
    def import_decided(request: Request, import_id: int, who: SignedIn = admin, csrf: _TEXT = "", do: _TEXT = "") -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        try:
            with site.store.write() as session:
                if do == "take":
                    confirm(session, import_id, directory_version(session))
                else:
                    drop(session, import_id)
        except StaleError as e:
            return _import_page(site, request, who, import_id, str(e), 409)
        return RedirectResponse(f"/directory/imports/{import_id}" if do == "take" else "/directory", status_code=303)

    @app.post("/directory/candidates", response_class=HTMLResponse)
    def candidate_decided(
        request: Request,
        who: SignedIn = editor,
        csrf: _TEXT = "",
        do: _TEXT = "",
        id: _TEXT = "",
        customer: _TEXT = "",
        product: _TEXT = "",
    ) -> Response:
        """Makes a service of an unknown ID, or has it forgotten."""
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        id, verdict = id.strip()[:80], DISMISSED
        if do == "accept":
            try:
                add_service(site.store, Service(id, customer.strip(), product.strip()[:100]))
            except DirectoryFileError as e:
                return _page(site, request, who, {f"candidate {id}": str(e)}, 422)
            verdict = ACCEPTED
        with site.store.write() as session:
            decide(session, KIND, canonical(id), verdict, actor=who.name, now=site.clock())
            session.add(Audit(at=site.clock(), actor=who.name, action="id-candidate", detail={"id": id, "verdict": verdict}))
        return RedirectResponse("/directory#candidates", status_code=303)

    @app.post("/directory/formats", response_class=HTMLResponse)
    def format_changed(
        request: Request,
        who: SignedIn = admin,
        csrf: _TEXT = "",
        do: _TEXT = "add",
        prefix: _TEXT = "",
        separator: _TEXT = "",
        digits: _TEXT = "",
    ) -> Response:
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        known, prefix = read_directory(site.store), prefix.strip().upper()
        more = [{"prefix": f.prefix, "separator": f.separator, "digits": f.digits} for f in known.formats if f.prefix != prefix]
        off = sorted(known.formats_off - {prefix})
        if do == "add":
            more.append({"prefix": prefix, "separator": separator, "digits": int(digits) if digits.isdigit() else 0})
        elif do == "off" and all(f.prefix != prefix for f in known.formats):
            off.append(prefix)
        try:
            with site.store.write() as session:
                save(session, "id-formats", "default", {"more": more, "off": off}, author=who.name, now=site.clock())
        except UserError:
            wrong = {"prefix": "letters only, up to 12; one of - _ / . or nothing between; 2 to 16 digits"}
            return _page(site, request, who, wrong, 422, {"prefix": prefix, "separator": separator, "digits": digits})
        return RedirectResponse("/directory#formats", status_code=303)


def _read(data: bytes, name: str, old: Directory) -> Directory:
    if not data:
        raise DirectoryFileError("choose a file: JSON or CSV")
    if len(data) > _MOST:
        raise DirectoryFileError(f"{name}: larger than {_MOST // 1_000_000} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise DirectoryFileError(f"{name}: not UTF-8 ({e}); nothing was changed") from e
    return parse_csv(text, name, old) if name.casefold().endswith(".csv") else parse_directory(text, name)


def _page(
    site: Site,
    request: Request,
    who: SignedIn,
    wrong: dict[str, str] | None = None,
    status: int = 200,
    given: dict[str, Any] | None = None,
) -> Response:
    from parsers.id_shapes import learned

    known = read_directory(site.store)
    with site.store.read() as session:
        found, imports = candidates(session, known), newest_imports(session)
    context = {
        **{"who": who, "known": known, "found": found, "imports": imports, "learned": learned(known), "wrong": wrong or {}},
        **{"may_admin": who.role in _ADMINS, "may_edit": who.role in EDITORS, "netbox": site.tuning.settings.get("netbox", "")},
        "given": given or {"prefix": "", "separator": "-", "digits": ""},
    }
    return site.pages.TemplateResponse(request, "directory_upkeep.html", context, status_code=status)


def _import_page(site: Site, request: Request, who: SignedIn, import_id: int, wrong: str = "", status: int = 200) -> Response:
    with site.store.read() as session:
        row = _row(session, import_id)
    context = {"who": who, "row": row, "live": row.state in _LIVE, "wrong": wrong, "may_admin": who.role in _ADMINS}
    return site.pages.TemplateResponse(request, "directory_import.html", context, status_code=status)


def _row(session: Session, import_id: int) -> DirectoryImport:
    row = session.get(DirectoryImport, import_id)
    if row is None:
        raise HTTPException(404, "There is no such import.")
    return row
