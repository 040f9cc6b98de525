"""All that is served over HTTP, put together: the console, and what other folders add under paths of their own."""

from __future__ import annotations

from collections.abc import Callable, Collection

from fastapi import FastAPI

from app.api import add_api
from app.checks import readiness, smtp_greets
from app.house import House
from app.metrics import add_metrics
from app.oidc import oidc_settings
from app.panel import PanelReader, panel_site
from app.permissions import deny_undeclared
from app.phone import phone_ends, phone_line
from app.policies import tuning
from app.processes import WorkerProcesses
from app.simulator import PhoneSimulator
from console.app import build_app
from ivr.web import Webhooks, add_voice
from outbound.webhook_sending import parse_allowed
from panel.app import build_panel


def build_site(
    house: House,
    workers: WorkerProcesses | None,
    parts: Collection[str] = (),
    hint: Callable[[int], None] = lambda _row: None,
) -> FastAPI:
    """The application that `intake serve` runs; `hint` tells the workers of a mail that waits.

    `parts` are those of this process (`intake serve --only`); without any it serves pages alone, as tests do.
    """
    s = house.settings
    checks = readiness(house, workers)
    if not parts or "smtp" in parts:
        checks["smtp"] = lambda: smtp_greets(s.smtp_listen)
    app = build_app(
        store=house.store,
        clock=house.clock,
        provider=s.provider_name,
        public_url=s.public_url,
        secure_cookies=s.public_url.startswith("https://"),
        checks=checks,
        life=house.life,
        oidc=oidc_settings(s),
        hooks_to=parse_allowed(s.webhook_allow),
        tuning=tuning(house),
    )
    add_metrics(app, house)
    app.state.voice = Webhooks(phone_line(house), phone_ends(house))
    add_voice(app, app.state.voice)
    app.state.simulator = PhoneSimulator(house)
    reader = PanelReader(house)
    if parts:
        reader.start()
    app.mount("/panel", build_panel(panel_site(house, reader.read, hint)), name="panel")
    add_api(app, house)
    deny_undeclared(app)
    return app
