"""Sign-in by the provider's own service (OpenID Connect): code flow with PKCE, state and nonce."""

from __future__ import annotations

import secrets
from typing import Any

import structlog
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from console.auth import open_session
from console.oidc_client import OidcClient, OidcError, Person
from console.signing import caller_of, login_answer, signed_in
from console.site import Site
from console.user_acts import set_role
from models.access import public
from models.audit_log import record
from models.tables_users import User
from models.words import Role

log = structlog.get_logger("console.oidc")
_WAIT_S = 600
_STRONGEST = (Role.ADMIN, Role.LEAD, Role.AUDITOR, Role.AGENT)


def add_oidc(app: FastAPI, site: Site) -> None:
    settings = site.oidc
    client = OidcClient(settings) if settings else None
    # What the browser takes along to the service and back: signed, so that it cannot be made up, and good for one try.
    travel = URLSafeTimedSerializer(settings.key if settings else secrets.token_bytes(32), salt="oidc")
    cookie = "__Host-oidc" if site.guard.secure else "oidc"

    @app.get("/oidc/start")
    @public("leads to the sign-in service")
    def oidc_start(request: Request) -> Response:
        if client is None:
            raise HTTPException(404, "No sign-in service is set (INTAKE_OIDC_ISSUER).")
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        try:
            url = client.leave_for(state, nonce, verifier)
        except OidcError as e:
            log.error("oidc_failed", why=str(e))
            return login_answer(request, site, error="The sign-in service cannot be reached now.", status=502)
        answer = RedirectResponse(url, status_code=303)
        kept = travel.dumps([state, nonce, verifier])
        answer.set_cookie(cookie, kept, max_age=_WAIT_S, httponly=True, samesite="lax", secure=site.guard.secure, path="/")
        return answer

    @app.get("/oidc/callback", response_class=HTMLResponse)
    @public("where the sign-in service sends the browser back to, with state and nonce")
    def oidc_back(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
        if client is None:
            raise HTTPException(404, "No sign-in service is set (INTAKE_OIDC_ISSUER).")
        try:
            nonce, verifier = _taken_along(travel, request.cookies.get(cookie, ""), state)
            if error or not code:
                raise OidcError(f"the sign-in service says {error[:80] or 'nothing'}")
            token = _enter(site, request, client.person(code, verifier, nonce))
        except OidcError as e:
            log.warning("oidc_refused", why=str(e), ip=caller_of(request))
            with site.store.write() as session:
                record(session, "sign-in-refused", at=site.clock(), actor="sign-in service", why=str(e)[:300])
            said = f"You are not signed in: {e}."
            answer: Response = login_answer(request, site, error=said, status=403)
        else:
            answer = signed_in(site.guard, token)
        answer.delete_cookie(cookie, path="/", secure=site.guard.secure, httponly=True, samesite="lax")
        return answer


def _taken_along(travel: URLSafeTimedSerializer, kept: str, state: str) -> tuple[str, str]:
    try:
        mine: list[Any] = travel.loads(kept, max_age=_WAIT_S)
        known, nonce, verifier = (str(x) for x in mine)
    except (BadSignature, ValueError, TypeError) as e:
        raise OidcError("this sign-in was not begun here, or took too long; begin again") from e
    if not state or not secrets.compare_digest(known.encode(), state.encode(errors="replace")):
        raise OidcError("the answer belongs to another sign-in; begin again")
    return nonce, verifier


def _enter(site: Site, request: Request, person: Person) -> str:
    """A session for the person, who is made a user with the first sign-in and has the role of his groups from then on."""
    assert site.oidc
    given = {site.oidc.roles[g] for g in person.groups if g in site.oidc.roles}
    role = next((r for r in _STRONGEST if r in given), None)
    if role is None:
        raise OidcError("none of your groups has a role here; ask an admin")
    now, agent = site.clock(), request.headers.get("user-agent", "")
    with site.store.write() as session:
        found = session.get(User, person.name, with_for_update=True)
        if found is not None and found.subject != person.subject:
            # A name alone proves nothing: whoever can choose it there would otherwise take over the account here.
            raise OidcError(f"there is another user {person.name} here; ask an admin")
        if found is not None and found.disabled:
            raise OidcError("your account is locked; ask an admin")
        if found is None:
            found = User(name=person.name, role=role.value, password_hash="", subject=person.subject, created_at=now)
            session.add(found)
            session.flush()
            after = {"role": role.value, "subject": person.subject}
            record(session, "user-added", at=now, actor="sign-in service", subject=f"user:{person.name}", after=after)
        elif found.role != role.value:
            set_role(session, person.name, role.value, now=now, actor="sign-in service")
        old = request.cookies.get(site.guard.cookie, "")
        return open_session(session, found, now, ip=caller_of(request), agent=agent, old=old, how="sign-in service")
