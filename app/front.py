"""Before everything else: what other systems call goes straight to its application, past the routes and pages for people."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem
from console.guard import HEADERS, HSTS
from models.audit_log import CALLER


class ApiFirst:
    """Middleware that gives each prefix to its own application and adds the headers that every answer carries.

    What only nearly begins like a prefix (a slash or a line break too many) is another system's mistake: it is told so
    in the form that it reads, not by a page.
    """

    def __init__(self, app: ASGIApp, mounted: Mapping[str, ASGIApp]) -> None:
        self._app, self._mounted = app, dict(mounted)
        self._names = {prefix.strip("/").partition("/")[0] for prefix in mounted}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _first_part(scope["path"]) not in self._names:
            await self._app(scope, receive, send)
            return
        secure = scope["scheme"] == "https"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if secure:
                    headers.setdefault("Strict-Transport-Security", HSTS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        token = CALLER.set(scope["client"][0] if scope.get("client") else "")
        try:
            await self._inside(scope, receive, with_headers)
        finally:
            CALLER.reset(token)

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, root = scope["path"], scope.get("root_path", "")
        for prefix, app in self._mounted.items():
            if path.startswith(f"{prefix}/"):
                inner = {**scope, "app_root_path": scope.get("app_root_path", root), "root_path": root + prefix}
                await app(inner, receive, send)
                return
        await Problem(404, "There is nothing at this address.").answer()(scope, receive, send)


def _first_part(path: str) -> str:
    """The first part of a path that holds anything, without the blanks and control characters around it."""
    found = (part.strip("\0\x0b\x0c\x1c\x1d\x1e\x1f\x7f \t\r\n") for part in path.split("/"))
    return next((part for part in found if part), "")
