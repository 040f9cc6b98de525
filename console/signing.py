"""Sign-in and sign-out."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.auth import SignedIn, sign_in, sign_out
from console.guard import EVERYBODY, Guard
from console.site import Site
from models.access import public


def add_signing(app: FastAPI, site: Site) -> None:
    @app.get("/login", response_class=HTMLResponse)
    @public("where one signs in")
    def login_page(request: Request) -> Response:
        return login_answer(request, site)

    @app.post("/login", response_class=HTMLResponse)
    @public("signs in; asks the origin, and locks out who guesses")
    def login(request: Request, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "") -> Response:
        site.guard.check_origin(request)
        token = sign_in(
            site.store, name.strip()[:100], password[:1000], site.clock(), ip=caller_of(request),
            agent=request.headers.get("user-agent", ""), old=request.cookies.get(site.guard.cookie, ""),
        )  # fmt: skip
        if token is None:
            error = "Name or password is wrong, or too many tries: after five wrong ones wait 15 minutes."
            return login_answer(request, site, error=error, name=name[:100], status=401)
        return signed_in(site.guard, token)

    @app.post("/logout")
    def logout(request: Request, who: SignedIn = Depends(site.guard.may(EVERYBODY))) -> Response:
        sign_out(site.store, request.cookies[site.guard.cookie])
        return signed_out(site.guard)


def login_answer(request: Request, site: Site, *, error: str = "", name: str = "", status: int = 200) -> Response:
    context = {"error": error, "name": name, "who": None, "other_way": site.sign_in_label}
    return site.pages.TemplateResponse(request, "login.html", context, status_code=status)


def signed_in(guard: Guard, token: str) -> Response:
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(guard.cookie, token, httponly=True, samesite="lax", secure=guard.secure, path="/")
    return answer


def signed_out(guard: Guard) -> Response:
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(guard.cookie, path="/", secure=guard.secure, httponly=True, samesite="lax")
    return answer


def caller_of(request: Request) -> str:
    """The address that a request came from."""
    return request.client.host if request.client else ""
