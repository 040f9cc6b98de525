"""Every route has a declared permission; one without it answers nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from console.app import PUBLIC
from models.access import Permission, permission_of

log = structlog.get_logger("app.permissions")
# Doors that have a lock of their own, each with its own walk among the tests.
DOORS: tuple[tuple[str, Permission], ...] = (
    ("/voice/", Permission("signed", why="the carrier's signature on every request (ivr/web.py)")),
    ("/metrics", Permission("signed", why="a bearer token of its own, or this machine (app/metrics.py)")),
    ("/panel", Permission("signed", why="the customer's session or a signed link (panel/)")),
)
PUBLIC_FILES = Permission("public", why="style, scripts and pictures of the pages")


@dataclass(frozen=True, slots=True)
class Declared:
    """One route as the outside sees it; `permission` is None where nobody has declared one."""

    path: str
    methods: frozenset[str]
    name: str
    permission: Permission | None
    route: BaseRoute


def declared(app: ASGIApp, prefix: str = "") -> Iterator[Declared]:
    """All routes of the application and of those mounted in it."""
    for route in getattr(app, "routes", ()):
        path = prefix + getattr(route, "path", "")
        if isinstance(route, Mount) and getattr(route.app, "routes", None):
            yield from declared(route.app, path)
        elif isinstance(route, (Route, Mount)):
            methods = frozenset(getattr(route, "methods", None) or {"GET"}) - {"HEAD"}
            yield Declared(path, methods, route.name or "", _permission(route, path), route)


def deny_undeclared(app: FastAPI) -> None:
    """Closes what has no declared permission, and says so in the log."""
    for found in declared(app):
        if found.permission is None:
            log.error("route_without_permission", path=found.path, name=found.name)
            found.route.app = _denied  # type: ignore[attr-defined]


def _permission(route: Route | Mount, path: str) -> Permission | None:
    if isinstance(route, Mount):
        return PUBLIC_FILES if path in ("/static", "/panel/static") else None
    if isinstance(route, APIRoute) and (found := _of_dependencies(route.dependant)):
        return found
    if own := permission_of(getattr(route, "endpoint", None)):
        return own
    if route.name in PUBLIC:
        return Permission("public", why="named in console/app.py")
    return next((p for start, p in DOORS if path.startswith(start)), None)


def _of_dependencies(dependant: Dependant) -> Permission | None:
    for inner in dependant.dependencies:
        if found := permission_of(inner.call) or _of_dependencies(inner):
            return found
    return None


async def _denied(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("This route has no declared permission.", status_code=403)(scope, receive, send)
