"""The phone simulator: a call in the browser, by keys and typed words, through the real and signed webhooks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.site import Site
from models.errors import IntakeError
from models.words import Role

WORKERS = frozenset({Role.AGENT, Role.LEAD, Role.ADMIN})
KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the conversation: `who` is line or caller."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A call between two requests. `sealed` is all of it, signed, so that only a call of ours can be gone on with."""

    sid: str
    kind: str
    wants: str
    one_key: bool
    speech: bool
    over: bool
    talk: tuple[Line, ...]
    fresh: tuple[str, ...]
    outcomes: tuple[str, ...]
    sealed: str


class Simulator(Protocol):
    """Calls the line through its webhooks. Raises an IntakeError where the line does not answer, or `sealed` is not ours."""

    def begin(self, number: str) -> Shown: ...

    def go_on(self, sealed: str, *, keys: str, speech: str, outcome: str) -> Shown: ...

    def hang_up(self, sealed: str) -> Shown: ...


def add_phone_simulator(app: FastAPI, site: Site) -> None:
    reader = Depends(site.guard.may(EVERYBODY))
    caller = Depends(site.guard.may(WORKERS))

    def page(request: Request, who: SignedIn, shown: Shown | None, *, error: str = "", number: str = "") -> Response:
        context = {
            "who": who,
            "call": shown,
            "error": error,
            "number": number,
            "may_call": who.role in WORKERS,
            "keypad": KEYS,
        }
        return site.pages.TemplateResponse(request, "phone.html", context, status_code=400 if error else 200)

    @app.get("/phone", response_class=HTMLResponse)
    def phone(request: Request, who: SignedIn = reader) -> Response:
        return page(request, who, None)

    @app.post("/phone", response_class=HTMLResponse)
    def phone_begin(
        request: Request, csrf: Annotated[str, Form()], number: Annotated[str, Form()] = "", who: SignedIn = caller
    ) -> Response:
        simulator = _checked(site, request, who, csrf)
        number = re.sub(r"[\s()/-]", "", number)
        if number and not _NUMBER.fullmatch(number):
            return page(
                request, who, None, error="Write the number with its country code, such as +491705550101.", number=number
            )
        try:
            return page(request, who, simulator.begin(number))
        except IntakeError as e:
            return page(request, who, None, error=str(e), number=number)

    @app.post("/phone/next", response_class=HTMLResponse)
    def phone_next(
        request: Request,
        csrf: Annotated[str, Form()],
        sealed: Annotated[str, Form()],
        keys: Annotated[str, Form()] = "",
        key: Annotated[str, Form()] = "",
        speech: Annotated[str, Form()] = "",
        outcome: Annotated[str, Form()] = "",
        act: Annotated[str, Form()] = "",
        who: SignedIn = caller,
    ) -> Response:
        simulator = _checked(site, request, who, csrf)
        try:
            if act == "hang-up":
                return page(request, who, simulator.hang_up(sealed))
            silent = act == "silence"
            keys, speech = ("", "") if silent else (key or keys, speech[:4000])
            return page(request, who, simulator.go_on(sealed, keys=keys, speech=speech, outcome=outcome))
        except IntakeError as e:
            return page(request, who, None, error=str(e))


def _checked(site: Site, request: Request, who: SignedIn, csrf: str) -> Simulator:
    site.guard.check_origin(request)
    site.guard.check_csrf(who, csrf)
    simulator: Simulator | None = getattr(request.app.state, "simulator", None)
    if simulator is None:
        raise HTTPException(503, "This installation has no phone line.")
    return simulator
