"""What an operator's monitor asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response

from console.site import Site


def add_health(app: FastAPI, site: Site) -> None:
    @app.get("/healthz")
    def healthz() -> dict[str, bool]:
        return {"ok": True}

    @app.get("/readyz")
    def readyz() -> Response:
        found = {name: _asked(check) for name, check in site.checks.items()}
        ok = all(r["ok"] for r in found.values())
        return JSONResponse({"ok": ok, "checks": found}, status_code=200 if ok else 503)


def _asked(check: Callable[[], tuple[bool, str]]) -> dict[str, Any]:
    try:
        ok, detail = check()
    except Exception as e:  # a check that fails is the answer, not an error page
        ok, detail = False, f"{type(e).__name__}"
    return {"ok": ok, "detail": detail}
